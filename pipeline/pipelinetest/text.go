package pipelinetest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"os"
	"testing"
)

func Gunzip(t *testing.T, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(z); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func FirstDifference(got, want []byte) string {
	g, w := bufio.NewScanner(bytes.NewReader(got)), bufio.NewScanner(bytes.NewReader(want))
	for g.Scan() && w.Scan() {
		if g.Text() != w.Text() {
			return "got\n" + g.Text() + "\nwant\n" + w.Text()
		}
	}
	return "one is longer"
}
