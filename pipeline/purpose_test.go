package pipeline

import (
	"bytes"
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
// All are refused when they are opened: a set for scores has batches of zero samples,
// which sums divide by.
func TestSetOfAnotherPurpose(t *testing.T) {
	sets := map[Purpose]he.Params{GWAS: hetest.Params(t, 7, 128), Score: hetest.ScoreParams(t, 7, 1), PrivateModel: hetest.PrivateModelParams(t, 7, 1)}
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
	for _, purpose := range []Purpose{Score, PrivateModel} {
		meta := SumsMeta{QueryID: someID, KeyID: someID, Params: sets[purpose], Components: 2, Samples: 70, Parts: []Part{{0, 70}}}
		content, err := chunkfile.Encode(sumsKind, meta)
		w.must(err)
		w.must(os.WriteFile(w.path("x.sums"), content, 0o600))
		if _, err := OpenSums(w.path("x.sums")); err == nil {
			t.Errorf("sums of a set for %s were opened", purpose)
		}
	}
	scores := ScoresMeta{RunID: someID, KeyID: someID, Params: sets[GWAS], Samples: 70, Scores: 1, Sealed: []byte{1}}
	content, err := chunkfile.Encode(scoresKind, scores)
	w.must(err)
	w.must(os.WriteFile(w.path("x.scores"), content, 0o600))
	if _, err := OpenScores(w.path("x.scores")); err == nil {
		t.Error("scores of a set for sums were opened")
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
		c := &Cohort{Manifest: Manifest{Params: planned, Purpose: Score, Genotypes: encoding, Samples: 5}, dir: "cohort"}
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
		if err := json.Unmarshal(bytes.Replace(text, []byte(`"max_norm":8500000000`), []byte(`"max_norm":1000`), 1), &smaller); err != nil || smaller.MaxNorm() != 1000 {
			t.Fatal(err)
		}
		for want, params := range map[string]he.Params{
			"cohort: its parameter set (ring degree 128, 0-bit security)":    hetest.ScoreParams(t, 7, int64(encoding.Steps())),
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
