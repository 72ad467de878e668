package bgzf

import (
	"bufio"
	"bytes"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// TestText reads texts as an io.Reader and block by block, with empty blocks among
// the others, after what was read before.
func TestText(t *testing.T) {
	var again Text
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		want := genotypes(r, rapid.IntRange(0, 20000).Draw(t, "length"))
		data, bounds := pack(t, r, want)
		at := bounds[r.IntN(len(bounds))]
		data = slices.Concat(data[:at], []byte(EndMarker), makeBlock(t, nil, "", ""), data[at:])
		if err := iotest.TestReader(NewText(bufio.NewReader(bytes.NewReader(data)), 0), want); err != nil {
			t.Fatal(err)
		}

		const begin = 1000
		again.Reset(bufio.NewReader(bytes.NewReader(data)), begin)
		var got []byte
		for {
			text, offset, err := again.Block()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			one, _ := readAll(data[offset-begin:again.Offset()-begin], 0)
			if len(text) == 0 || !bytes.Equal(one, text) {
				t.Fatalf("%d bytes at %d, where are %d", len(text), offset, len(one))
			}
			got = append(got, text...)
		}
		if !bytes.Equal(got, want) || again.Offset() != begin+int64(len(data)) {
			t.Fatalf("%d bytes up to %d", len(got), again.Offset())
		}

		cut := bounds[r.IntN(len(bounds))]
		data, _ = pack(t, r, want)
		if cut < len(data) {
			text, err := io.ReadAll(NewText(bufio.NewReader(bytes.NewReader(data[:cut])), 0))
			if _, wantErr := readAll(data[:cut], 0); err != wantErr || !bytes.HasPrefix(want, text) {
				t.Fatalf("cut at %d: %v, want %v", cut, err, wantErr)
			}
		}
	})
}

// TestCheckEnd looks at the ends of files.
func TestCheckEnd(t *testing.T) {
	whole := string(makeBlock(t, []byte("text"), "", "")) + EndMarker
	for data, want := range map[string]error{
		whole: nil, EndMarker: nil, "": nil, "##fileformat=VCFv4.2\n": nil, "\x1f\x8b\x08\x00": nil,
		whole[:len(whole)-1]: ErrNoEndMarker, whole[:len(whole)-len(EndMarker)]: ErrNoEndMarker, EndMarker[:HeadLen]: ErrNoEndMarker,
	} {
		if err := CheckEnd(bytes.NewReader([]byte(data)), int64(len(data))); err != want {
			t.Errorf("%q: %v, want %v", data, err, want)
		}
	}
}

// TestBehindEnd tells bytes behind the end marker from a file that is cut.
func TestBehindEnd(t *testing.T) {
	whole := string(makeBlock(t, []byte("text"), "", "")) + EndMarker
	for data, want := range map[string]string{
		whole + "more\n":                 "5 bytes that are not BGZF follow the end marker; copy the file again, or make it anew with bgzip",
		whole + whole[:len(whole)-1]:     ErrNoEndMarker.Error(),
		whole + magic[:2]:                ErrNoEndMarker.Error(),
		whole + strings.Repeat("x", 1e5): ErrNoEndMarker.Error(),
	} {
		if err := CheckEnd(strings.NewReader(data), int64(len(data))); err == nil || err.Error() != want {
			t.Errorf("%.60q: %v, want %s", data, err, want)
		}
	}
}
