package format_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/zeebo/blake3"

	"genoveil/pipeline/filetest"
	"genoveil/pipeline/format"
	"genoveil/pipeline/pipelinetest"
)

// TestManifestBomb opens cohorts whose manifests unpack to much more than the files beside
// them explain.
func TestManifestBomb(t *testing.T) {
	header := `{"version":1,"cohort_id":"` + pipelinetest.SomeID + `",`
	dir := t.TempDir()
	path := filepath.Join(dir, format.ManifestName)
	for _, files := range []int{0, 100} {
		for i := range files {
			if err := os.WriteFile(filepath.Join(dir, format.BlockFileName(i, 0)), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for name, test := range map[string]struct{ before, repeat, after, want string }{
			"blocks":       {header + `"blocks":[`, `{"planes":[]},`, `{}]}`, ""},
			"empty blocks": {header + `"blocks":[`, `{},`, `{}]}`, ""},
			"files":        {header + `"files":[`, `{},`, `{}]}`, ""},
			"planes":       {header + `"blocks":[{"planes":[`, `"",`, `""]}]}`, ""},
			"spaces":       {header, ` `, `"samples":1}`, "the manifest is too long for"},
			"spaces after": {header + `"samples":1}`, ` `, ``, "the manifest is too long for"},
			"digits":       {header + `"samples":1`, `0`, `}`, "the manifest is too long for"},
			"depth":        {header + `"samples":`, `[`, ``, ""},
			"fields":       {header, `"a":0,`, `"b":0}`, ""},
			"other blocks": {header + `"BLOCKS":[`, `{},`, `{}]}`, ""},
		} {
			var packed bytes.Buffer
			e, err := zstd.NewWriter(&packed, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
			if err != nil {
				t.Fatal(err)
			}
			e.Write([]byte(test.before))
			piece := []byte(strings.Repeat(test.repeat, 1<<20/len(test.repeat)))
			for range 64 {
				e.Write(piece)
			}
			e.Write([]byte(test.after))
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, packed.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			// A window of zstd, and the longest text that a hundred files explain.
			filetest.Within(t, name, packed.Len(), 16<<20, func() {
				_, err := format.OpenCohort(dir)
				filetest.Refused(t, name, err, path, test.want)
			})
		}
	}
	// A file of 200 GB that takes no space.
	if err := os.Truncate(path, 200e9); err != nil {
		t.Fatal(err)
	}
	filetest.Modestly(t, "sparse", 0, func() {
		_, err := format.OpenCohort(dir)
		filetest.Refused(t, "sparse", err, path, "the manifest is too long for the files beside it; copy the whole cohort again from where it was made")
	})
}

// rewriteManifest unpacks the manifest of a world's cohort, edits it and packs it again.
func rewriteManifest(w *pipelinetest.World, edit func(text []byte) []byte) (text []byte) {
	w.T.Helper()
	path := w.Path("cohort/" + format.ManifestName)
	packed, err := os.ReadFile(path)
	w.Must(err)
	d, err := zstd.NewReader(nil)
	w.Must(err)
	defer d.Close()
	text, err = d.DecodeAll(packed, nil)
	w.Must(err)
	text = edit(text)
	e, err := zstd.NewWriter(nil)
	w.Must(err)
	defer e.Close()
	w.Must(os.WriteFile(path, e.EncodeAll(text, nil), 0o600))
	return text
}

// TestManifestFingerprint: it is of all of the text, and the manifest is the same however
// it is spaced and ordered.
func TestManifestFingerprint(t *testing.T) {
	w := pipelinetest.NewSmallWorld(t)
	w.Encrypt(pipelinetest.Simulated(t, 64, 100, 0, 0).All())
	before, err := format.OpenCohort(w.Path("cohort"))
	w.Must(err)
	text := rewriteManifest(w, func(text []byte) []byte {
		var all map[string]json.RawMessage
		w.Must(json.Unmarshal(text, &all))
		text, err = json.MarshalIndent(all, "", "\t")
		w.Must(err)
		return append(text, "\n\n "...)
	})
	after, err := format.OpenCohort(w.Path("cohort"))
	w.Must(err)
	if after.Fingerprint != blake3.Sum256(text) || after.Fingerprint == before.Fingerprint {
		t.Errorf("fingerprint %s, before %s", after.Fingerprint, before.Fingerprint)
	}
	a, err := json.Marshal(before.Manifest)
	w.Must(err)
	b, err := json.Marshal(after.Manifest)
	w.Must(err)
	if !bytes.Equal(a, b) {
		t.Errorf("%s\n%s", a, b)
	}
}

// TestManifestRefuses edits a manifest that is right.
func TestManifestRefuses(t *testing.T) {
	w := pipelinetest.NewSmallWorld(t)
	w.Encrypt(pipelinetest.Simulated(t, 64, 100, 0, 0).All())
	whole := rewriteManifest(w, func(text []byte) []byte { return text })
	replace := func(old, new string) func([]byte) []byte {
		return func([]byte) []byte {
			if bytes.Count(whole, []byte(old)) != 1 {
				t.Fatalf("%q does not stand once in %s", old, whole)
			}
			return bytes.Replace(whole, []byte(old), []byte(new), 1)
		}
	}
	for _, test := range []struct {
		edit func([]byte) []byte
		want string
	}{
		{func([]byte) []byte { return append(slices.Clone(whole), '}') }, "something follows the manifest"},
		{func([]byte) []byte { return append(slices.Clone(whole), "{}"...) }, "something follows the manifest"},
		{func([]byte) []byte { return whole[:len(whole)-1] }, "unexpected EOF"},
		{func([]byte) []byte { return []byte("[]") }, "not a manifest"},
		{func([]byte) []byte { return nil }, "unexpected EOF"},
		{replace(`"blocks":[{`, `"blocks":[{"planes":["dosage"]},{`), "no file for block 1 from sample 0 on"},
		{replace(`"blocks":[{`, `"blocks":[`+strings.Repeat(`{"planes":["dosage"]},`, 1001)+`{`), "the manifest lists more than the files beside it"},
		{replace(`"files":[{`, `"files":[`+strings.Repeat(`{"name":"x"},`, 2)+`{`), "2 files more than the blocks have"},
		{replace(`"planes":["dosage"`, `"planes":["dosage","dosage"`), "block 0 has the plane dosage twice"},
		{replace(`"planes":["dosage"`, `"planes":["`+strings.Repeat("x", 300)+`"`), "a block has at most 256 bytes"},
		{replace(`"cohort_id":"`, `"cohort_id":"\u001b`), "the cohort's identifier does not have 32 hexadecimal digits"},
		{replace(`"genotypes":"hard calls"`, `"genotypes":"`+strings.Repeat(`\u001b`, 5000)+`"`), "genotypes are "},
		{replace(`"samples":64`, `"samples":1`+strings.Repeat("0", 5000)), "cannot unmarshal number 10000000"},
	} {
		rewriteManifest(w, test.edit)
		_, err := format.OpenCohort(w.Path("cohort"))
		filetest.Refused(t, test.want, err, w.Path("cohort/"+format.ManifestName), test.want)
	}
}
