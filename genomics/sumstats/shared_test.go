package sumstats

import (
	"errors"
	"io"
	"math"
	"path/filepath"
	"testing"

	"genoveil/genomics/pvalue"
	"genoveil/genomics/shareddata"
)

// TestRealTables reads tables as programs wrote them. P and β/SE of a row fit each other.
func TestRealTables(t *testing.T) {
	for _, test := range []struct {
		folder, file, program string
		rows, skipped         int
		frequency             bool
	}{
		{"hapmap3", "plink19.CASE.assoc.gz", "PLINK 1.9 --assoc", 14_079, 19, false},
		{"hapmap3", "plink2.CASE.glm.logistic.gz", "PLINK 2", 14_079, 0, false},
		{"hapmap3", "plink2.QT.glm.linear.gz", "PLINK 2", 14_079, 0, false},
		{"three-sites", "plink2.poolsite.CASE.glm.logistic.gz", "PLINK 2", 14_079, 0, true},
		{"three-sites", "plink2.cond.QT.glm.linear.gz", "PLINK 2", 14_079, 1, false},
		{"three-sites", "metal.QT.stderr.tbl.gz", "METAL", 14_079, 0, true},
		{"three-sites", "metal.CASE.samplesize.gc.tbl.gz", "METAL", 14_079, 0, true},
	} {
		r, err := Open(filepath.Join(shareddata.Dir(t, test.folder), test.file), Options{SEFromP: test.program == "PLINK 1.9 --assoc"})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if r.Program() != test.program || r.Positions() != (test.program != "METAL") {
			t.Errorf("%s is of %s", test.file, r.Program())
		}
		var row Row
		rows, off := 0, 0.0
		for {
			if err := r.Next(&row); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			rows++
			if !math.IsNaN(row.SE) {
				z := math.Abs(row.Beta / row.SE)
				off = max(off, math.Abs(pvalue.Z(row.LogP)-z)/max(1, z))
			}
			if test.frequency == math.IsNaN(row.EAF) {
				t.Errorf("%s: frequency %g", test.file, row.EAF)
				break
			}
		}
		skipped := 0
		for _, n := range r.Skipped() {
			skipped += n
		}
		if rows != test.rows-test.skipped || skipped != test.skipped {
			t.Errorf("%s: %d rows, left out %v", test.file, rows, r.Skipped())
		}
		// P of t on 900 degrees of freedom, and METAL's effects to four digits.
		if off > 0.03 {
			t.Errorf("%s: z of P and β/SE differ by a share of %.3f", test.file, off)
		}
	}
}
