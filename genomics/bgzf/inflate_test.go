package bgzf

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/flate"
)

// genotypes returns n bytes of calls.
func genotypes(r *rand.Rand, n int) []byte {
	var text []byte
	for len(text) < n {
		text = append(text, [...]string{"0/0\t", "0/0\t", "0/0\t", "0/1\t", "1/1\t", "./.\t"}[r.IntN(6)]...)
	}
	return text[:n]
}

func noise(r *rand.Rand, n int) []byte {
	text := make([]byte, n)
	for i := range text {
		text[i] = byte(r.Uint32())
	}
	return text
}

var kinds = map[string]func(r *rand.Rand, n int) []byte{"genotypes": genotypes, "noise": noise}

// TestInflate gives data of the right length and of others, one after the other to
// one Inflater.
func TestInflate(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var z Inflater
	for kind, text := range kinds {
		for _, size := range []int{0, 1, 100, 5000, maxText} {
			for level := flate.HuffmanOnly; level <= flate.BestCompression; level++ {
				want := text(r, size)
				var buf bytes.Buffer
				w, err := flate.NewWriter(&buf, level)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := w.Write(want); err != nil {
					t.Fatal(err)
				}
				if err := w.Close(); err != nil {
					t.Fatal(err)
				}
				data := buf.Bytes()
				for length, sound := range map[int]bool{size: true, size - 1: false, size + 1: false} {
					if length < 0 {
						continue
					}
					got := make([]byte, length)
					if ok := z.inflate(got, data); ok != sound || ok && !bytes.Equal(got, want) {
						t.Fatalf("%d bytes of %s at level %d, inflated to %d: %v", size, kind, level, length, ok)
					}
				}
				got := make([]byte, size)
				if z.inflate(got, data[:len(data)-1]) || z.inflate(got, append(data, 0)) {
					t.Fatalf("%d bytes of %s at level %d: inflated from too few or too many", size, kind, level)
				}
			}
		}
	}
}
