package secagg

import (
	"crypto/aes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// slowStream is M written out: HKDF-Expand of one block as HMAC, and AES of the counter,
// one block at a time.
func slowStream(k Key, t Transcript, part string, width Width, chunk uint64, words int) []uint64 {
	info := []byte{}
	for _, p := range [][]byte{[]byte(domain), []byte("stream"), t[:], []byte(part), binary.BigEndian.AppendUint64(nil, uint64(width)), binary.BigEndian.AppendUint64(nil, chunk)} {
		info = append(binary.BigEndian.AppendUint64(info, uint64(len(p))), p...)
	}
	h := hmac.New(sha256.New, k[:])
	h.Write(append(info, 1))
	block, err := aes.NewCipher(h.Sum(nil))
	if err != nil {
		panic(err)
	}
	var out []uint64
	for counter := uint64(0); len(out) < words; counter++ {
		var in, stream [16]byte
		binary.BigEndian.PutUint64(in[8:], counter)
		block.Encrypt(stream[:], in[:])
		out = append(out, binary.LittleEndian.Uint64(stream[:]), binary.LittleEndian.Uint64(stream[8:]))
	}
	return out[:words]
}

// slowMask adds and subtracts streams with integers of any size.
func slowMask(m *Masks, words []uint64) []uint64 {
	modulus := new(big.Int).Lsh(big.NewInt(1), 64*uint(m.Width))
	out := slices.Clone(words)
	for at, chunk := 0, uint64(0); at < len(words); at, chunk = at+ChunkLen, chunk+1 {
		part := out[at:min(at+ChunkLen, len(out))]
		total := make([]*big.Int, len(part)/int(m.Width))
		for i := range total {
			total[i] = bigWord(part[i*int(m.Width):][:m.Width])
		}
		for k, key := range slices.Concat(m.Add, m.Subtract) {
			stream := slowStream(key, m.T, m.Part, m.Width, chunk, len(part))
			for i := range total {
				x := bigWord(stream[i*int(m.Width):][:m.Width])
				if k >= len(m.Add) {
					x.Neg(x)
				}
				total[i].Mod(total[i].Add(total[i], x), modulus)
			}
		}
		for i := range total {
			for j := range int(m.Width) {
				part[i*int(m.Width)+j] = new(big.Int).Rsh(total[i], 64*uint(j)).Uint64()
			}
		}
	}
	return out
}

// bigWord is a word from its elements, the lowest first.
func bigWord(elements []uint64) *big.Int {
	x := new(big.Int)
	for i := len(elements) - 1; i >= 0; i-- {
		x.Or(x.Lsh(x, 64), new(big.Int).SetUint64(elements[i]))
	}
	return x
}

func keysOf(r *rand.Rand, n int) []Key {
	keys := make([]Key, n)
	for i := range keys {
		for at := 0; at < len(keys[i]); at += 8 {
			binary.LittleEndian.PutUint64(keys[i][at:], r.Uint64())
		}
	}
	return keys
}

// TestMasks compares masking with its slow twin, over lengths around pieces and chunks.
func TestMasks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		m := &Masks{
			Part: rapid.StringN(0, 5, 9).Draw(t, "part"), Width: rapid.SampledFrom([]Width{Words64, Words128}).Draw(t, "width"),
			Add: keysOf(r, rapid.IntRange(0, 2).Draw(t, "add")), Subtract: keysOf(r, rapid.IntRange(0, 2).Draw(t, "subtract")),
		}
		m.T = Transcript(keysOf(r, 1)[0])
		n := rapid.SampledFrom([]int{0, 1, 2, 7, pieceLen/2 - 1, pieceLen / 2, pieceLen, pieceLen + 1, ChunkLen / 2, ChunkLen/2 + 1, ChunkLen + 3}).Draw(t, "words")
		words := make([]uint64, n*int(m.Width))
		for i := range words {
			words[i] = rapid.SampledFrom([]uint64{0, 1, 1 << 63, ^uint64(0), r.Uint64()}).Draw(t, "word")
			if i == 40 {
				for j := i + 1; j < len(words); j++ {
					words[j] = r.Uint64()
				}
				break
			}
		}
		want := slowMask(m, words)
		m.Vector(words)
		if !slices.Equal(words, want) {
			t.Fatal("differs from the slow twin")
		}
	})
}

// TestStreamsDiffer: every input of a stream makes another one.
func TestStreamsDiffer(t *testing.T) {
	keys := keysOf(rand.New(rand.NewPCG(1, 2)), 2)
	seen := map[string]string{}
	for _, key := range keys {
		for _, transcript := range []Transcript{{}, {1}} {
			for _, part := range []string{"", "a", "b"} {
				for _, width := range []Width{Words64, Words128} {
					for chunk := range uint64(3) {
						name := fmt.Sprint(key[0], transcript[0], part, width, chunk)
						words := make([]uint64, 4)
						(&Masks{T: transcript, Part: part, Width: width, Add: []Key{key}}).Chunk(chunk, words)
						if other, ok := seen[fmt.Sprint(words)]; ok {
							t.Errorf("%s has the stream of %s", name, other)
						}
						seen[fmt.Sprint(words)] = name
					}
				}
			}
		}
	}
}

// TestChunksAreBounded: what is no chunk is refused before its stream could be used for
// another's words.
func TestChunksAreBounded(t *testing.T) {
	for _, c := range []struct {
		width Width
		words int
	}{{Words64, ChunkLen + 1}, {Words128, 3}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%d words of width %d are masked", c.words, c.width)
				}
			}()
			(&Masks{Width: c.width}).Chunk(0, make([]uint64, c.words))
		}()
	}
}

// BenchmarkMask masks a million words of one of 64 sites: 63 pairs and its own stream.
func BenchmarkMask(b *testing.B) {
	keys := keysOf(rand.New(rand.NewPCG(1, 2)), 64)
	m := &Masks{Part: "part", Width: Words64, Add: keys[:33], Subtract: keys[33:]}
	words := make([]uint64, 1_000_000)
	b.SetBytes(int64(8 * len(words)))
	for b.Loop() {
		for at, n := 0, uint64(0); at < len(words); at, n = at+ChunkLen, n+1 {
			m.Chunk(n, words[at:min(at+ChunkLen, len(words))])
		}
	}
}
