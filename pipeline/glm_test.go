package pipeline

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/glm"
	"genoveil/genomics/pheno"
	"genoveil/genomics/shareddata"
	"genoveil/genomics/test"
	"genoveil/genomics/vcf"
)

// glmTrait has the columns of a null model on a cohort.
func glmTrait(name string, model *glm.Model, index *Index) test.Trait {
	return test.ModelTrait(name, model, glm.CorrectsMissing(index.MissingRate))
}

// collector keeps results instead of writing them.
type collector struct {
	variants []genomics.Variant
	results  []glm.Result
}

func (c *collector) Write(m *test.Moments) error {
	r, err := m.Trait.Model.Test(m.Sums, m.Steps)
	c.variants, c.results = append(c.variants, m.Variant), append(c.results, r)
	return err
}

func (c *collector) Flush() error             { return nil }
func (c *collector) Summary() (string, []any) { return "", nil }

// glmQuery encrypts traits, evaluates, decrypts and returns every trait's results.
func (w *world) glmQuery(name string, sections []TraitSection) map[string]*collector {
	w.t.Helper()
	index, err := OpenIndex(w.path("cohort.index"))
	w.must(err)
	defer index.Close()
	job := TraitsJob{
		Index: index, Secret: w.secret, Test: test.Find(name), Sections: sections,
		TraitsPath: w.path(name + ".traits"), PrivatePath: w.path(name + ".private"),
	}
	for _, path := range []string{job.TraitsPath, job.PrivatePath} { // of another query
		w.must(os.RemoveAll(path))
	}
	_, err = job.Run(w.t.Context())
	w.must(err)
	w.run(name, name)
	d, err := w.decryption(name, name)
	w.must(err)
	found := map[string]*collector{}
	var tables []test.Table
	for i, trait := range sections[0].Traits {
		found[trait.Name] = &collector{}
		tables = append(tables, test.Table{Trait: i, Path: w.path(trait.Name + ".out"), Open: func(io.Writer, int) (test.Rows, error) { return found[trait.Name], nil }})
	}
	_, err = d.Results(w.t.Context(), tables)
	w.must(err)
	return found
}

// index reads the header of the cohort's index.
func (w *world) index() *IndexReader {
	w.t.Helper()
	index, err := OpenIndex(w.path("cohort.index"))
	w.must(err)
	w.t.Cleanup(func() { index.Close() })
	return index
}

// covariates reads all columns of a covariate table.
func covariates(t *testing.T, path string, samples []string) []glm.Covariate {
	t.Helper()
	table, err := pheno.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []glm.Covariate
	for _, name := range table.Columns() {
		values, err := table.Quantitative(name, samples)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, glm.Covariate{Name: name, Values: values})
	}
	return all
}

// TestHapMap3GLMEqualsPLINK runs logistic and linear association with all six
// covariates on real genotypes, encrypted (in the small ring, for speed: sums are
// the same integers in any), and compares with PLINK 2.
func TestHapMap3GLMEqualsPLINK(t *testing.T) {
	data := shareddata.Dir(t, "hapmap3")
	source, err := vcf.Open(filepath.Join(data, "hapmap3.vcf.gz"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	samples := source.Samples()
	w := newSmallWorld(t)
	w.encrypt(source)
	table, err := pheno.Read(filepath.Join(data, "pheno.txt"))
	w.must(err)
	covar := covariates(t, filepath.Join(data, "covar.txt"), samples)
	index := w.index()

	quantitative, err := table.Quantitative("QT", samples)
	w.must(err)
	linear, err := glm.FitLinear(quantitative, covar, nil)
	w.must(err)
	status, _, err := table.CaseControl("CASE", samples)
	w.must(err)
	logistic, err := glm.FitLogistic(status, covar, nil)
	w.must(err)

	t.Run("linear", func(t *testing.T) {
		model := linear.Model()
		got := w.glmQuery("linear", index.Whole(glmTrait("QT", model, &index.Index)))["QT"]
		want := readPLINK2(t, filepath.Join(data, "plink2.QT.glm.linear.gz"), "BETA", "SE", "T_STAT")
		var ours, theirs []float64
		square, complete := 0.0, 0
		for i, r := range got.results {
			row := want[i]
			if row.id != got.variants[i].ID {
				t.Fatalf("variant %d is %s, PLINK's %s", i, got.variants[i].ID, row.id)
			}
			if r.Error != "" {
				continue
			}
			sign := row.sign(got.variants[i])
			ours, theirs = append(ours, r.Z), append(theirs, sign*row.values[2])
			if row.called != r.Samples {
				t.Errorf("%s: %d called, PLINK counts %d", row.id, r.Samples, row.called)
			}
			if r.Samples == model.Samples {
				beta, se := sign*row.values[0], row.values[1]
				d := (r.Beta - beta) / se
				if math.Abs(d) > 2e-3 {
					t.Errorf("%s: β %g, PLINK %g ± %g", row.id, r.Beta, beta, se)
				}
				if math.Abs(r.SE/se-1) > 1e-4 {
					t.Errorf("%s: SE %g, PLINK %g", row.id, r.SE, se)
				}
				square += d * d
				complete++
			}
		}
		rms := math.Sqrt(square / float64(complete))
		r := correlation(ours, theirs)
		t.Logf("%d variants, %d without missing calls: rms Δβ/SE %.2g, 1 − r of T %.2g", len(ours), complete, rms, 1-r)
		if complete < 5000 || rms > 5e-4 || r < 0.9999 {
			t.Errorf("%d complete, rms %g, r %g", complete, rms, r)
		}
	})
	t.Run("logistic", func(t *testing.T) {
		got := w.glmQuery("logistic", index.Whole(glmTrait("CASE", logistic.Model(), &index.Index)))["CASE"]
		want := readPLINK2(t, filepath.Join(data, "plink2.CASE.glm.logistic.gz"), "Z_STAT", "P")
		var ours, theirs []float64
		var hits, theirHits []string
		square := 0.0
		for i, r := range got.results {
			row := want[i]
			if row.id != got.variants[i].ID {
				t.Fatalf("variant %d is %s, PLINK's %s", i, got.variants[i].ID, row.id)
			}
			if r.P() < 1e-6 {
				hits = append(hits, row.id)
			}
			if row.values[1] < 1e-6 {
				theirHits = append(theirHits, row.id)
			}
			if r.Error != "" || math.IsNaN(row.values[0]) {
				continue
			}
			z := row.sign(got.variants[i]) * row.values[0]
			ours, theirs = append(ours, r.Z), append(theirs, z)
			square += (r.Z - z) * (r.Z - z)
		}
		rms, r := math.Sqrt(square/float64(len(ours))), correlation(ours, theirs)
		lambda := inflation(ours) - inflation(theirs)
		t.Logf("%d variants: rms ΔZ %.3g, 1 − r %.2g, Δλ %.2g, hits %v", len(ours), rms, 1-r, lambda, hits)
		if len(ours) < 14000 || rms > 0.02 || r < 0.9999 || math.Abs(lambda) > 0.01 {
			t.Errorf("%d variants, rms %g, r %g, Δλ %g", len(ours), rms, r, lambda)
		}
		if len(hits) != 3 || !slices.Equal(hits, theirHits) {
			t.Errorf("hits %v, PLINK's %v", hits, theirHits)
		}
	})
}

// plinkRow is a row of PLINK 2's table.
type plinkRow struct {
	id, a1 string
	called int
	values []float64
}

// sign is 1 where PLINK's effect is that of ALT, otherwise −1.
func (r plinkRow) sign(v genomics.Variant) float64 {
	if r.a1 == v.Alt {
		return 1
	}
	return -1
}

func readPLINK2(t *testing.T, path string, columns ...string) []plinkRow {
	t.Helper()
	lines := bufio.NewScanner(bytes.NewReader(gunzip(t, path)))
	lines.Scan()
	header := strings.Fields(lines.Text())
	place := func(name string) int {
		i := slices.Index(header, name)
		if i < 0 {
			t.Fatalf("%s has no column %s", path, name)
		}
		return i
	}
	id, a1, called := place("ID"), place("A1"), place("OBS_CT")
	var rows []plinkRow
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		row := plinkRow{id: fields[id], a1: fields[a1]}
		row.called, _ = strconv.Atoi(fields[called])
		for _, name := range columns {
			x, err := strconv.ParseFloat(fields[place(name)], 64)
			if err != nil {
				x = math.NaN()
			}
			row.values = append(row.values, x)
		}
		rows = append(rows, row)
	}
	return rows
}

func correlation(a, b []float64) float64 {
	var ma, mb, ab, aa, bb float64
	for i := range a {
		ma += a[i] / float64(len(a))
		mb += b[i] / float64(len(a))
	}
	for i := range a {
		ab += (a[i] - ma) * (b[i] - mb)
		aa += (a[i] - ma) * (a[i] - ma)
		bb += (b[i] - mb) * (b[i] - mb)
	}
	return ab / math.Sqrt(aa*bb)
}

// inflation is genomic control's λ.
func inflation(z []float64) float64 {
	var chi2 []float64
	for _, x := range z {
		chi2 = append(chi2, x*x)
	}
	slices.Sort(chi2)
	return chi2[len(chi2)/2] / 0.4549364231195727
}

// TestGLMEqualsPlaintextSums: decrypted sums give the very results that plaintext
// sums give, for several traits that share columns, with missing calls, and with
// a null model for every chromosome.
func TestGLMEqualsPlaintextSums(t *testing.T) {
	c := simulated(t, 100, 1500, 0.03, 1500)
	for j := range c.variants {
		c.variants[j].Chrom = fmt.Sprint("chr", 1+j/600) // the first ends within block 0
	}
	w := newSmallWorld(t)
	w.encrypt(c.all())
	index := w.index()
	if !glm.CorrectsMissing(index.MissingRate) {
		t.Fatalf("missing rate %g", index.MissingRate)
	}
	covar := []glm.Covariate{{Name: "A", Values: wave(100, 0.3)}, {Name: "B", Values: wave(100, 0.7)}}
	fit := func(trait int, offset []float64) *glm.Model {
		null, err := glm.FitLinear(wave(100, 1.1+float64(trait)), covar, offset)
		w.must(err)
		return null.Model()
	}

	t.Run("three traits", func(t *testing.T) {
		var traits []test.Trait
		models := map[string]*glm.Model{}
		for i := range 3 {
			name := fmt.Sprint("T", i)
			models[name] = fit(i, nil)
			traits = append(traits, glmTrait(name, models[name], &index.Index))
		}
		for name, got := range w.glmQuery("linear", index.Whole(traits...)) {
			compareGLM(t, c, got, func(string) *glm.Model { return models[name] })
		}
		private, err := LoadQuery(w.path("linear" + ".private"))
		w.must(err)
		// Analysed and the two covariates' columns are shared; the residual (in up to
		// two parts), its square and its products with the covariates are not.
		if n, separate := len(private.Columns), 3*len(models["T0"].Columns); n != separate-2*3 {
			t.Errorf("%d columns, %d if nothing were shared", n, separate)
		}
	})
	t.Run("a model for every chromosome", func(t *testing.T) {
		ranges, err := chromosomes(w.path("cohort.index"))
		w.must(err)
		var sections []TraitSection
		models := map[string]*glm.Model{}
		for i, r := range ranges {
			models[r.Name] = fit(0, wave(100, 0.01*float64(i+1)))
			sections = append(sections, TraitSection{Chromosome: r.Name, From: r.From, To: r.To, Traits: []test.Trait{glmTrait("T", models[r.Name], &index.Index)}})
		}
		got := w.glmQuery("linear", sections)["T"]
		compareGLM(t, c, got, func(chromosome string) *glm.Model { return models[chromosome] })
	})
}

// wave is a deterministic sequence without ties.
func wave(n int, f float64) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = math.Sin(f*float64(i)) + 0.3*math.Sin(7.3*f*float64(i)+1)
	}
	return values
}

// compareGLM demands equality with the results of sums over the plaintext.
func compareGLM(t *testing.T, c *plainCohort, got *collector, model func(chromosome string) *glm.Model) {
	t.Helper()
	if len(got.results) != len(c.variants) {
		t.Fatalf("%d results for %d variants", len(got.results), len(c.variants))
	}
	for j, v := range c.variants {
		m := model(v.Chrom)
		sums := make([]glm.Sums, len(m.Columns))
		for k := range m.Columns {
			for i, x := range m.Columns[k].Values {
				g := int64(c.rows[j].At(i))
				if g == int64(genomics.Missing) {
					sums[k].Missing += int64(x)
					continue
				}
				sums[k].Dosage += int64(x) * g
				sums[k].Square += int64(x) * g * g
			}
		}
		want, err := m.Test(sums, 1)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(want) != fmt.Sprint(got.results[j]) {
			t.Fatalf("%s: %+v, plaintext %+v", v.ID, got.results[j], want)
		}
	}
}
