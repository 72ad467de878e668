package glm

import (
	"bufio"
	"compress/gzip"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/pheno"
	"genoveil/genomics/shareddata"
	"genoveil/genomics/vcf"
)

// hapmap is the HapMap 3 data: 957 samples, 14,079 variants.
type hapmap struct {
	dir        string
	variants   []genomics.Variant
	rows       []dosageRow
	status     []pheno.Status
	trait      []float64
	covariates []Covariate
}

func loadHapmap(dir string) (*hapmap, error) {
	h := &hapmap{dir: dir}
	source, err := vcf.Open(filepath.Join(h.dir, "hapmap3.vcf.gz"), nil)
	if err != nil {
		return nil, err
	}
	defer source.Close()
	samples := source.Samples()
	packed := make(genomics.Row, genomics.RowLen(len(samples)))
	for {
		var v genomics.Variant
		err := source.Next(&v, packed)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		row := make(dosageRow, len(samples))
		for i := range row {
			if row[i] = int32(packed.At(i)); row[i] == int32(genomics.Missing) {
				row[i] = -1
			}
		}
		h.variants, h.rows = append(h.variants, v), append(h.rows, row)
	}
	traits, err := pheno.Read(filepath.Join(h.dir, "pheno.txt"))
	if err != nil {
		return nil, err
	}
	if h.status, _, err = traits.CaseControl("CASE", samples); err != nil {
		return nil, err
	}
	if h.trait, err = traits.Quantitative("QT", samples); err != nil {
		return nil, err
	}
	table, err := pheno.Read(filepath.Join(h.dir, "covar.txt"))
	if err != nil {
		return nil, err
	}
	for _, name := range table.Columns() {
		values, err := table.Quantitative(name, samples)
		if err != nil {
			return nil, err
		}
		h.covariates = append(h.covariates, Covariate{Name: name, Values: values})
	}
	return h, nil
}

// loaded is the data, which all tests share.
var loaded struct {
	once sync.Once
	data *hapmap
	err  error
}

func openHapmap(t testing.TB) *hapmap {
	t.Helper()
	dir := shareddata.Dir(t, "hapmap3")
	loaded.once.Do(func() { loaded.data, loaded.err = loadHapmap(dir) })
	if loaded.err != nil {
		t.Fatal(loaded.err)
	}
	return loaded.data
}

func (h *hapmap) logistic(t testing.TB) (*Null, *Model) {
	t.Helper()
	n, err := FitLogistic(h.status, h.covariates, nil)
	if err != nil {
		t.Fatal(err)
	}
	return n, n.Model()
}

func (h *hapmap) linear(t testing.TB) (*Null, *Model) {
	t.Helper()
	n, err := FitLinear(h.trait, h.covariates, nil)
	if err != nil {
		t.Fatal(err)
	}
	return n, n.Model()
}

// A plinkRow is what PLINK 2 found for a variant, turned to the effect of ALT.
type plinkRow struct {
	samples      int
	effect, se   float64 // β or log OR
	statistic, p float64
}

// readPlink reads a .glm table, plain or gzipped, of these variants in this order.
func readPlink(t testing.TB, path string, variants []genomics.Variant) []plinkRow {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var rows []plinkRow
	lines := bufio.NewScanner(z)
	lines.Scan()
	odds := strings.Contains(lines.Text(), "\tOR\t")
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		v := variants[len(rows)]
		if f[2] != v.ID || f[12] != "." {
			t.Fatalf("variant %s, line %q", v.ID, lines.Text())
		}
		n, err := strconv.Atoi(f[7])
		if err != nil {
			t.Fatal(err)
		}
		r := plinkRow{n, number(t, f[8]), number(t, f[9]), number(t, f[10]), number(t, f[11])}
		if odds {
			r.effect = math.Log(r.effect)
		}
		if f[5] != v.Alt {
			r.effect, r.statistic = -r.effect, -r.statistic
		}
		rows = append(rows, r)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(variants) {
		t.Fatalf("%d rows for %d variants", len(rows), len(variants))
	}
	return rows
}

func number(t testing.TB, s string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// correlation is Pearson's.
func correlation(a, b []float64) float64 {
	var sa, sb, saa, sbb, sab float64
	for i := range a {
		sa, sb = sa+a[i], sb+b[i]
	}
	n := float64(len(a))
	for i := range a {
		x, y := a[i]-sa/n, b[i]-sb/n
		saa, sbb, sab = saa+x*x, sbb+y*y, sab+x*y
	}
	return sab / math.Sqrt(saa*sbb)
}

// differences returns the root mean square and the largest of |a−b|.
func differences(a, b []float64) (rms, most float64) {
	for i := range a {
		d := math.Abs(a[i] - b[i])
		rms, most = rms+d*d, max(most, d)
	}
	return math.Sqrt(rms / float64(len(a))), most
}

// lambda is the genomic inflation factor of standard normal statistics.
func lambda(z []float64) float64 {
	chi := make([]float64, len(z))
	for i := range z {
		chi[i] = z[i] * z[i]
	}
	slices.Sort(chi)
	return chi[len(chi)/2] / 0.45493642311957
}

func TestHapmapLinearAgainstPLINK(t *testing.T) {
	t.Parallel()
	h := openHapmap(t)
	_, m := h.linear(t)
	want := readPlink(t, filepath.Join(h.dir, "plink2.QT.glm.linear.gz"), h.variants)
	var got, expected, effects, zero []float64
	for i, row := range h.rows {
		r := testRow(t, m, row, 1)
		if r.Error != "" || r.Samples != want[i].samples || r.DF != r.Samples-8 {
			t.Fatalf("%s: %d samples, %d degrees of freedom, error %q; PLINK has %d", h.variants[i].ID, r.Samples, r.DF, r.Error, want[i].samples)
		}
		got, expected = append(got, r.Z), append(expected, want[i].statistic)
		if r.Samples == m.Samples {
			effects, zero = append(effects, (r.Beta-want[i].effect)/want[i].se), append(zero, 0)
			if math.Abs(r.SE/want[i].se-1) > 1e-4 {
				t.Errorf("%s: SE %g, PLINK %g", h.variants[i].ID, r.SE, want[i].se)
			}
		}
	}
	rms, most := differences(effects, zero)
	if r := correlation(got, expected); !(r > 0.9999) || !(rms <= 5e-4) || !(most <= 2e-3) {
		t.Errorf("T: r = 1 − %.2g; β, nobody missing: |Δ| %.2g SE, rms %.2g", 1-r, most, rms)
	} else {
		t.Logf("T: r = 1 − %.2g; β of %d variants with nobody missing: |Δ| %.2g SE, rms %.2g", 1-r, len(effects), most, rms)
	}
}

func TestHapmapLogisticAgainstPLINK(t *testing.T) {
	t.Parallel()
	h := openHapmap(t)
	_, m := h.logistic(t)
	want := readPlink(t, filepath.Join(h.dir, "plink2.CASE.glm.logistic.gz"), h.variants)
	var got, expected []float64
	var hits, plinkHits []string
	for i, row := range h.rows {
		r := testRow(t, m, row, 1)
		if r.Error != "" || r.Samples != want[i].samples {
			t.Fatalf("%s: %d samples, error %q; PLINK has %d", h.variants[i].ID, r.Samples, r.Error, want[i].samples)
		}
		got, expected = append(got, r.Z), append(expected, want[i].statistic)
		if r.P() < 1e-6 {
			hits = append(hits, h.variants[i].ID)
		}
		if want[i].p < 1e-6 {
			plinkHits = append(plinkHits, h.variants[i].ID)
		}
	}
	if len(plinkHits) != 3 || !slices.Equal(hits, plinkHits) {
		t.Errorf("below 1e-6: %v; PLINK has %v", hits, plinkHits)
	}
	rms, most := differences(got, expected)
	r, dl := correlation(got, expected), lambda(got)-lambda(expected)
	if !(r > 0.9999) || !(rms < 0.02) || !(math.Abs(dl) < 0.01) {
		t.Errorf("Z: r = 1 − %.2g, rms Δ %.3g, largest %.3g, Δλ %.2g", 1-r, rms, most, dl)
	} else {
		t.Logf("Z: r = 1 − %.2g, rms Δ %.3g, largest %.3g, Δλ %.2g", 1-r, rms, most, dl)
	}
}
