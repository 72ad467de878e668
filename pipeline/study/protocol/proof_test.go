package protocol

import (
	"crypto/sha256"
	"encoding/json"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/cryptotest"

	"genoveil/pipeline/study/folder"
	"genoveil/secagg"
)

// shown is what a site's folder shows of it when it has uploaded its first vector, and what
// only the site knows of that.
type shown struct {
	files map[string][]byte
	self  secagg.Key // β
	label secagg.Transcript
}

// uploadedOf runs a world, all of whose randomness follows from a seed, up to the first
// uploads, and looks at the sites; then it completes the analysis.
func uploadedOf(t *testing.T, change func(w *world)) map[string]shown {
	t.Helper()
	cryptotest.SetGlobalRandom(t, 11)
	w := newWorld(t, 5, aFit)
	for _, p := range w.at {
		for i := range p.own {
			p.own[i] += 1 << 50 // so that there is something to take off
		}
	}
	change(w)
	w.run(func(to, path string, text []byte) []byte {
		if strings.HasPrefix(path, "01-first-upload") {
			return nil
		}
		return text
	})
	all := map[string]shown{}
	for _, name := range w.docs.Charter.Sites {
		p := w.party(name)
		s, err := p.loadSecrets()
		w.ok(err)
		var kept uploaded
		w.ok(p.recall("01-first-upload", &kept))
		vector := make([]byte, 8*len(w.at[name].own))
		if toBytes(vector, w.at[name].own); sha256.Sum256(vector) != kept.Vector {
			t.Errorf("%s uploaded another vector", name)
		}
		m, err := p.own("01-first-upload")
		w.ok(err)
		all[name] = shown{w.written(name), s.secret.Self(secagg.Transcript(m.T), "first", kept.Vector), secagg.Transcript(m.T)}
	}
	w.run(honest)
	w.complete()
	return all
}

// TestUploadsShowMaskedVectors is the test of the proof at this level. With all randomness
// fixed, sites analyse (x₁ + d, x₂ − d, x₃) instead of (x₁, x₂, x₃). What the folder has up to and
// with the uploads is the same but for the uploads of 1 and 2; and of these every word differs
// by ±d and the difference of the streams M(β), and nothing else does but the digest of the
// words and the commitment to β. So the folder has x nowhere but in x + M(β) + (streams of
// pairs): with the streams shifted by as much, which is as likely, every byte is the same.
// TestEqualTotalsEqualViews of secagg shows this with shifted streams for the words, and
// the openings.
func TestUploadsShowMaskedVectors(t *testing.T) {
	d := []uint64{0, 1, 1 << 40, 7, 900} // the first word is said in the clear
	var before, after map[string]shown
	t.Run("x", func(t *testing.T) { before = uploadedOf(t, func(*world) {}) })
	t.Run("x+d", func(t *testing.T) {
		after = uploadedOf(t, func(w *world) {
			for i := range d {
				w.at["a"].own[i] += d[i]
				w.at["b"].own[i] -= d[i]
			}
		})
	})
	const words, header = "01-first-upload/%.00001.words", "01-first-upload/%.msg"
	for name, x := range before {
		y := after[name]
		payload, message := strings.ReplaceAll(words, "%", name), strings.ReplaceAll(header, "%", name)
		if !slices.Equal(slices.Sorted(maps.Keys(x.files)), slices.Sorted(maps.Keys(y.files))) || x.files[payload] == nil || x.files[filepath.Join("keys", name+".msg")] == nil {
			t.Fatalf("%s: other files: %v", name, slices.Sorted(maps.Keys(y.files)))
		}
		changed := map[string]bool{}
		for path := range x.files {
			if !slices.Equal(x.files[path], y.files[path]) {
				changed[path] = true
			}
		}
		if name == "c" {
			if len(changed) > 0 {
				t.Errorf("c, whose vector is the same, shows other %v", changed)
			}
			continue
		}
		if want := (map[string]bool{payload: true, message: true}); !reflect.DeepEqual(changed, want) {
			t.Errorf("%s shows other %v", name, changed)
		}
		a, b := make([]uint64, len(d)), make([]uint64, len(d))
		toWords(a, x.files[payload])
		toWords(b, y.files[payload])
		unmask := func(words []uint64, s shown) {
			(&secagg.Masks{T: s.label, Part: "first", Width: secagg.Words64, Subtract: []secagg.Key{s.self}}).Vector(words)
		}
		unmask(a, x)
		unmask(b, y)
		for i := range d {
			want := d[i]
			if name == "b" {
				want = -d[i]
			}
			if b[i]-a[i] != want {
				t.Errorf("%s, word %d differs by %d, and not by %d", name, i, int64(b[i]-a[i]), int64(want))
			}
		}
		if !reflect.DeepEqual(blank(t, x.files[message], x.self), blank(t, y.files[message], y.self)) {
			t.Errorf("%s has another header", name)
		}
	}
}

// blank is a header without the digest of its words, and without the commitment, which is
// that to a key.
func blank(t *testing.T, text []byte, self secagg.Key) folder.Header {
	t.Helper()
	_, rest, _ := strings.Cut(string(text), "\n")
	line, _, _ := strings.Cut(rest, "\n")
	var h folder.Header
	var u upload
	if err := folder.Strict([]byte(line), &h); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(h.Body, &u); err != nil || u.Commitment != self.Commitment() {
		t.Errorf("%v, or another commitment", err)
	}
	h.Body, h.Files[0].SHA256 = nil, folder.Digest{}
	return h
}

// TestSameRandomness: with equal vectors and randomness every byte is equal. Otherwise the
// test above would show less.
func TestSameRandomness(t *testing.T) {
	var runs []map[string]shown
	for range 2 {
		t.Run("", func(t *testing.T) { runs = append(runs, uploadedOf(t, func(*world) {})) })
	}
	if !reflect.DeepEqual(runs[0], runs[1]) {
		t.Error("the same run shows something else")
	}
}
