package pipeline

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"genoveil/he"
	"genoveil/he/hetest"
	"genoveil/pipeline/chunkfile"
)

// modestly calls read and demands that memory stays in proportion to the size of what is
// read.
func modestly(t *testing.T, name string, size int, read func()) {
	t.Helper()
	within(t, name, size, 4<<20, read)
}

// within is modestly with some bytes of slack.
func within(t *testing.T, name string, size, slack int, read func()) {
	t.Helper()
	before := allocated()
	read()
	if used := allocated() - before; used > uint64(slack)+64*uint64(size) {
		t.Errorf("%s: reading %d bytes allocated %d", name, size, used)
	}
}

// allocated is the number of bytes that the process has ever allocated.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// container writes a file of a kind and returns its path and size.
func container(t testing.TB, kind string, meta any, chunks ...[]byte) (path string, size int) {
	t.Helper()
	content, err := chunkfile.Encode(kind, meta, chunks...)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, len(content)
}

// refused demands an error that names the file, says what is wrong, and has nothing in it
// that controls a terminal.
func refused(t *testing.T, name string, err error, path, want string) {
	t.Helper()
	if err == nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: %.300v", name, err)
	}
	if text := fmt.Sprint(err); len(text) > 2000 || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		t.Errorf("%s: error of %d bytes: %.300q", name, len(text), text)
	}
}

func manyOf[T any](n int, x T) []T { return slices.Repeat([]T{x}, n) }

// TestHostileSums opens sums whose headers claim more than their files have.
func TestHostileSums(t *testing.T) {
	small, err := Plan(1000, HardCalls)
	if err != nil {
		t.Fatal(err)
	}
	ring := hetest.Params(t, 6, 64)
	dosage := map[Plane][]int{Dosage: {0}}
	const n = 16_000
	everywhere := manyOf(n, Section{To: n, Planes: dosage})
	for name, edit := range map[string]func(*SumsMeta){
		"all sections in all blocks": func(m *SumsMeta) {
			m.Blocks, m.Sections = manyOf(n, Block{[]Plane{Dosage}}), everywhere
		},
		"sections beyond the blocks": func(m *SumsMeta) {
			m.Sections = manyOf(n, Section{From: 1 << 30, To: 1 << 60, Planes: dosage})
		},
		"a column for every sample": func(m *SumsMeta) {
			m.Params, m.Samples, m.Parts = ring, 1<<30, []Part{{0, 1 << 30}}
			m.Sections = []Section{{To: 1, Planes: dosage}}
		},
		"no column, and many batches": func(m *SumsMeta) {
			m.Params, m.Samples, m.Parts, m.Sections = ring, 1<<30, []Part{{0, 1 << 30}}, nil
		},
		"the same plane many times": func(m *SumsMeta) {
			m.Blocks = []Block{{manyOf(10, Dosage)}}
		},
		"a plane that nobody knows": func(m *SumsMeta) { m.Blocks = []Block{{[]Plane{"\x1b[2J"}}} },
		"a negative column":         func(m *SumsMeta) { m.Sections[0].Planes = map[Plane][]int{Dosage: {-1}} },
		"a column twice":            func(m *SumsMeta) { m.Sections[0].Planes = map[Plane][]int{Dosage: {1, 1}} },
		"an empty section":          func(m *SumsMeta) { m.Sections[0].To = 0 },
		"a shard of none":           func(m *SumsMeta) { m.Shards = []Shard{{}} },
		"escapes in the query":      func(m *SumsMeta) { m.QueryID = "\x1b[2J" },
		"more samples than any":     func(m *SumsMeta) { m.Samples = math.MaxInt },
	} {
		m := SumsMeta{QueryID: someID, KeyID: someID, Params: small, Samples: 1, Components: 2, Parts: []Part{{0, 1}},
			Blocks: []Block{{[]Plane{Dosage}}}, Sections: []Section{{To: 1, Planes: dosage}}}
		edit(&m)
		var meta any = m
		if name == "a shard of none" {
			text, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			meta = json.RawMessage(strings.Replace(string(text), `"shards":["0/0"]`, `"shards":[null]`, 1))
		}
		path, size := container(t, sumsKind, meta)
		modestly(t, name, size, func() {
			s, err := OpenSums(path)
			if name == "no column, and many batches" {
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
			} else {
				want := "sizes in the header do not agree; run the shard again"
				if name == "the same plane many times" {
					want = ""
				}
				refused(t, name, err, path, want)
			}
			if s != nil {
				s.Close()
			}
		})
	}
}

// TestManyMissingShards names some of what is missing, and not a million of it.
func TestManyMissingShards(t *testing.T) {
	params, err := Plan(1000, HardCalls)
	if err != nil {
		t.Fatal(err)
	}
	m := SumsMeta{QueryID: someID, KeyID: someID, Params: params, Samples: 64_000_000, Components: 2, Blocks: []Block{{[]Plane{Dosage}}}}
	for i := range 200_000 {
		m.Parts = append(m.Parts, Part{128 * i, 128*i + 64})
		m.Shards = append(m.Shards, Shard{2*i + 1, 1_000_000})
	}
	path, size := container(t, sumsKind, m)
	modestly(t, "a million shards", size, func() {
		_, err := (&MergeJob{Paths: []string{path}, Path: path + ".merged", Complete: true, Threads: 1, Memory: 1 << 20}).Run(t.Context())
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
		blocks := make([]Block, r.IntN(12))
		for b := range blocks {
			for _, plane := range allPlanes {
				if r.IntN(3) > 0 {
					blocks[b].Planes = append(blocks[b].Planes, plane)
				}
			}
		}
		sections := make([]Section, r.IntN(10))
		for i := range sections {
			s := Section{From: r.IntN(14) - 1, Planes: map[Plane][]int{}}
			s.To = s.From + r.IntN(5) - 1
			for _, plane := range allPlanes {
				for range r.IntN(4) {
					s.Planes[plane] = append(s.Planes[plane], r.IntN(8))
				}
			}
			sections[i] = s
		}
		var want []lane
		count := 0
		for b, block := range blocks {
			for _, plane := range block.Planes {
				if columns := columnsOf(sections, b, plane); len(columns) > 0 {
					want = append(want, lane{b, plane, columns})
					count += len(columns)
				}
			}
		}
		if diff := cmp.Diff(want, lanesOf(blocks, sections), cmp.AllowUnexported(lane{})); diff != "" {
			t.Fatal(diff)
		}
		if n := countColumns(blocks, sections, math.MaxInt); n != count {
			t.Fatalf("%d columns counted, %d listed", n, count)
		}
		if limit := count / 2; count > 0 && countColumns(blocks, sections, limit) <= limit {
			t.Fatalf("%d columns are not more than %d", count, limit)
		}
	}
}

// TestTraitsOverflow opens traits whose sizes are no integers any more when they are
// multiplied.
func TestTraitsOverflow(t *testing.T) {
	p, err := Plan(1000, HardCalls)
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]TraitsMeta{
		"four tiles of 2^62 columns": {Samples: 4 * p.N(), Columns: 1 << 62, Sections: []Section{{To: 1, Planes: map[Plane][]int{Dosage: {1 << 61}}}}},
		"no columns":                 {Samples: 1},
		"negative columns":           {Samples: 1, Columns: -1},
		"columns that are not there": {Samples: 1, Columns: 1},
		"escapes in the query":       {Samples: 1, Columns: 1, QueryID: "\x1b[2J"},
	} {
		m.Params, m.KeyID = p, someID
		if m.QueryID == "" {
			m.QueryID = someID
		}
		path, size := container(t, traitsKind, m)
		modestly(t, name, size, func() {
			tr, err := OpenTraits(path)
			refused(t, name, err, path, "sizes in the header do not agree; copy the file again from where it was made")
			if tr != nil {
				tr.Close()
			}
		})
	}
}

// TestTraitsRefuseSections opens whole traits with columns and planes that are not there.
func TestTraitsRefuseSections(t *testing.T) {
	p := hetest.Params(t, 6, 64)
	column := make([]byte, seedSize+4*p.Chain().PackedLen())
	for name, s := range map[string]Section{
		"good":                  {To: 1, Planes: map[Plane][]int{Dosage: {0, 1}}},
		"a column too many":     {To: 1, Planes: map[Plane][]int{Dosage: {0, 2}}},
		"a column twice":        {To: 1, Planes: map[Plane][]int{Dosage: {0, 0}}},
		"an unknown plane":      {To: 1, Planes: map[Plane][]int{"\x1b[2J": {0}}},
		"a section of no block": {From: 1, To: 1, Planes: map[Plane][]int{Dosage: {0}}},
	} {
		path, _ := container(t, traitsKind, TraitsMeta{QueryID: someID, KeyID: someID, Params: p, Samples: 1, Columns: 2, Sections: []Section{s}}, column, column)
		tr, err := OpenTraits(path)
		if name == "good" {
			if err != nil {
				t.Fatal(err)
			}
			tr.Close()
			continue
		}
		refused(t, name, err, path, "sizes in the header do not agree")
	}
	path, _ := container(t, traitsKind, TraitsMeta{QueryID: someID, KeyID: someID, Params: p, Samples: 1, Columns: 2}, column, column[4:])
	_, err := OpenTraits(path)
	refused(t, "a column cut short", err, path, "sizes in the header do not agree")
}

// TestHostileModels opens encrypted models and scores of sizes that are not theirs.
func TestHostileModels(t *testing.T) {
	private, plain := hetest.PrivateModelParams(t, 6, 1), hetest.ScoreParams(t, 6, 1)
	ciphertext := make([]byte, seedSize+4*private.Chain().SumLen(1))
	one := []Block{{[]Plane{Dosage}}}
	for name, m := range map[string]modelMeta{
		"many lanes":   {Blocks: manyOf(200_000, one[0]), Scores: 1},
		"many scores":  {Blocks: one, Scores: 1 << 16},
		"a plane many": {Blocks: []Block{{manyOf(4, Dosage)}}, Scores: 1},
		"overflow":     {Blocks: one, Scores: 1 << 62},
	} {
		m.KeyID, m.Params, m.Sealed = someID, private, []byte{1}
		path, size := container(t, modelKind, m, ciphertext)
		modestly(t, name, size, func() {
			_, err := OpenModel(path)
			refused(t, name, err, path, "sizes in the header do not agree; encrypt the model again")
		})
	}
	path, _ := container(t, modelKind, modelMeta{KeyID: someID, Params: private, Sealed: []byte{1}, Blocks: one, Scores: 1}, ciphertext, append(ciphertext, 0, 0, 0, 0))
	_, err := OpenModel(path)
	refused(t, "a long ciphertext", err, path, "sizes in the header do not agree; encrypt the model again")

	for name, m := range map[string]ScoresMeta{
		"many tiles":         {Samples: 1 << 30, Scores: 1, Parts: []Part{{0, 1 << 30}}},
		"many scores":        {Samples: 1, Scores: 1 << 16, Parts: []Part{{0, 1}}},
		"escapes in the run": {Samples: 1, Scores: 1, RunID: "\x1b[2J"},
	} {
		m.KeyID, m.Params, m.Sealed = someID, plain, []byte{1}
		if m.RunID == "" {
			m.RunID = someID
		}
		path, size := container(t, scoresKind, m)
		modestly(t, name, size, func() {
			_, err := OpenScores(path)
			refused(t, name, err, path, "sizes in the header do not agree; run the shard again")
		})
	}
}

// TestHostileKeys opens files of keys that are too few or too long. None is read.
func TestHostileKeys(t *testing.T) {
	chain := hetest.Params(t, 10, 1024).Chain()
	expand, pack, residues, err := chain.KeySizes()
	if err != nil {
		t.Fatal(err)
	}
	key := make([]byte, 4*residues)
	long := chain
	long.Sums = manyOf(1000, chain.Sums[0])
	for name, test := range map[string]struct {
		chain he.Chain
		keys  [][]byte
		want  string
	}{
		"one key":              {chain, [][]byte{key}, "1 keys where ring degree 2^10 takes "},
		"keys of another size": {chain, manyOf(max(expand+1, pack+2), key[4:]), ""},
		"many primes":          {long, [][]byte{key}, "a chain has at most 32 primes, not "},
		"no chain":             {he.Chain{LogN: 62}, [][]byte{key}, "ring degree 2^62 is outside"},
	} {
		for kind, load := range map[string]func(string) error{
			evalKind:      func(path string) error { _, err := LoadEvaluationKeys(path); return err },
			scoreKeysKind: func(path string) error { _, err := LoadScoreKeys(path); return err },
		} {
			keys := test.keys
			if n := map[string]int{evalKind: expand + 1, scoreKeysKind: pack + 2}[kind]; len(keys) > 1 {
				keys, test.want = keys[:n], fmt.Sprintf("key 0 has %d bytes, expected %d", len(key)-4, len(key))
			}
			path, size := container(t, kind, evalMeta{someID, test.chain}, keys...)
			before := allocated()
			err := load(path)
			if used := allocated() - before; used > 1<<20 {
				t.Errorf("%s, %s of %d bytes: allocated %d", name, kind, size, used)
			}
			refused(t, name, err, path, test.want)
		}
	}
}

// TestKeyIDEscapes: whatever a file says of its key, a terminal is told 32 digits or
// nothing.
func TestKeyIDEscapes(t *testing.T) {
	w := newSmallWorld(t)
	w.encrypt(simulated(t, 64, 100, 0, 0).all())
	const want = "a key identifier has 32 hexadecimal digits"
	for _, id := range []string{"", `\u001b]0;owned\u0007\u001b[2J`, someID + "0", someID[1:], someID[1:] + "g"} {
		w.rewriteManifest(func(text []byte) []byte {
			at := bytes.Index(text, []byte(`"key_id":"`)) + len(`"key_id":"`)
			end := at + bytes.IndexByte(text[at:], '"')
			return slices.Concat(text[:at], []byte(id), text[end:])
		})
		_, err := OpenCohort(w.path("cohort"))
		refused(t, "manifest", err, w.path("cohort/"+manifestName), want)
		meta := json.RawMessage(`{"key_id":"` + id + `"}`)
		for kind, open := range map[string]func(string) error{
			evalKind:      func(path string) error { _, err := LoadEvaluationKeys(path); return err },
			scoreKeysKind: func(path string) error { _, err := LoadScoreKeys(path); return err },
			traitsKind:    func(path string) error { _, err := OpenTraits(path); return err },
			sumsKind:      func(path string) error { _, err := OpenSums(path); return err },
			scoresKind:    func(path string) error { _, err := OpenScores(path); return err },
			modelKind:     func(path string) error { _, err := OpenModel(path); return err },
			queryKind:     func(path string) error { _, err := LoadQuery(path); return err },
		} {
			path, _ := container(t, kind, meta)
			refused(t, kind, open(path), path, want)
		}
	}
}
