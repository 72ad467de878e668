//go:build cuda

package cuda

import (
	"encoding/binary"

	"golang.org/x/sync/errgroup"

	"genoveil/gpu"
	"genoveil/he"
)

// batchChunks is the number of chunks that are uploaded and multiplied together: 100 MB
// at N = 8192, 64 samples and three primes.
const batchChunks = 16

// An uploader brings chunks to a device through page-locked memory, on a stream of its own.
// While one batch is multiplied the next is copied.
type uploader struct {
	stream  *gpu.Stream
	batches [2]batch
	next    int
}

// A batch is memory for chunks on their way, and for what a launch must know of them.
type batch struct {
	host     gpu.Host
	device   gpu.Words // the same words
	seeded   gpu.Words // c1 of all chunks
	uploaded gpu.Event
	used     gpu.Event // the device is done with it
}

// send uploads chunks of one number of samples, and then lists of words that begin at
// even places, and makes the seeded halves. It returns once the chunks are copied to
// page-locked memory. c0 and c1 are the chunks' halves, in memory that is good until `done`
// is called after everything that uses it was queued.
//
// prepare gives lists of these lengths, once it is known where the halves will be.
func (u *unit) send(chunks []he.Chunk, lengths []int, prepare func(c0, c1 []gpu.Words) [][]uint32) (lists []gpu.Words, done func() error, err error) {
	b := &u.upload.batches[u.upload.next]
	u.upload.next = 1 - u.upload.next
	if err := b.uploaded.Synchronize(); err != nil {
		return nil, nil, err
	}
	size := u.chain.ChunkLen(chunks[0].Samples)
	if err := u.reserve(&b.seeded, b, len(chunks)*size); err != nil {
		return nil, nil, err
	}
	words := len(chunks) * (size + 8)
	for _, length := range lengths {
		words += even(length)
	}
	if err := u.reserve(&b.device, b, words); err != nil {
		return nil, nil, err
	}
	var c0, c1 []gpu.Words
	for i := range chunks {
		c0, c1 = append(c0, b.device.Slice(i*size, (i+1)*size)), append(c1, b.seeded.Slice(i*size, (i+1)*size))
	}
	if len(b.host.Words) < words {
		b.host.Release()
		if b.host, err = u.device.Host(b.device.Len()); err != nil {
			b.host = gpu.Host{}
			return nil, nil, err
		}
	}
	var copies errgroup.Group
	for i := range chunks {
		own, tile := b.host.Words[i*size:][:size], size/u.chain.Tiles()
		copies.Go(func() error {
			return he.EachTile(chunks[i:i+1], u.chain.AllTiles(), func(t *he.ChunkTile) { copy(own[t.Number*tile:], t.C0(0)) })
		})
	}
	at := len(chunks) * size
	for _, chunk := range chunks {
		copy(b.host.Words[at:], seedWords(chunk.Seed))
		at += 8
	}
	for i, list := range prepare(c0, c1) {
		copy(b.host.Words[at:], list)
		lists = append(lists, b.device.Slice(at, at+lengths[i]))
		at += even(lengths[i])
	}
	if err := copies.Wait(); err != nil {
		return nil, nil, err
	}
	s := u.upload.stream
	if err := s.Wait(b.used); err != nil {
		return nil, nil, err
	}
	if err := s.Upload(b.device.Slice(0, words), b.host.Words[:words]); err != nil {
		return nil, nil, err
	}
	if b.uploaded, err = s.Record(); err != nil {
		return nil, nil, err
	}
	if err := u.compute.Wait(b.uploaded); err != nil {
		return nil, nil, err
	}
	seeds := b.device.Slice(len(chunks)*size, len(chunks)*(size+8))
	if err := u.ring.Uniform(u.compute, b.seeded, seeds, len(chunks), len(u.chain.Sums), chunks[0].Samples); err != nil {
		return nil, nil, err
	}
	return lists, func() (err error) {
		b.used, err = u.compute.Record()
		return err
	}, nil
}

// reserve makes an array of a batch at least so long.
func (u *unit) reserve(w *gpu.Words, b *batch, words int) error {
	if w.Len() >= words {
		return nil
	}
	if w.Len() > 0 {
		// The copies of the batch are done, and its last use is queued on the compute
		// stream, in whose order memory is freed.
		u.device.Free(*w)
		*w = gpu.Words{}
	}
	a, err := u.device.Alloc(words)
	if err != nil {
		return err
	}
	// The upload stream must not write before earlier users of this memory are done.
	if b.used, err = u.compute.Record(); err != nil {
		return err
	}
	*w = a
	return nil
}

// even is the next even number: lists begin at such places.
func even(n int) int { return (n + 1) &^ 1 }

func seedWords(seed [32]byte) []uint32 {
	words := make([]uint32, 8)
	for i := range words {
		words[i] = binary.LittleEndian.Uint32(seed[4*i:])
	}
	return words
}

// address is the two words of an array's address, for lists.
func address(w gpu.Words) []uint32 { return []uint32{uint32(w.Address()), uint32(w.Address() >> 32)} }
