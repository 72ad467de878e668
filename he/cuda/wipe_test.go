//go:build cuda

package cuda

import (
	"slices"
	"testing"

	"genoveil/gpu"
	"genoveil/he"
	"genoveil/he/hetest"
	kernels "genoveil/kernels/cuda"
)

// TestEncryptorWipes looks at what a lane leaves in memory that it is about to give back.
func TestEncryptorWipes(t *testing.T) {
	params := hetest.SumParams(t, 10, 1<<12).PlaneParams
	sk, err := he.GenerateSecret(params.Chain())
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(err)
	d, err := gpu.Open(0, kernels.Modules())
	must(err)
	defer d.Close()
	e, err := NewEncryptor(params, sk, []*gpu.Device{d})
	must(err)
	for range 2 * lanesPerDevice {
		var chunk he.EncryptedChunk
		must(e.EncryptChunk(&chunk, he.ChunkSamples, func(_ int, v []int32) {
			for i := range v {
				v[i] = 1
			}
		}))
	}
	nonzero := func(words []uint32) bool {
		return slices.ContainsFunc(words, func(x uint32) bool { return x != 0 })
	}
	for range lanesPerDevice {
		l := <-e.idle
		read := func(w gpu.Words) []uint32 {
			words := make([]uint32, w.Len())
			must(l.stream.Read(words, w))
			return words
		}
		ends := he.ChunkSamples*params.N() + seedLen
		if nonzero(l.plain.Words[ends:]) || !nonzero(read(l.input)[ends:]) {
			t.Error("the key of the errors is in page-locked memory after use, or was not on the device")
		}
		for _, wiped := range []bool{false, true} {
			for what, words := range map[string][]uint32{
				"values":             l.plain.Words,
				"values on a device": read(l.input),
				"plain messages":     read(l.messages),
			} {
				if nonzero(words) == wiped {
					t.Errorf("%s, wiped: %v", what, !nonzero(words))
				}
			}
			must(l.wipe())
		}
		e.idle <- l
	}
	must(e.Close())
}
