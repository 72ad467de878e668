package bgzf

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/iotest"

	biogo "github.com/biogo/hts/bgzf"
	"github.com/klauspost/compress/gzip"
	"pgregory.net/rapid"

	"genoveil/genomics/shareddata"
)

// makeBlock returns a text as a block with extra fields around its size.
func makeBlock(t rapid.TB, text []byte, before, behind string) []byte {
	t.Helper()
	var data bytes.Buffer
	z, err := flate.NewWriter(&data, flate.DefaultCompression)
	if err == nil {
		_, err = z.Write(text)
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	extraLen := len(before) + 6 + len(behind)
	block := append([]byte(magic), "\x00\x00\x00\x00\x00\xff"...)
	block = binary.LittleEndian.AppendUint16(block, uint16(extraLen))
	block = append(block, before+"BC\x02\x00"...)
	block = binary.LittleEndian.AppendUint16(block, uint16(fixedLen+extraLen+data.Len()+footerLen-1))
	block = append(append(block, behind...), data.Bytes()...)
	block = binary.LittleEndian.AppendUint32(block, crc32.ChecksumIEEE(text))
	return binary.LittleEndian.AppendUint32(block, uint32(len(text)))
}

// pack returns a text as blocks of random sizes, and the places between them.
func pack(t rapid.TB, r *rand.Rand, text []byte) (data []byte, bounds []int) {
	t.Helper()
	for len(text) > 0 {
		bounds = append(bounds, len(data))
		n := min(r.IntN(5000), len(text))
		data = append(data, makeBlock(t, text[:n], "", "")...)
		text = text[n:]
	}
	bounds = append(bounds, len(data))
	return append(data, EndMarker...), bounds
}

// readAll reads and inflates some blocks at a time, up to an error.
func readAll(data []byte, size int) ([]byte, error) {
	r := NewReader(bufio.NewReader(bytes.NewReader(data)), 0)
	var blocks Blocks
	var z Inflater
	var text []byte
	for {
		end := r.Next(&blocks, size)
		var err error
		if text, err = z.Inflate(text, &blocks); err != nil {
			return text, err
		}
		if end == io.EOF {
			return text, nil
		}
		if end != nil {
			return text, end
		}
	}
}

// gunzip is the twin of readAll for whole data.
func gunzip(data []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// TestBlocks reads whole files, files that are cut, and damaged ones.
func TestBlocks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		kind := rapid.SampledFrom([]string{"genotypes", "noise"}).Draw(t, "kind")
		want := kinds[kind](r, rapid.IntRange(0, 20000).Draw(t, "length"))
		size := rapid.SampledFrom([]int{0, 1, 3000, 1 << 20}).Draw(t, "size")
		data, bounds := pack(t, r, want)
		got, err := readAll(data, size)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes, error %v, want %d", len(got), err, len(want))
		}

		cut := rapid.OneOf(rapid.IntRange(0, len(data)-1), rapid.SampledFrom(bounds)).Draw(t, "cut")
		wantErr := io.ErrUnexpectedEOF
		if slices.Contains(bounds, cut) {
			wantErr = ErrNoEndMarker
		}
		got, err = readAll(data[:cut], size)
		if err != wantErr || !bytes.HasPrefix(want, got) {
			t.Fatalf("cut at %d of %v: %d bytes, error %v, want %v", cut, bounds, len(got), err, wantErr)
		}

		damaged := bytes.Clone(data)
		damaged[r.IntN(len(data))] ^= 1 << r.IntN(8)
		got, err = readAll(damaged, size)
		if !bytes.HasPrefix(want, got) || err == nil && len(got) < len(want) {
			t.Fatalf("damage gave another text, and error %v", err)
		}
		if twin, twinErr := gunzip(damaged); err == nil && (twinErr != nil || !bytes.Equal(twin, got)) {
			t.Fatalf("no error, but gzip has %v", twinErr)
		}
	})
}

// TestDetect looks at the begin of files.
func TestDetect(t *testing.T) {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	z.Write(make([]byte, 100))
	z.Close()
	for head, want := range map[string]bool{
		EndMarker: true, EndMarker[:HeadLen]: true, EndMarker[:HeadLen-1]: false, "": false, zipped.String(): false,
		"##fileformat=VCFv4.2\n": false,
	} {
		if Detect([]byte(head)) != want {
			t.Errorf("%q: not %v", head, want)
		}
	}
}

func TestErrors(t *testing.T) {
	first := makeBlock(t, []byte("some text"), "", "")
	changed := func(at int, to ...byte) string {
		data := bytes.Clone(first)
		copy(data[(at+len(data))%len(data):], to)
		return string(data)
	}
	around := func(before, behind string) string { return string(makeBlock(t, nil, before, behind)) }
	const again = "; copy the file again, and check it with bgzip -t"
	for _, test := range []struct{ name, second, want string }{
		{"field before", around("XY\x03\x00abc", ""), ""},
		{"field behind", around("", "XY\x03\x00abc"), ""},
		{"fields around", around("BC\x03\x00abcXY\x00\x00", "BC\x02\x00ab"), ""},
		{"text", "##fileformat", "does not begin like one" + again},
		{"gzip member", changed(3, 0), "does not begin like one" + again},
		{"no fields", changed(10, 0), "does not say how long it is" + again},
		{"no BC", changed(13, 'D'), "does not say how long it is" + again},
		{"long BC", changed(14, 3), "does not say how long it is" + again},
		{"too short for itself", changed(16, HeadLen+footerLen-2, 0), "does not say how long it is" + again},
		{"large text", changed(-2, 2), "is larger than 64 KB" + again},
		{"other length", changed(-4, 8), "is damaged" + again},
		{"other checksum", changed(-8, 1, 2, 3), "is damaged (wrong checksum)" + again},
		{"reserved kind", changed(HeadLen, 7), "is damaged" + again},
	} {
		text, err := readAll(slices.Concat(first, []byte(test.second), []byte(EndMarker)), 1)
		if string(text) != "some text" {
			t.Errorf("%s: read %q", test.name, text)
		}
		if want := fmt.Sprintf("the BGZF block at byte %d %s", len(first), test.want); test.want == "" && err != nil || test.want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%s: got %v, want %s", test.name, err, want)
		}
	}
}

// TestSourceError returns the error of the source after the blocks before it.
func TestSourceError(t *testing.T) {
	data := slices.Concat(makeBlock(t, []byte("some text"), "", ""), makeBlock(t, []byte(", and more"), "", ""))
	broken := errors.New("broken")
	r := NewReader(bufio.NewReader(io.MultiReader(bytes.NewReader(data), iotest.ErrReader(broken))), 0)
	var blocks Blocks
	if err := r.Next(&blocks, 100); err != nil {
		t.Error(err)
	}
	if text, err := new(Inflater).Inflate(nil, &blocks); err != nil || string(text) != "some text, and more" || blocks.Len() != 2 {
		t.Errorf("%q in %d blocks, %v", text, blocks.Len(), err)
	}
	if err := r.Next(&blocks, 100); err != broken || blocks.Len() != 0 {
		t.Error(err, blocks.Len())
	}
}

// FuzzBlocks reads any data. Where there is no error, gzip has the same text.
func FuzzBlocks(f *testing.F) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, text := range kinds {
		data, _ := pack(f, r, text(r, 9000))
		f.Add(data, 1000)
	}
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		got, err := readAll(data, size)
		all, errAll := readAll(data, 1<<30)
		if !bytes.Equal(got, all) || err != errAll && (err == nil || errAll == nil || err.Error() != errAll.Error()) {
			t.Fatalf("%d bytes and %v, at once %d bytes and %v", len(got), err, len(all), errAll)
		}
		if want, wantErr := gunzip(data); err == nil && (wantErr != nil || !bytes.Equal(want, got)) {
			t.Fatalf("no error, but gzip has %v", wantErr)
		}
	})
}

// TestHapMap inflates real genotypes.
func TestHapMap(t *testing.T) {
	data := hapmap(t)
	want, err := gunzip(data)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := readAll(data, 1<<18); err != nil || !bytes.Equal(got, want) {
		t.Fatal(len(got), err)
	}
}

// hapmap returns a file of the shared data.
func hapmap(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(shareddata.Dir(t, "hapmap3"), "hapmap3.vcf.gz"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// BenchmarkInflate inflates real genotypes on one core.
func BenchmarkInflate(b *testing.B) {
	data := hapmap(b)
	b.Run("here", func(b *testing.B) {
		var blocks Blocks
		var z Inflater
		var text []byte
		for b.Loop() {
			r, n := NewReader(bufio.NewReaderSize(bytes.NewReader(data), 1<<17), 0), 0
			for end := error(nil); end == nil; {
				end = r.Next(&blocks, 1<<18)
				var err error
				if text, err = z.Inflate(text[:0], &blocks); err != nil {
					b.Fatal(err)
				}
				n += len(text)
			}
			b.SetBytes(int64(n))
		}
	})
	b.Run("biogo", func(b *testing.B) {
		for b.Loop() {
			z, err := biogo.NewReader(bytes.NewReader(data), 1)
			if err != nil {
				b.Fatal(err)
			}
			n, err := io.Copy(io.Discard, z)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(n)
		}
	})
	b.Run("klauspost", func(b *testing.B) {
		for b.Loop() {
			z, err := gzip.NewReader(bytes.NewReader(data))
			if err != nil {
				b.Fatal(err)
			}
			n, err := io.Copy(io.Discard, z)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(n)
		}
	})
}
