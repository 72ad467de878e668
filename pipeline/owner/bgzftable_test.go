package owner

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/biogo/hts/bgzf"
	"github.com/biogo/hts/tabix"
)

// table writes text in pieces of an odd size and returns the file and its index.
func table(t *testing.T, text string, header int) (file, index []byte) {
	t.Helper()
	var b bytes.Buffer
	w := newBGZFTable(&b, header)
	for piece := range slices.Chunk([]byte(text), 997) {
		if _, err := w.Write(piece); err != nil {
			t.Fatal(err)
		}
	}
	index, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	z, err := bgzf.NewReader(bytes.NewReader(b.Bytes()), 1)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(z)
	if err != nil || string(got) != text {
		t.Fatalf("the compressed text differs (%v)", err)
	}
	return b.Bytes(), index
}

// TestBGZFTableIsIndexed looks regions up through the index and compares with
// reading all lines.
func TestBGZFTableIsIndexed(t *testing.T) {
	var text strings.Builder
	text.WriteString("#CHROM\tPOS\tID\n")
	type line struct {
		chromosome string
		position   int
		text       string
	}
	var lines []line
	for _, chromosome := range []string{"1", "chr2", "X"} {
		for i := range 4000 {
			l := line{chromosome: chromosome, position: 1 + i*i/7}
			l.text = fmt.Sprintf("%s\t%d\trs%d %s", l.chromosome, l.position, i, strings.Repeat("x", i%50))
			lines = append(lines, l)
			text.WriteString(l.text + "\n")
		}
	}
	file, packed := table(t, text.String(), 0)
	z, err := bgzf.NewReader(bytes.NewReader(packed), 1)
	if err != nil {
		t.Fatal(err)
	}
	index, err := tabix.ReadFrom(z)
	if err != nil {
		t.Fatal(err)
	}
	if names := index.Names(); !slices.Equal(names, []string{"1", "chr2", "X"}) {
		t.Fatalf("names %q", names)
	}
	reader, err := bgzf.NewReader(bytes.NewReader(file), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, region := range []struct {
		chromosome string
		from, to   int
	}{{"1", 1, 1}, {"1", 1, 3_000_000}, {"chr2", 1_000_000, 1_050_000}, {"X", 2_200_000, 2_300_000}, {"X", 2_284_000, 2_285_000}} {
		var want []string
		for _, l := range lines {
			if l.chromosome == region.chromosome && l.position >= region.from && l.position <= region.to {
				want = append(want, l.text)
			}
		}
		chunks, err := index.Chunks(region.chromosome, region.from-1, region.to)
		if err != nil {
			t.Fatal(err)
		}
		if err := reader.Seek(chunks[0].Begin); err != nil {
			t.Fatal(err)
		}
		var got []string
		for scan := bufio.NewScanner(reader); scan.Scan(); {
			var l line
			fmt.Sscan(scan.Text(), &l.chromosome, &l.position)
			if l.chromosome != region.chromosome || l.position > region.to {
				break
			}
			if l.position >= region.from {
				got = append(got, scan.Text())
			}
		}
		if len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("%+v: %d lines, want %d", region, len(got), len(want))
		}
	}
}

// TestBGZFTableWithoutIndex: what tabix could not index gets none.
func TestBGZFTableWithoutIndex(t *testing.T) {
	for name, text := range map[string]string{
		"not sorted":    "1\t5\ta\n1\t3\tb\n",
		"not tabs":      "1 5 a\n",
		"no position":   "1\tx\ta\n",
		"a broad table": "1\t5\t" + strings.Repeat("x", 70000) + "\n1\t6\ta\n",
	} {
		if _, index := table(t, text, 0); index != nil {
			t.Errorf("%s: an index was made", name)
		}
	}
	if _, index := table(t, "chromosome\tposition\tid\n1\t5\ta\n", 1); index == nil {
		t.Error("a header line without # keeps the index away")
	}
}
