package bgzf

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// TestEndsWhole cuts data at every place: they end whole behind each block, and nowhere
// else.
func TestEndsWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		text := make([]byte, rapid.IntRange(1, 20_000).Draw(t, "length"))
		for i := range text {
			text[i] = magic[r.IntN(len(magic))] // so that some of it looks like a block
		}
		data, bounds := pack(t, r, text)
		whole := map[int]bool{len(data): true}
		for _, at := range bounds[1:] {
			whole[at] = true
		}
		for size := len(data); size > 0; size -= 1 + r.IntN(40) {
			checkWhole(t, data[:size], whole[size])
		}
		for size := range whole {
			checkWhole(t, data[:size], true)
			checkWhole(t, data[:size-1], whole[size-1])
		}
	})
	// The longest blocks, and what is no block.
	noise := make([]byte, maxBlock-100)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	long := makeBlock(t, noise, "", "")
	checkWhole(t, long, true)
	checkWhole(t, append(long, long...), true)
	checkWhole(t, append([]byte{0}, long...), true)
	checkWhole(t, append(long, 0), false)
	checkWhole(t, nil, false)
	checkWhole(t, noise, false)
	long[len(long)-9] ^= 1
	checkWhole(t, long, false)
}

func checkWhole(t rapid.TB, data []byte, want bool) {
	t.Helper()
	got, err := EndsWhole(bytes.NewReader(data), int64(len(data)))
	if err != nil || got != want {
		t.Fatalf("%d bytes end whole: %t, %v, want %t", len(data), got, err, want)
	}
	marked, err := HasEndMarker(bytes.NewReader(data), int64(len(data)))
	if err != nil || marked != bytes.HasSuffix(data, []byte(EndMarker)) {
		t.Fatalf("%d bytes have an end marker: %t, %v", len(data), marked, err)
	}
}
