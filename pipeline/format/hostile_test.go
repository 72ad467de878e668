package format_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"genoveil/he"
	"genoveil/he/hetest"
	"genoveil/pipeline/filetest"
	"genoveil/pipeline/format"
	"genoveil/pipeline/model"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/private"
	"genoveil/pipeline/site"
)

// TestHostileSums opens sums whose headers claim more than their files have.
func TestHostileSums(t *testing.T) {
	small, err := format.Plan(1000, format.HardCalls)
	if err != nil {
		t.Fatal(err)
	}
	ring := hetest.SumParams(t, 6, 64)
	dosage := map[format.Plane][]int{format.Dosage: {0}}
	const n = 16_000
	everywhere := filetest.ManyOf(n, format.Section{To: n, Planes: dosage})
	for name, edit := range map[string]func(*format.SumsMeta){
		"all sections in all blocks": func(m *format.SumsMeta) {
			m.Blocks, m.Sections = filetest.ManyOf(n, format.Block{Planes: []format.Plane{format.Dosage}}), everywhere
		},
		"sections beyond the blocks": func(m *format.SumsMeta) {
			m.Sections = filetest.ManyOf(n, format.Section{From: 1 << 30, To: 1 << 60, Planes: dosage})
		},
		"a column for every sample": func(m *format.SumsMeta) {
			m.Params, m.Samples, m.Parts = ring, 1<<30, []format.Part{{From: 0, To: 1 << 30}}
			m.Sections = []format.Section{{To: 1, Planes: dosage}}
		},
		"no column, and many batches": func(m *format.SumsMeta) {
			m.Params, m.Samples, m.Parts, m.Sections = ring, 1<<30, []format.Part{{From: 0, To: 1 << 30}}, nil
		},
		"the same plane many times": func(m *format.SumsMeta) {
			m.Blocks = []format.Block{{Planes: filetest.ManyOf(10, format.Dosage)}}
		},
		"a plane that nobody knows": func(m *format.SumsMeta) { m.Blocks = []format.Block{{Planes: []format.Plane{"\x1b[2J"}}} },
		"a negative column":         func(m *format.SumsMeta) { m.Sections[0].Planes = map[format.Plane][]int{format.Dosage: {-1}} },
		"a column twice":            func(m *format.SumsMeta) { m.Sections[0].Planes = map[format.Plane][]int{format.Dosage: {1, 1}} },
		"an empty section":          func(m *format.SumsMeta) { m.Sections[0].To = 0 },
		"a shard of none":           func(m *format.SumsMeta) { m.Shards = []format.Shard{{}} },
		"escapes in the query":      func(m *format.SumsMeta) { m.QueryID = "\x1b[2J" },
		"more samples than any":     func(m *format.SumsMeta) { m.Samples = math.MaxInt },
	} {
		m := format.SumsMeta{QueryID: pipelinetest.SomeID, KeyID: pipelinetest.SomeID, Params: small, Samples: 1, Components: 2, Parts: []format.Part{{From: 0, To: 1}},
			Blocks: []format.Block{{Planes: []format.Plane{format.Dosage}}}, Sections: []format.Section{{To: 1, Planes: dosage}}}
		edit(&m)
		var meta any = m
		if name == "a shard of none" {
			text, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			meta = json.RawMessage(strings.Replace(string(text), `"shards":["0/0"]`, `"shards":[null]`, 1))
		}
		path, size := filetest.Container(t, format.SumsKind, meta)
		filetest.Modestly(t, name, size, func() {
			s, err := format.OpenSums(path)
			if name == "no column, and many batches" {
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
			} else {
				want := "sizes in the header do not agree; run the shard again"
				if name == "the same plane many times" {
					want = ""
				}
				filetest.Refused(t, name, err, path, want)
			}
			if s != nil {
				s.Close()
			}
		})
	}
}

// TestManyMissingShards names some of what is missing, and not a million of it.
func TestManyMissingShards(t *testing.T) {
	params, err := format.Plan(1000, format.HardCalls)
	if err != nil {
		t.Fatal(err)
	}
	m := format.SumsMeta{QueryID: pipelinetest.SomeID, KeyID: pipelinetest.SomeID, Params: params, Samples: 64_000_000, Components: 2, Blocks: []format.Block{{Planes: []format.Plane{format.Dosage}}}}
	for i := range 200_000 {
		m.Parts = append(m.Parts, format.Part{From: 128 * i, To: 128*i + 64})
		m.Shards = append(m.Shards, format.Shard{Index: 2*i + 1, Count: 1_000_000})
	}
	path, size := filetest.Container(t, format.SumsKind, m)
	filetest.Modestly(t, "a million shards", size, func() {
		_, err := (&site.MergeJob{Paths: []string{path}, Path: path + ".merged", Complete: true, Threads: 1, Memory: 1 << 20}).Run(t.Context())
		want := "not merged: samples 65 to 128, 193 to 256, "
		if text := fmt.Sprint(err); !strings.HasPrefix(text, want) || !strings.Contains(text, "… (199980 more) of 64000000 are missing (shards 2, 4, 6, ") || len(text) > 1000 {
			t.Errorf("%.1000s", text)
		}
	})
}

// TestLanesEqualSearch compares lanes, which are listed in one sweep, with a search through
// all sections for every block: chromosomes one after the other, several in one block, one
// that comes again, and what a hostile header may have.
func TestLanesEqualSearch(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 500 {
		blocks := make([]format.Block, r.IntN(12))
		for b := range blocks {
			for _, plane := range format.AllPlanes {
				if r.IntN(3) > 0 {
					blocks[b].Planes = append(blocks[b].Planes, plane)
				}
			}
		}
		sections := make([]format.Section, r.IntN(10))
		for i := range sections {
			s := format.Section{From: r.IntN(14) - 1, Planes: map[format.Plane][]int{}}
			s.To = s.From + r.IntN(5) - 1
			for _, plane := range format.AllPlanes {
				for range r.IntN(4) {
					s.Planes[plane] = append(s.Planes[plane], r.IntN(8))
				}
			}
			sections[i] = s
		}
		var want []format.Lane
		count := 0
		for b, block := range blocks {
			for _, plane := range block.Planes {
				if columns := format.ColumnsOf(sections, b, plane); len(columns) > 0 {
					want = append(want, format.Lane{Block: b, Plane: plane, Columns: columns})
					count += len(columns)
				}
			}
		}
		if diff := cmp.Diff(want, format.LanesOf(blocks, sections), cmp.AllowUnexported(format.Lane{})); diff != "" {
			t.Fatal(diff)
		}
		if n := format.CountColumns(blocks, sections, math.MaxInt); n != count {
			t.Fatalf("%d columns counted, %d listed", n, count)
		}
		if limit := count / 2; count > 0 && format.CountColumns(blocks, sections, limit) <= limit {
			t.Fatalf("%d columns are not more than %d", count, limit)
		}
	}
}

// TestTraitsOverflow opens traits whose sizes are no integers any more when they are
// multiplied.
func TestTraitsOverflow(t *testing.T) {
	p, err := format.Plan(1000, format.HardCalls)
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]format.TraitsMeta{
		"four tiles of 2^62 columns": {Samples: 4 * p.N(), Columns: 1 << 62, Sections: []format.Section{{To: 1, Planes: map[format.Plane][]int{format.Dosage: {1 << 61}}}}},
		"no columns":                 {Samples: 1},
		"negative columns":           {Samples: 1, Columns: -1},
		"columns that are not there": {Samples: 1, Columns: 1},
		"escapes in the query":       {Samples: 1, Columns: 1, QueryID: "\x1b[2J"},
	} {
		m.Params, m.KeyID = p, pipelinetest.SomeID
		if m.QueryID == "" {
			m.QueryID = pipelinetest.SomeID
		}
		path, size := filetest.Container(t, format.TraitsKind, m)
		filetest.Modestly(t, name, size, func() {
			tr, err := format.OpenTraits(path)
			filetest.Refused(t, name, err, path, "sizes in the header do not agree; copy the file again from where it was made")
			if tr != nil {
				tr.Close()
			}
		})
	}
}

// TestTraitsRefuseSections opens whole traits with columns and planes that are not there.
func TestTraitsRefuseSections(t *testing.T) {
	p := hetest.SumParams(t, 6, 64)
	column := make([]byte, format.SeedSize+4*p.Chain().PackedLen())
	for name, s := range map[string]format.Section{
		"good":                  {To: 1, Planes: map[format.Plane][]int{format.Dosage: {0, 1}}},
		"a column too many":     {To: 1, Planes: map[format.Plane][]int{format.Dosage: {0, 2}}},
		"a column twice":        {To: 1, Planes: map[format.Plane][]int{format.Dosage: {0, 0}}},
		"an unknown plane":      {To: 1, Planes: map[format.Plane][]int{"\x1b[2J": {0}}},
		"a section of no block": {From: 1, To: 1, Planes: map[format.Plane][]int{format.Dosage: {0}}},
	} {
		path, _ := filetest.Container(t, format.TraitsKind, format.TraitsMeta{QueryID: pipelinetest.SomeID, KeyID: pipelinetest.SomeID, Params: p, Samples: 1, Columns: 2, Sections: []format.Section{s}}, column, column)
		tr, err := format.OpenTraits(path)
		if name == "good" {
			if err != nil {
				t.Fatal(err)
			}
			tr.Close()
			continue
		}
		filetest.Refused(t, name, err, path, "sizes in the header do not agree")
	}
	path, _ := filetest.Container(t, format.TraitsKind, format.TraitsMeta{QueryID: pipelinetest.SomeID, KeyID: pipelinetest.SomeID, Params: p, Samples: 1, Columns: 2}, column, column[4:])
	_, err := format.OpenTraits(path)
	filetest.Refused(t, "a column cut short", err, path, "sizes in the header do not agree")
}

// TestHostileModels opens encrypted models and scores of sizes that are not theirs.
func TestHostileModels(t *testing.T) {
	private, plain := hetest.PrivateModelParams(t, 6, 1), hetest.ScoreParams(t, 6, 1)
	ciphertext := make([]byte, format.SeedSize+4*private.Chain().SumLen(1))
	one := []format.Block{{Planes: []format.Plane{format.Dosage}}}
	for name, m := range map[string]model.ModelMeta{
		"many lanes":   {Blocks: filetest.ManyOf(200_000, one[0]), Scores: 1},
		"many scores":  {Blocks: one, Scores: 1 << 16},
		"a plane many": {Blocks: []format.Block{{Planes: filetest.ManyOf(4, format.Dosage)}}, Scores: 1},
		"overflow":     {Blocks: one, Scores: 1 << 62},
	} {
		m.KeyID, m.Params, m.Sealed = pipelinetest.SomeID, private, []byte{1}
		path, size := filetest.Container(t, model.ModelKind, m, ciphertext)
		filetest.Modestly(t, name, size, func() {
			_, err := model.OpenModel(path)
			filetest.Refused(t, name, err, path, "sizes in the header do not agree; encrypt the model again")
		})
	}
	path, _ := filetest.Container(t, model.ModelKind, model.ModelMeta{KeyID: pipelinetest.SomeID, Params: private, Sealed: []byte{1}, Blocks: one, Scores: 1}, ciphertext, append(ciphertext, 0, 0, 0, 0))
	_, err := model.OpenModel(path)
	filetest.Refused(t, "a long ciphertext", err, path, "sizes in the header do not agree; encrypt the model again")

	for name, m := range map[string]format.ScoresMeta{
		"many tiles":         {Samples: 1 << 30, Scores: 1, Parts: []format.Part{{From: 0, To: 1 << 30}}},
		"many scores":        {Samples: 1, Scores: 1 << 16, Parts: []format.Part{{From: 0, To: 1}}},
		"escapes in the run": {Samples: 1, Scores: 1, RunID: "\x1b[2J"},
	} {
		m.KeyID, m.Params, m.Sealed = pipelinetest.SomeID, plain, []byte{1}
		if m.RunID == "" {
			m.RunID = pipelinetest.SomeID
		}
		path, size := filetest.Container(t, format.ScoresKind, m)
		filetest.Modestly(t, name, size, func() {
			_, err := format.OpenScores(path)
			filetest.Refused(t, name, err, path, "sizes in the header do not agree; run the shard again")
		})
	}
}

// TestHostileKeys opens files of keys that are too few or too long. None is read.
func TestHostileKeys(t *testing.T) {
	chain := hetest.SumParams(t, 10, 1024).Chain()
	expand, pack, residues, err := chain.KeySizes()
	if err != nil {
		t.Fatal(err)
	}
	key := make([]byte, 4*residues)
	long := chain
	long.Sums = filetest.ManyOf(1000, chain.Sums[0])
	for name, test := range map[string]struct {
		chain he.Chain
		keys  [][]byte
		want  string
	}{
		"one key":              {chain, [][]byte{key}, "1 keys where ring degree 2^10 takes "},
		"keys of another size": {chain, filetest.ManyOf(max(expand+1, pack+2), key[4:]), ""},
		"many primes":          {long, [][]byte{key}, "a chain has at most 32 primes, not "},
		"no chain":             {he.Chain{LogN: 62}, [][]byte{key}, "ring degree 2^62 is outside"},
	} {
		for kind, load := range map[string]func(string) error{
			format.EvalKind:      func(path string) error { _, err := format.LoadEvaluationKeys(path); return err },
			format.ScoreKeysKind: func(path string) error { _, err := format.LoadScoreKeys(path); return err },
		} {
			keys := test.keys
			if n := map[string]int{format.EvalKind: expand + 1, format.ScoreKeysKind: pack + 2}[kind]; len(keys) > 1 {
				keys, test.want = keys[:n], fmt.Sprintf("key 0 has %d bytes, expected %d", len(key)-4, len(key))
			}
			path, size := filetest.Container(t, kind, format.EvalMeta{KeyID: pipelinetest.SomeID, Chain: test.chain}, keys...)
			before := filetest.Allocated()
			err := load(path)
			if used := filetest.Allocated() - before; used > 1<<20 {
				t.Errorf("%s, %s of %d bytes: allocated %d", name, kind, size, used)
			}
			filetest.Refused(t, name, err, path, test.want)
		}
	}
}

// TestKeyIDEscapes: whatever a file says of its key, a terminal is told 32 digits or
// nothing.
func TestKeyIDEscapes(t *testing.T) {
	w := pipelinetest.NewSmallWorld(t)
	w.Encrypt(pipelinetest.Simulated(t, 64, 100, 0, 0).All())
	const want = "a key identifier has 32 hexadecimal digits"
	for _, id := range []string{"", `\u001b]0;owned\u0007\u001b[2J`, pipelinetest.SomeID + "0", pipelinetest.SomeID[1:], pipelinetest.SomeID[1:] + "g"} {
		rewriteManifest(w, func(text []byte) []byte {
			at := bytes.Index(text, []byte(`"key_id":"`)) + len(`"key_id":"`)
			end := at + bytes.IndexByte(text[at:], '"')
			return slices.Concat(text[:at], []byte(id), text[end:])
		})
		_, err := format.OpenCohort(w.Path("cohort"))
		filetest.Refused(t, "manifest", err, w.Path("cohort/"+format.ManifestName), want)
		meta := json.RawMessage(`{"key_id":"` + id + `"}`)
		for kind, open := range map[string]func(string) error{
			format.EvalKind:      func(path string) error { _, err := format.LoadEvaluationKeys(path); return err },
			format.ScoreKeysKind: func(path string) error { _, err := format.LoadScoreKeys(path); return err },
			format.TraitsKind:    func(path string) error { _, err := format.OpenTraits(path); return err },
			format.SumsKind:      func(path string) error { _, err := format.OpenSums(path); return err },
			format.ScoresKind:    func(path string) error { _, err := format.OpenScores(path); return err },
			model.ModelKind:      func(path string) error { _, err := model.OpenModel(path); return err },
			private.QueryKind:    func(path string) error { _, err := private.LoadQuery(path); return err },
		} {
			path, _ := filetest.Container(t, kind, meta)
			filetest.Refused(t, kind, open(path), path, want)
		}
	}
}
