package pipeline

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/test"
)

// contradicted are rows of which one cannot be.
type contradicted struct{ collector }

func (c *contradicted) Write(m *test.Moments) error {
	if m.Variant.ID == "impossible" {
		return fmt.Errorf("variant %s: %w", m.Variant.ID, genomics.Contradiction("17 of 5 samples"))
	}
	return nil
}

// TestContradictionsAreFailedChecks: sums that passed the check but are impossible end
// as those that failed it, whichever test finds them, and the error does not say more.
func TestContradictionsAreFailedChecks(t *testing.T) {
	c := simulated(t, 100, 1500, 0, 0)
	c.variants[1200].ID = "impossible"
	w := newSmallWorld(t)
	w.encrypt(c.all())
	w.query("case", c.status)
	w.run("case", "case")
	d, err := w.decryption("case", "case")
	w.must(err)
	_, err = d.Results(t.Context(), []test.Table{{Path: w.path("out"), Open: func(io.Writer, int) (test.Rows, error) { return &contradicted{}, nil }}})
	var failed *CheckFailed
	if !errors.As(err, &failed) || len(failedBlocks(failed)) != 1 || failedBlocks(failed)[0] != 1 || strings.Contains(err.Error(), "17") {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(w.path("out")); err == nil {
		t.Error("a table was written")
	}
}
