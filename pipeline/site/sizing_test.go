package site_test

import (
	"os"
	"sync"
	"testing"

	"genoveil/genomics/glm"
	"genoveil/genomics/test"
	"genoveil/he"
	"genoveil/pipeline/format"
	"genoveil/pipeline/owner"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/site"
	"genoveil/pipeline/sizing"
)

// counting counts what an engine is asked for.
type counting struct {
	he.Engine
	mutex                             sync.Mutex
	expansions, reads, products, sums int
	columns                           map[he.Accumulator]int
}

func (c *counting) NewExpansion(columns []he.SeededCiphertext) he.Expansion {
	return &countingExpansion{c.Engine.NewExpansion(columns), c, len(columns)}
}

func (c *counting) NewAccumulator(columns []int) he.Accumulator {
	a := c.Engine.NewAccumulator(columns)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.columns[a] = len(columns)
	c.sums += len(columns)
	return a
}

func (c *counting) Add(constants he.Constants, products []he.Product) error {
	c.mutex.Lock()
	for _, p := range products {
		c.reads += constants.Samples()
		c.products += constants.Samples() * c.columns[p.Accumulator]
	}
	c.mutex.Unlock()
	return c.Engine.Add(constants, products)
}

type countingExpansion struct {
	he.Expansion
	counting *counting
	columns  int
}

func (e *countingExpansion) Expand(from, to int) (he.Constants, error) {
	e.counting.mutex.Lock()
	e.counting.expansions += e.columns * (to - from)
	e.counting.mutex.Unlock()
	return e.Expansion.Expand(from, to)
}

// TestPlanCountsWhatRunDoes compares 'plan' with what an evaluation asks of its
// engine: the same where all columns are evaluated together, and at most a half more
// where they are not. Then a plane of few columns may have none in some slabs.
func TestPlanCountsWhatRunDoes(t *testing.T) {
	const samples, variants = 1100, 1500
	covariates := []glm.Covariate{{Name: "A", Values: pipelinetest.Wave(samples, 0.3)}, {Name: "B", Values: pipelinetest.Wave(samples, 0.7)}}
	linear := func(w *pipelinetest.World, frequency float64) test.Trait {
		null, err := glm.FitLinear(pipelinetest.Wave(samples, frequency), covariates, nil)
		w.Must(err)
		return pipelinetest.GLMTrait("L", null.Model(), &w.Index().Index)
	}
	tests := []struct {
		name   string
		kind   *test.Test
		design test.Design
		traits func(*pipelinetest.World, *pipelinetest.PlainCohort) []test.Trait
	}{
		{"χ²", test.Find("chi2"), test.Design{Phenotypes: 1}, func(_ *pipelinetest.World, c *pipelinetest.PlainCohort) []test.Trait {
			return []test.Trait{test.Chi2Trait("CASE", c.Status, false)}
		}},
		{"χ² with models", test.Find("chi2"), test.Design{Phenotypes: 1, Models: true}, func(_ *pipelinetest.World, c *pipelinetest.PlainCohort) []test.Trait {
			return []test.Trait{test.Chi2Trait("CASE", c.Status, true)}
		}},
		{"linear", test.Find("linear"), test.Design{Covariates: 2, Phenotypes: 2}, func(w *pipelinetest.World, _ *pipelinetest.PlainCohort) []test.Trait {
			return []test.Trait{linear(w, 1.1), linear(w, 1.3)}
		}},
		{"logistic", test.Find("logistic"), test.Design{Covariates: 2, Phenotypes: 1}, func(w *pipelinetest.World, c *pipelinetest.PlainCohort) []test.Trait {
			null, err := glm.FitLogistic(c.Status, covariates, nil)
			w.Must(err)
			return []test.Trait{pipelinetest.GLMTrait("CASE", null.Model(), &w.Index().Index)}
		}},
	}
	c := pipelinetest.Simulated(t, samples, variants, 0.0003, variants)
	c.Status[3] = 0 // nobody knows
	w := pipelinetest.NewSmallWorld(t)
	w.Encrypt(c.All())
	for _, tt := range tests {
		index := w.Index()
		job := owner.TraitsJob{Index: index, Secret: w.Secret, Test: tt.kind, Sections: index.Whole(tt.traits(w, c)...),
			TraitsPath: w.Path("q.traits"), PrivatePath: w.Path("q.private")}
		for _, path := range []string{job.TraitsPath, job.PrivatePath} { // of the query before
			w.Must(os.RemoveAll(path))
		}
		_, err := job.Run(t.Context())
		w.Must(err)
		for _, memory := range []int64{1 << 30, 32 << 20} {
			run := w.Job("q", "q", format.Whole)
			engine := &counting{Engine: run.Engine, columns: map[he.Accumulator]int{}}
			run.Engine, run.Memory = engine, memory
			study, err := sizing.NewStudy(w.SumParams(), samples, variants, run.Cohort.Planes(), tt.kind.Cost(tt.design))
			w.Must(err)
			if study.Columns != run.Traits.Columns {
				t.Fatalf("%s: %d columns planned, %d encrypted", tt.name, study.Columns, run.Traits.Columns)
			}
			w.Must(run.Run(t.Context()))
			n := float64(w.Params.N())
			for _, k := range []struct {
				what           string
				planned, asked float64
			}{
				{"products", study.Products * float64(study.Blocks()*samples), float64(engine.products)},
				{"sums", study.Sums(1), float64(engine.sums)},
				{"genotypes read", study.Reads(float64(memory)) / n, float64(engine.reads)},
				{"expansions", study.Expansions(float64(memory)), float64(engine.expansions)},
			} {
				if k.planned < k.asked || memory == 1<<30 && k.planned > k.asked || k.planned > 1.5*k.asked {
					t.Errorf("%s, memory %d: %s: %.0f planned, %.0f asked", tt.name, memory, k.what, k.planned, k.asked)
				}
			}
		}
	}
}

// TestPlanGroups compares 'plan' with the passes over a large cohort: the same in much
// memory, and near enough in little.
func TestPlanGroups(t *testing.T) {
	const samples, blocks = 100_000, 1000
	params, err := format.Plan(samples, format.HardCalls)
	if err != nil {
		t.Fatal(err)
	}
	for name, design := range map[string]test.Design{
		"chi2": {Phenotypes: 1}, "logistic": {Covariates: 10, Phenotypes: 1}, "linear": {Covariates: 20, Phenotypes: 100},
	} {
		study, err := sizing.NewStudy(params, samples, blocks*params.N(), 2, test.Find(name).Cost(design))
		if err != nil {
			t.Fatal(err)
		}
		first := study.Columns
		section := format.Section{To: blocks, Planes: map[format.Plane][]int{}}
		if study.Evaluated == 2 {
			second := int(study.Products) - (study.Columns - 2)
			first = study.Columns - 2
			section.Planes[format.HomAlt] = upTo(study.Columns)[study.Columns-second:]
		}
		section.Planes[format.Dosage] = upTo(study.Columns)[:first]
		meta := format.SumsMeta{Params: params, Samples: samples, Blocks: make([]format.Block, blocks), Sections: []format.Section{section}}
		for i := range meta.Blocks {
			meta.Blocks[i].Planes = []format.Plane{format.Dosage, format.HomAlt}
		}
		for _, memory := range []int64{300e6, 2e9, 16e9, 200e9} {
			run := site.RunJob{Cohort: &format.Cohort{Manifest: format.Manifest{Params: params.Params()}}}
			var expansions, reads float64
			numbers, columns := site.LanesAtOnce(&run, meta.Lanes(), memory)
			for i := range numbers {
				expansions += float64(samples * columns[i])
				reads += float64(samples*numbers[i]) * float64(params.N())
			}
			e, r := study.Expansions(float64(memory))/expansions, study.Reads(float64(memory))/reads
			if e < 0.85 || e > 1 || r < 1 || r > 2 || memory >= 16e9 && (e != 1 || r != 1) {
				t.Errorf("%s, memory %d: %.3f of the expansions, %.3f of the reads", name, memory, e, r)
			}
		}
	}
}

// upTo is 0 … n−1.
func upTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}
