package pipeline_test

import (
	"bufio"
	"bytes"
	"fmt"
	"math"
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
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/private"
)

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
	w := pipelinetest.NewSmallWorld(t)
	w.Encrypt(source)
	table, err := pheno.Read(filepath.Join(data, "pheno.txt"))
	w.Must(err)
	covar := covariates(t, filepath.Join(data, "covar.txt"), samples)
	index := w.Index()

	quantitative, err := table.Quantitative("QT", samples)
	w.Must(err)
	linear, err := glm.FitLinear(quantitative, covar, nil)
	w.Must(err)
	status, _, err := table.CaseControl("CASE", samples)
	w.Must(err)
	logistic, err := glm.FitLogistic(status, covar, nil)
	w.Must(err)

	t.Run("linear", func(t *testing.T) {
		model := linear.Model()
		got := w.GLMQuery("linear", index.Whole(pipelinetest.GLMTrait("QT", model, &index.Index)))["QT"]
		want := readPLINK2(t, filepath.Join(data, "plink2.QT.glm.linear.gz"), "BETA", "SE", "T_STAT")
		var ours, theirs []float64
		square, complete := 0.0, 0
		for i, r := range got.Results {
			row := want[i]
			if row.id != got.Variants[i].ID {
				t.Fatalf("variant %d is %s, PLINK's %s", i, got.Variants[i].ID, row.id)
			}
			if r.Error != "" {
				continue
			}
			sign := row.sign(got.Variants[i])
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
		got := w.GLMQuery("logistic", index.Whole(pipelinetest.GLMTrait("CASE", logistic.Model(), &index.Index)))["CASE"]
		want := readPLINK2(t, filepath.Join(data, "plink2.CASE.glm.logistic.gz"), "Z_STAT", "P")
		var ours, theirs []float64
		var hits, theirHits []string
		square := 0.0
		for i, r := range got.Results {
			row := want[i]
			if row.id != got.Variants[i].ID {
				t.Fatalf("variant %d is %s, PLINK's %s", i, got.Variants[i].ID, row.id)
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
			z := row.sign(got.Variants[i]) * row.values[0]
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
	lines := bufio.NewScanner(bytes.NewReader(pipelinetest.Gunzip(t, path)))
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
	c := pipelinetest.Simulated(t, 100, 1500, 0.03, 1500)
	for j := range c.Variants {
		c.Variants[j].Chrom = fmt.Sprint("chr", 1+j/600) // the first ends within block 0
	}
	w := pipelinetest.NewSmallWorld(t)
	w.Encrypt(c.All())
	index := w.Index()
	if !glm.CorrectsMissing(index.MissingRate) {
		t.Fatalf("missing rate %g", index.MissingRate)
	}
	covar := []glm.Covariate{{Name: "A", Values: pipelinetest.Wave(100, 0.3)}, {Name: "B", Values: pipelinetest.Wave(100, 0.7)}}
	fit := func(trait int, offset []float64) *glm.Model {
		null, err := glm.FitLinear(pipelinetest.Wave(100, 1.1+float64(trait)), covar, offset)
		w.Must(err)
		return null.Model()
	}

	t.Run("three traits", func(t *testing.T) {
		var traits []test.Trait
		models := map[string]*glm.Model{}
		for i := range 3 {
			name := fmt.Sprint("T", i)
			models[name] = fit(i, nil)
			traits = append(traits, pipelinetest.GLMTrait(name, models[name], &index.Index))
		}
		for name, got := range w.GLMQuery("linear", index.Whole(traits...)) {
			compareGLM(t, c, got, func(string) *glm.Model { return models[name] })
		}
		private, err := private.LoadQuery(w.Path("linear" + ".private"))
		w.Must(err)
		// Analysed and the two covariates' columns are shared; the residual (in up to
		// two parts), its square and its products with the covariates are not.
		if n, separate := len(private.Columns), 3*len(models["T0"].Columns); n != separate-2*3 {
			t.Errorf("%d columns, %d if nothing were shared", n, separate)
		}
	})
	t.Run("a model for every chromosome", func(t *testing.T) {
		ranges, err := index.ListChromosomes()
		w.Must(err)
		var sections []private.TraitSection
		models := map[string]*glm.Model{}
		for i, r := range ranges {
			models[r.Name] = fit(0, pipelinetest.Wave(100, 0.01*float64(i+1)))
			sections = append(sections, private.TraitSection{Chromosome: r.Name, From: r.From, To: r.To, Traits: []test.Trait{pipelinetest.GLMTrait("T", models[r.Name], &index.Index)}})
		}
		got := w.GLMQuery("linear", sections)["T"]
		compareGLM(t, c, got, func(chromosome string) *glm.Model { return models[chromosome] })
	})
}

// compareGLM demands equality with the results of sums over the plaintext.
func compareGLM(t *testing.T, c *pipelinetest.PlainCohort, got *pipelinetest.Collector, model func(chromosome string) *glm.Model) {
	t.Helper()
	if len(got.Results) != len(c.Variants) {
		t.Fatalf("%d results for %d variants", len(got.Results), len(c.Variants))
	}
	for j, v := range c.Variants {
		m := model(v.Chrom)
		sums := make([]glm.Sums, len(m.Columns))
		for k := range m.Columns {
			for i, x := range m.Columns[k].Values {
				g := int64(c.Rows[j].At(i))
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
		if fmt.Sprint(want) != fmt.Sprint(got.Results[j]) {
			t.Fatalf("%s: %+v, plaintext %+v", v.ID, got.Results[j], want)
		}
	}
}
