package pipeline

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"genoveil/he"
	"genoveil/he/hetest"
	"genoveil/pipeline/chunkfile"
)

// TestSetOfAnotherPurpose puts parameter sets for one purpose into files of another.
// All are refused when they are opened.
func TestSetOfAnotherPurpose(t *testing.T) {
	sets := map[Purpose]he.Params{GWAS: hetest.SumParams(t, 7, 128).Params(), Score: hetest.ScoreParams(t, 7, 1).Params(), PrivateModel: hetest.PrivateModelParams(t, 7, 1).Params()}
	c := simulated(t, 70, 100, 0, 0)
	w := newScoreWorld(t, Score, HardCalls)
	w.encrypt(c.all())
	cohort, err := OpenCohort(w.path("cohort"))
	w.must(err)
	index, err := os.ReadFile(w.path("cohort.index"))
	w.must(err)
	d, err := zstd.NewReader(nil)
	w.must(err)
	defer d.Close()
	text, err := d.DecodeAll(index, nil)
	w.must(err)
	e, err := zstd.NewWriter(nil)
	w.must(err)
	defer e.Close()
	for purpose := range sets {
		for other, set := range sets {
			check := func(what string, err error, want string) {
				t.Helper()
				if purpose == other && err != nil || purpose != other && (err == nil || !strings.Contains(err.Error(), want)) {
					t.Errorf("%s for %s with a set for %s: %v", what, purpose, other, err)
				}
			}
			m := cohort.Manifest
			m.Purpose, m.Params = purpose, set
			if purpose != Score {
				m.Panel = nil
			}
			_, err := m.save(w.path("cohort"))
			w.must(err)
			_, err = OpenCohort(w.path("cohort"))
			check("a cohort", err, "the parameter set is not one for "+purpose.String())

			header, rest, _ := bytes.Cut(text, []byte("\n"))
			var x Index
			w.must(json.Unmarshal(header, &x))
			x.Purpose, x.Params = purpose, set
			if purpose == GWAS {
				x.CheckID, x.CheckKey = "id", make(he.MaskKey, len(x.Samples))
			}
			header, err = json.Marshal(x)
			w.must(err)
			w.must(os.WriteFile(w.path("x.index"), e.EncodeAll(bytes.Join([][]byte{header, rest}, []byte("\n")), nil), 0o600))
			r, err := OpenIndex(w.path("x.index"))
			check("an index", err, "the parameter set is not one for "+purpose.String())
			if err == nil {
				r.Close()
			}
		}
	}
	// Where only one kind may stand, Go has no other: the text of a file may.
	for purpose, set := range sets {
		open := func(kind string, meta any, read func(path string) error, want string) {
			t.Helper()
			text, err := json.Marshal(meta)
			w.must(err)
			fields := map[string]json.RawMessage{}
			w.must(json.Unmarshal(text, &fields))
			fields["params"], err = json.Marshal(set)
			w.must(err)
			content, err := chunkfile.Encode(kind, fields)
			w.must(err)
			path := w.path("x.chunks")
			w.must(os.WriteFile(path, content, 0o600))
			if err := read(path); (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s of a set for %s: %v, want %q", kind, purpose, err, want)
			}
		}
		notSums, notScores := "the parameter set is not one for sums", ""
		if purpose == GWAS {
			notSums, notScores = "", "the parameter set is not one for scores"
		}
		sums := SumsMeta{QueryID: someID, KeyID: someID, Components: 2, Samples: 70, Parts: []Part{{0, 70}}}
		open(sumsKind, sums, func(path string) error { _, err := OpenSums(path); return err }, notSums)
		traits := TraitsMeta{QueryID: someID, KeyID: someID, Samples: 70, Columns: 1}
		open(traitsKind, traits, func(path string) error { _, err := OpenTraits(path); return err }, cmp.Or(notSums, "sizes in the header do not agree"))
		scores := ScoresMeta{RunID: someID, KeyID: someID, Samples: 70, Scores: 1, Sealed: []byte{1}}
		open(scoresKind, scores, func(path string) error { _, err := OpenScores(path); return err }, notScores)
		header := modelMeta{KeyID: someID, Scores: 1, Sealed: []byte{1}}
		open(modelKind, header, func(path string) error { _, err := OpenModel(path); return err }, cmp.Or(notScores, "sizes in the header do not agree"))
	}
}

// TestSetIsThePlannedOne: a model's owner takes no set of the client's making, small or
// large.
func TestSetIsThePlannedOne(t *testing.T) {
	for _, encoding := range []Encoding{HardCalls, Dosages} {
		planned, err := Score.Plan(5, encoding)
		if err != nil {
			t.Fatal(err)
		}
		c := newCohort("cohort", Manifest{Params: planned, Purpose: Score, Genotypes: encoding, Samples: 5})
		if err := c.CheckSet(); err != nil {
			t.Error(err)
		}
		other := map[Encoding]Encoding{HardCalls: Dosages, Dosages: HardCalls}[encoding]
		set, err := Score.Plan(5, other)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(planned)
		if err != nil {
			t.Fatal(err)
		}
		var smaller he.Params // a smaller norm would tell more of a model's size
		if err := json.Unmarshal(bytes.Replace(text, []byte(`"max_norm":8500000000`), []byte(`"max_norm":1000`), 1), &smaller); err != nil {
			t.Fatal(err)
		}
		if scores, err := smaller.Scores(); err != nil || scores.MaxNorm() != 1000 {
			t.Fatal(err)
		}
		for want, params := range map[string]he.Params{
			"cohort: its parameter set (ring degree 128, 0-bit security)":    hetest.ScoreParams(t, 7, int64(encoding.Steps())).Params(),
			"cohort: its parameter set (ring degree 8192, 128-bit security)": set,
			"cohort: its parameter set (ring degree 8192, 128-bit":           smaller,
		} {
			c.Params = params
			if err := c.CheckSet(); err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%s: %v", want, err)
			}
		}
	}
}
