package bgzf

import (
	"bufio"
	"bytes"
	"io"
	"math/rand/v2"
	"slices"
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
