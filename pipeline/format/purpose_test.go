package format_test

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
	"genoveil/pipeline/format"
	"genoveil/pipeline/model"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/private"
)

// TestSetOfAnotherPurpose puts parameter sets for one purpose into files of another.
// All are refused when they are opened.
func TestSetOfAnotherPurpose(t *testing.T) {
	sets := map[format.Purpose]he.Params{format.GWAS: hetest.SumParams(t, 7, 128).Params(), format.Score: hetest.ScoreParams(t, 7, 1).Params(), format.PrivateModel: hetest.PrivateModelParams(t, 7, 1).Params()}
	c := pipelinetest.Simulated(t, 70, 100, 0, 0)
	w := pipelinetest.NewScoreWorld(t, format.Score, format.HardCalls)
	w.Encrypt(c.All())
	cohort, err := format.OpenCohort(w.Path("cohort"))
	w.Must(err)
	index, err := os.ReadFile(w.Path("cohort.index"))
	w.Must(err)
	d, err := zstd.NewReader(nil)
	w.Must(err)
	defer d.Close()
	text, err := d.DecodeAll(index, nil)
	w.Must(err)
	e, err := zstd.NewWriter(nil)
	w.Must(err)
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
			if purpose != format.Score {
				m.Panel = nil
			}
			_, err := m.Save(w.Path("cohort"))
			w.Must(err)
			_, err = format.OpenCohort(w.Path("cohort"))
			check("a cohort", err, "the parameter set is not one for "+purpose.String())

			header, rest, _ := bytes.Cut(text, []byte("\n"))
			var x private.Index
			w.Must(json.Unmarshal(header, &x))
			x.Purpose, x.Params = purpose, set
			if purpose == format.GWAS {
				x.CheckID, x.CheckKey = "id", make(he.MaskKey, len(x.Samples))
			}
			header, err = json.Marshal(x)
			w.Must(err)
			w.Must(os.WriteFile(w.Path("x.index"), e.EncodeAll(bytes.Join([][]byte{header, rest}, []byte("\n")), nil), 0o600))
			r, err := private.OpenIndex(w.Path("x.index"))
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
			w.Must(err)
			fields := map[string]json.RawMessage{}
			w.Must(json.Unmarshal(text, &fields))
			fields["params"], err = json.Marshal(set)
			w.Must(err)
			content, err := chunkfile.Encode(kind, fields)
			w.Must(err)
			path := w.Path("x.chunks")
			w.Must(os.WriteFile(path, content, 0o600))
			if err := read(path); (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s of a set for %s: %v, want %q", kind, purpose, err, want)
			}
		}
		notSums, notScores := "the parameter set is not one for sums", ""
		if purpose == format.GWAS {
			notSums, notScores = "", "the parameter set is not one for scores"
		}
		sums := format.SumsMeta{QueryID: pipelinetest.SomeID, KeyID: pipelinetest.SomeID, Components: 2, Samples: 70, Parts: []format.Part{{From: 0, To: 70}}}
		open(format.SumsKind, sums, func(path string) error { _, err := format.OpenSums(path); return err }, notSums)
		traits := format.TraitsMeta{QueryID: pipelinetest.SomeID, KeyID: pipelinetest.SomeID, Samples: 70, Columns: 1}
		open(format.TraitsKind, traits, func(path string) error { _, err := format.OpenTraits(path); return err }, cmp.Or(notSums, "sizes in the header do not agree"))
		scores := format.ScoresMeta{RunID: pipelinetest.SomeID, KeyID: pipelinetest.SomeID, Samples: 70, Scores: 1, Sealed: []byte{1}}
		open(format.ScoresKind, scores, func(path string) error { _, err := format.OpenScores(path); return err }, notScores)
		header := model.ModelMeta{KeyID: pipelinetest.SomeID, Scores: 1, Sealed: []byte{1}}
		open(model.ModelKind, header, func(path string) error { _, err := model.OpenModel(path); return err }, cmp.Or(notScores, "sizes in the header do not agree"))
	}
}

// TestSetIsThePlannedOne: a model's owner takes no set of the client's making, small or
// large.
func TestSetIsThePlannedOne(t *testing.T) {
	for _, encoding := range []format.Encoding{format.HardCalls, format.Dosages} {
		planned, err := format.Score.Plan(5, encoding)
		if err != nil {
			t.Fatal(err)
		}
		c := format.NewCohort("cohort", format.Manifest{Params: planned, Purpose: format.Score, Genotypes: encoding, Samples: 5})
		if err := c.CheckSet(); err != nil {
			t.Error(err)
		}
		other := map[format.Encoding]format.Encoding{format.HardCalls: format.Dosages, format.Dosages: format.HardCalls}[encoding]
		set, err := format.Score.Plan(5, other)
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
