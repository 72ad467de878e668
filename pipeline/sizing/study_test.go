package sizing

import (
	"testing"
	"time"

	"genoveil/he"
)

func study(t *testing.T) *Study {
	t.Helper()
	params, err := he.Plan(20_000, 1, 4096)
	if err != nil {
		t.Fatal(err)
	}
	return &Study{Params: params.Params(), Samples: 20_000, Variants: 100_000, Planes: 2, Columns: 7, Evaluated: 2, Products: 10}
}

// TestSizes compares with the sizes of files: 13 blocks of 8192 variants, 12 bytes a
// genotype and plane; 3 tiles of 8192 samples, 4 primes; sums of two components.
func TestSizes(t *testing.T) {
	s := study(t)
	if s.Blocks() != 13 || s.Tiles() != 3 || s.Chunks() != 313 {
		t.Errorf("%d blocks, %d tiles, %d chunks", s.Blocks(), s.Tiles(), s.Chunks())
	}
	for name, size := range map[string][2]float64{
		"cohort": {s.CohortBytes(), 20_000 * 13 * 8192 * 2 * 12},
		"query":  {s.QueryBytes(), 3 * 7 * 4 * 8192 * 4},
		"sums":   {s.SumBytes(1), 13 * 10 * 2 * 3 * 8192 * 4},
	} {
		if size[0] != size[1] {
			t.Errorf("%s: %v bytes, want %v", name, size[0], size[1])
		}
	}
}

// TestLoads gives every rate a value of its own, and counts by hand.
func TestLoads(t *testing.T) {
	s := study(t)
	r := Rates{Parse: 1, Encrypt: 10, Write: 100, Read: 1, Seed: 10, Multiply: 100, Expand: 1e6, Sum: 1e9, Decrypt: 1e8, Storage: 1}
	const genotypes = 20_000.0 * 13 * 8192
	// Memory for all; pipeline's tests count passes with less.
	want := 1e-9 * (genotypes*(2*11+10*100) + 20_000*7*1e6 + 4*130*1e9)
	if got := r.Run(s, 4, 1e9); !near(got.CoreSeconds, want) || got.Shards != 4 {
		t.Errorf("run: %v, want %v", got, want)
	}
	if got, want := r.EncryptGenotypes(s, 3).CoreSeconds, 1e-9*genotypes*(3*1+2*110); !near(got, want) {
		t.Errorf("encrypt: %v, want %v", got, want)
	}
	if got, want := r.Decryption(s).CoreSeconds, 0.1*130; !near(got, want) {
		t.Errorf("decrypt: %v, want %v", got, want)
	}
}

func near(a, b float64) bool { return a/b > 1-1e-12 && a/b < 1+1e-12 }

// TestCut asks for the fewest shards that end in a third of the limit, by computing
// or by storage.
func TestCut(t *testing.T) {
	r := Rates{Storage: 1}
	for _, test := range []struct {
		core, bytes float64
		most, want  int
	}{
		{8000, 0, 100, 10}, // 8000 core-seconds on 8 processors at 0.8: 1250 s; 125 s each
		{8000, 0, 4, 4},
		{10, 0, 100, 1},
		{10, 1.2e12, 100, 10}, // 1200 s at 1 GB/s
		{10, 0, 0, 1},
	} {
		load := func(n int) Load { return Load{test.core, test.bytes, n} }
		l := r.Cut(load, 8, 375*time.Second, test.most)
		if test.bytes > 0 {
			l = r.Cut(load, 8, 360*time.Second, test.most)
		}
		if l.Shards != test.want {
			t.Errorf("%+v: %d shards", test, l.Shards)
		}
	}
}

// TestRunMemory: what a task has must hold what it takes.
func TestRunMemory(t *testing.T) {
	for _, task := range []float64{1e9, 8e9, 64e9} {
		for _, cpus := range []int{1, 8, 32} {
			m := RunMemory(task, cpus)
			if takes := TaskMemory(m, cpus); m > 100e6 && !near(takes, task) || takes < task && !near(takes, task) {
				t.Errorf("%v, %d processors: --memory %v, which takes %v", task, cpus, m, takes)
			}
		}
	}
}
