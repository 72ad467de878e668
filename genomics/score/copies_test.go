package score

import (
	"math"
	"testing"

	"genoveil/genomics"
)

// TestCopies: a weight counts an allele: on mitochondria half of what the call is coded as.
// On Y there is no score.
func TestCopies(t *testing.T) {
	variants := []genomics.Variant{
		{Chrom: "1", Pos: 1, ID: "a", Ref: "A", Alt: "G"}, {Chrom: "chrX", Pos: 1, ID: "x", Ref: "A", Alt: "G"},
		{Chrom: "PAR1", Pos: 2, ID: "p", Ref: "A", Alt: "G"}, {Chrom: "chrY", Pos: 1, ID: "y", Ref: "A", Alt: "G"}, {Chrom: "chrM", Pos: 1, ID: "m", Ref: "A", Alt: "G"},
	}
	f := &File{Path: "w", Names: []string{"S"}}
	for i, at := range []string{"1 1", "X 1", "X 2", "Y 1", "MT 1"} {
		chromosome, pos := at[:len(at)-2], int(at[len(at)-1]-'0')
		f.Weights = append(f.Weights, Weight{Line: i + 1, Chrom: chromosome, Pos: pos, Effect: "G", Other: "A", Values: []float64{8}, Frequency: math.NaN()})
	}
	model, reports, err := Match([]*File{f}, variants, MeanImputation{Off: true})
	if err != nil {
		t.Fatal(err)
	}
	for j, want := range []float64{8, 8, 8, 0, 4} {
		if got := model.Alt[0][j]; got != want {
			t.Errorf("%s: weight %g, want %g", variants[j].Chrom, got, want)
		}
	}
	if r := reports[0]; r.Matched != 4 || r.OnY != 1 || model.Matched[0] != 4 || model.Constant[0] != 28 {
		t.Errorf("%+v, %d matched, constant %g", r, model.Matched[0], model.Constant[0])
	}
}
