package test

import (
	"math"
	"testing"

	"genoveil/genomics/glm"
)

// TestColumnsAreCopied: a trait leaves its model as it was.
func TestColumnsAreCopied(t *testing.T) {
	values := make([]float64, 50)
	for i := range values {
		values[i] = math.Sin(float64(i))
	}
	null, err := glm.FitLinear(values, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	model := null.Model()
	columns := len(model.Columns)
	short := ModelTrait("T", model, false)
	if len(model.Columns) != columns || len(short.Columns) >= columns || len(short.Model.Columns) != len(short.Columns) || len(ModelTrait("T", model, true).Columns) != columns {
		t.Errorf("%d columns of %d, and %d left in the model", len(short.Columns), columns, len(model.Columns))
	}
}
