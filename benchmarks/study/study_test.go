package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"genoveil/genomics/meta"
	"genoveil/genomics/sumstats"
)

// TestMain has the test binary act for parties, as the program does.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == childCommand {
		child(os.Args[2:])
		return
	}
	os.Exit(m.Run())
}

// TestParts runs every part once, small: four sites, of which one mails, receiving or not.
func TestParts(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []options{
		{sites: 4, variants: 3000, columns: 2, rows: 200, parallel: 2, repeat: 1, core: true, mail: true, maxSize: 1 << 16},
		{sites: 4, variants: 3000, columns: 2, rows: 200, parallel: 2, repeat: 1, full: true, mail: true, recipient: true, maxSize: 1 << 16},
	} {
		var out bytes.Buffer
		dir := t.TempDir()
		b := &bench{ctx: context.Background(), self: self, options: &o, out: &out, log: io.Discard}
		err := b.meta(filepath.Join(dir, "meta"))
		wanted := []string{"-association-upload", "site-04 sent", "| 8.000 |"}
		if err == nil && o.core {
			err = errors.Join(b.masks(), b.fit(filepath.Join(dir, "fit")))
			wanted = append(wanted, "AES-256-CTR alone", "-step-1-upload")
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
		for _, want := range wanted {
			if !strings.Contains(out.String(), want) {
				t.Errorf("no %q in\n%s", want, out.String())
			}
		}
	}
}

// TestSimulated reads what is simulated: a list whose variants are somewhere once on each
// build, though not in the same order, and a table of which all rows are in it.
func TestSimulated(t *testing.T) {
	const n = 50_000
	dir := t.TempDir()
	list, table := filepath.Join(dir, "list.gz"), filepath.Join(dir, "table.gz")
	if err := writeList(list, n); err != nil {
		t.Fatal(err)
	}
	if err := writeTable(table, n, 1); err != nil {
		t.Fatal(err)
	}
	l, err := meta.OpenList(list, "all")
	if err != nil {
		t.Fatal(err)
	}
	if l.Len() != n {
		t.Errorf("%d variants", l.Len())
	}
	reversed := 0
	for i := 1; i < n; i++ {
		if a, b := l.Variant(i-1), l.Variant(i); a.Chrom == b.Chrom && a.Pos37 > b.Pos37 {
			reversed++
		}
	}
	if reversed == 0 || reversed > n/10 {
		t.Errorf("%d of %d variants are in another order on the other build", reversed, n)
	}
	r, err := sumstats.Open(table, sumstats.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	h, err := l.HarmoniseForward(r, meta.GRCh38)
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Skipped) > 0 || h.Found < n*9/10 || h.Swapped < n/10 {
		t.Errorf("%+v", h.Source)
	}
}

// TestCompressed reads back what was compressed.
func TestCompressed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.gz")
	if err := compressed(path, func(w io.Writer) error { _, err := io.WriteString(w, "text"); return err }); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(z); err != nil || string(text) != "text" {
		t.Errorf("%q, %v", text, err)
	}
}
