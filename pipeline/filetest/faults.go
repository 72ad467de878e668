package filetest

import (
	"bytes"
	"os"
	"testing"

	"genoveil/pipeline/chunkfile"
	"genoveil/pipeline/format"
)

// FlipLast changes one bit of the last byte of a file that is not zero.
func FlipLast(t *testing.T, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(content) - 1; ; i-- {
		if content[i] != 0 {
			content[i] ^= 1
			break
		}
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// FlipWord flips a bit of a word of a chunk of a cohort's file.
func FlipWord(t *testing.T, path string, chunk, word int) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// Chunks lie at the end, each padded to 4096 bytes.
	at := len(content)
	r, err := chunkfile.Open(path, format.CohortKind)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for i := r.Chunks() - 1; i >= chunk; i-- {
		at -= int(r.Size(i)+4095) / 4096 * 4096
	}
	content[at+4*word+1] ^= 16
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// Flipped changes one bit of a file while check runs: that at `at`, or the last before
// it that is not padding.
func Flipped(t *testing.T, path string, at int, check func()) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := append([]byte(nil), content...)
	changed[ContentAt(content, at)] ^= 1
	if err := os.WriteFile(path, changed, 0o600); err != nil {
		t.Fatal(err)
	}
	check()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// ContentAt is the place of the last byte up to `at` that is not zero, as padding is.
func ContentAt(file []byte, at int) int {
	return len(bytes.TrimRight(file[:at+1], "\x00")) - 1
}
