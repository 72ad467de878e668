package owner_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/test"
	"genoveil/pipeline/owner"
	"genoveil/pipeline/pipelinetest"
)

// contradicted are rows of which one cannot be.
type contradicted struct{ pipelinetest.Collector }

func (c *contradicted) Write(m *test.Moments) error {
	if m.Variant.ID == "impossible" {
		return fmt.Errorf("variant %s: %w", m.Variant.ID, genomics.Contradiction("17 of 5 samples"))
	}
	return nil
}

// TestContradictionsAreFailedChecks: sums that passed the check but are impossible end
// as those that failed it, whichever test finds them, and the error does not say more.
func TestContradictionsAreFailedChecks(t *testing.T) {
	c := pipelinetest.Simulated(t, 100, 1500, 0, 0)
	c.Variants[1200].ID = "impossible"
	w := pipelinetest.NewSmallWorld(t)
	w.Encrypt(c.All())
	w.Query("case", c.Status)
	w.Run("case", "case")
	d, err := w.Decryption("case", "case")
	w.Must(err)
	_, err = d.Results(t.Context(), []test.Table{{Path: w.Path("out"), Open: func(io.Writer, int) (test.Rows, error) { return &contradicted{}, nil }}})
	var failed *owner.CheckFailed
	if !errors.As(err, &failed) || len(owner.FailedBlocks(failed)) != 1 || owner.FailedBlocks(failed)[0] != 1 || strings.Contains(err.Error(), "17 of 5") {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(w.Path("out")); err == nil {
		t.Error("a table was written")
	}
}
