package secagg

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"math/bits"
	"runtime"
	"slices"
	"sync"
)

// ErrCommitment reports an opened key that is not the one committed to.
var ErrCommitment = errors.New("the opened key is not the one that the site committed to")

// A Width is how long words are, in elements of a slice.
type Width int

const (
	Words64  Width = 1 // integers modulo 2^64
	Words128 Width = 2 // integers modulo 2^128: the low half, then the high one
)

// ChunkLen is how many elements of a slice a chunk has, 1 MiB: each has keys of its own.
const ChunkLen = 1 << 17

// Masks are streams to add to a vector and to subtract from it. A site adds the keys that
// it shares with larger names and its own key, and subtracts those that it shares with
// smaller names. A recipient subtracts all sites' own keys from the sum of their vectors.
type Masks struct {
	T             Transcript
	Part          string
	Width         Width
	Add, Subtract []Key
}

// check stops a program that would use masks in a way in which they hide less than they
// should: none of it can come from another party.
func (m *Masks) check(words []uint64) {
	m.Width.check(words)
	keys := slices.Concat(m.Add, m.Subtract)
	for i := range keys {
		for j := range i {
			// Twice a stream is even, and a stream less itself is nothing.
			if subtle.ConstantTimeCompare(keys[i][:], keys[j][:]) == 1 {
				panic("secagg: a key serves twice")
			}
		}
	}
}

func (w Width) check(words []uint64) {
	if w != Words64 && w != Words128 || len(words)%int(w) != 0 {
		panic("secagg: not words of a width")
	}
}

// Vector masks a whole vector in place, on all cores.
func (m *Masks) Vector(words []uint64) {
	m.check(words)
	var tasks sync.WaitGroup
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	for at, n := 0, uint64(0); at < len(words); at, n = at+ChunkLen, n+1 {
		free <- struct{}{}
		tasks.Go(func() {
			m.Chunk(n, words[at:min(at+ChunkLen, len(words))])
			<-free
		})
	}
	tasks.Wait()
}

// pieceLen is how much of a chunk is masked by all streams before the next piece, so that
// it stays in the first-level cache.
const pieceLen = 2048

// Chunk masks a chunk of a vector in place, all chunks but the last of ChunkLen elements.
// Chunks may be masked in any order and at the same time.
func (m *Masks) Chunk(n uint64, words []uint64) {
	m.check(words)
	if len(words) > ChunkLen {
		panic("secagg: not a chunk")
	}
	add, subtract := m.streams(m.Add, n), m.streams(m.Subtract, n)
	var stream [8 * pieceLen]byte
	for len(words) > 0 {
		piece := words[:min(pieceLen, len(words))]
		for _, s := range add {
			m.combine(piece, next(s, &stream, len(piece)), addTo64, addTo128)
		}
		for _, s := range subtract {
			m.combine(piece, next(s, &stream, len(piece)), subtractFrom64, subtractFrom128)
		}
		words = words[len(piece):]
	}
}

// streams makes the streams of a chunk: AES-256 in counter mode from zero, with a key for
// this chunk alone.
func (m *Masks) streams(keys []Key, n uint64) []cipher.Stream {
	streams := make([]cipher.Stream, len(keys))
	for i, k := range keys {
		key := k.derive("stream", m.T[:], []byte(m.Part), number(uint64(m.Width)), number(n))
		block, err := aes.NewCipher(key[:])
		if err != nil {
			panic(err) // only for keys of another length
		}
		streams[i] = cipher.NewCTR(block, make([]byte, aes.BlockSize))
	}
	return streams
}

// next reads the following words of a stream.
func next(s cipher.Stream, stream *[8 * pieceLen]byte, words int) []byte {
	out := stream[:8*words]
	s.XORKeyStream(out, zeros[:len(out)])
	return out
}

var zeros [8 * pieceLen]byte

func (m *Masks) combine(words []uint64, stream []byte, narrow, wide func(words []uint64, stream []byte)) {
	if m.Width == Words128 {
		wide(words, stream)
		return
	}
	narrow(words, stream)
}

func addTo64(words []uint64, stream []byte) {
	for i := range words {
		words[i] += binary.LittleEndian.Uint64(stream[8*i:])
	}
}

func subtractFrom64(words []uint64, stream []byte) {
	for i := range words {
		words[i] -= binary.LittleEndian.Uint64(stream[8*i:])
	}
}

func addTo128(words []uint64, stream []byte) {
	for i := 0; i+1 < len(words); i += 2 {
		var carry uint64
		words[i], carry = bits.Add64(words[i], binary.LittleEndian.Uint64(stream[8*i:]), 0)
		words[i+1], _ = bits.Add64(words[i+1], binary.LittleEndian.Uint64(stream[8*i+8:]), carry)
	}
}

func subtractFrom128(words []uint64, stream []byte) {
	for i := 0; i+1 < len(words); i += 2 {
		var borrow uint64
		words[i], borrow = bits.Sub64(words[i], binary.LittleEndian.Uint64(stream[8*i:]), 0)
		words[i+1], _ = bits.Sub64(words[i+1], binary.LittleEndian.Uint64(stream[8*i+8:]), borrow)
	}
}

// Sum adds a vector to a sum of the same length.
func (w Width) Sum(sum, words []uint64) {
	if w.check(sum); len(words) != len(sum) {
		panic("secagg: vectors of two lengths")
	}
	if w == Words64 {
		for i := range sum {
			sum[i] += words[i]
		}
		return
	}
	for i := 0; i+1 < len(sum); i += 2 {
		var carry uint64
		sum[i], carry = bits.Add64(sum[i], words[i], 0)
		sum[i+1], _ = bits.Add64(sum[i+1], words[i+1], carry)
	}
}
