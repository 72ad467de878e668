//go:build cuda

package cuda

import (
	"crypto/rand"
	"errors"
	"fmt"
	"unsafe"

	"genoveil/gpu"
	"genoveil/he"
	kernels "genoveil/kernels/cuda"
)

// An Encryptor is he.ChunkEncryptor on one or more GPUs, which take chunks as they become
// free. Their memory holds the secret and plane values until Close.
type Encryptor struct {
	params  he.PlaneParams
	devices []*encryptorDevice
	lanes   int
	idle    chan *encryptorLane
}

type encryptorDevice struct {
	device    *gpu.Device
	stream    *gpu.Stream // for what happens once
	encryptor *kernels.Encryptor
}

// lanesPerDevice is the number of chunks under way on a device: while one is computed,
// others are copied, by the device and by processors. A lane takes 15 MB of the device
// and 8 MB of page-locked memory at N = 8192 and three primes.
const lanesPerDevice = 4

// An encryptorLane is what one chunk at a time takes.
type encryptorLane struct {
	*encryptorDevice
	stream *gpu.Stream

	plain     gpu.Host // values, then the seed and the key of the errors
	encrypted gpu.Host

	input, messages, c0 gpu.Words // input is plain on the device
}

// NewEncryptor prepares encryption under sk on devices that are open.
func NewEncryptor(params he.PlaneParams, sk *he.SecretKey, devices []*gpu.Device) (*Encryptor, error) {
	if len(devices) == 0 {
		return nil, fmt.Errorf("no device")
	}
	key, err := he.NewEncryptor(params, sk)
	if err != nil {
		return nil, err
	}
	e := &Encryptor{params: params, idle: make(chan *encryptorLane, lanesPerDevice*len(devices))}
	for _, d := range devices {
		if err := e.open(d, key); err != nil {
			return nil, errors.Join(err, e.Close())
		}
	}
	return e, nil
}

func (e *Encryptor) open(d *gpu.Device, key *he.Encryptor) (err error) {
	chain := e.params.Chain()
	ring, err := kernels.NewRing(d, chain.N(), chain.Sums)
	if err != nil {
		return err
	}
	own := &encryptorDevice{device: d}
	if own.stream, err = d.NewStream(); err != nil {
		return err
	}
	secret, scales := key.PlaneKey()
	if own.encryptor, err = ring.NewEncryptor(d, own.stream, secret, scales); err != nil {
		return err
	}
	e.devices = append(e.devices, own)
	// The lanes have streams of their own.
	if err := own.stream.Synchronize(); err != nil {
		return err
	}
	for range lanesPerDevice {
		l := &encryptorLane{encryptorDevice: own}
		e.lanes++
		e.idle <- l
		if err := l.open(chain); err != nil {
			return err
		}
	}
	return nil
}

func (l *encryptorLane) open(chain he.Chain) (err error) {
	values, size := he.ChunkSamples*chain.N()+2*seedLen, chain.ChunkLen(he.ChunkSamples)
	if l.stream, err = l.device.NewStream(); err != nil {
		return err
	}
	for _, a := range []struct {
		words  *gpu.Words
		length int
	}{{&l.input, values}, {&l.messages, size}, {&l.c0, size}} {
		if *a.words, err = l.device.Alloc(a.length); err != nil {
			return err
		}
	}
	if l.plain, err = l.device.Host(values); err != nil {
		return err
	}
	l.encrypted, err = l.device.Host(size)
	return err
}

// seedLen is the number of words of a seed, and of a key of errors.
const seedLen = 8

// EncryptChunk is he.ChunkEncryptor's. Errors of encryption come from a ChaCha20 stream
// under a key that the operating system gives for each chunk.
//
// After an error of a device nothing of the chunk may be used, its seed included.
func (e *Encryptor) EncryptChunk(chunk *he.EncryptedChunk, samples int, fill func(sample int, values []int32)) error {
	if err := e.params.StartChunk(chunk, samples); err != nil {
		return err
	}
	l := <-e.idle
	defer func() { e.idle <- l }()
	n := e.params.N()
	for s := range samples {
		values := signed(l.plain.Words[s*n : (s+1)*n])
		fill(s, values)
		if err := e.params.CheckPlane(values); err != nil {
			return err
		}
	}
	copy(l.plain.Words[samples*n:], seedWords(chunk.Seed))
	key := l.plain.Words[samples*n+seedLen:][:seedLen]
	if _, err := rand.Read(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(key))), 4*seedLen)); err != nil {
		return err
	}
	err := l.encrypt(samples, samples*n, len(chunk.C0))
	clear(key)
	if err != nil {
		return err
	}
	copy(chunk.C0, l.encrypted.Words)
	return nil
}

// encrypt encrypts a chunk of so many values to so many words.
func (l *encryptorLane) encrypt(samples, values, words int) error {
	all := values + 2*seedLen
	if err := l.stream.Upload(l.input.Slice(0, all), l.plain.Words[:all]); err != nil {
		return err
	}
	seed, key := l.input.Slice(values, values+seedLen), l.input.Slice(values+seedLen, all)
	if err := l.encryptor.Encrypt(l.stream, l.c0, l.input, l.messages, seed, key, 1, samples); err != nil {
		return err
	}
	if err := l.stream.Download(l.encrypted.Words[:words], l.c0.Slice(0, words)); err != nil {
		return err
	}
	return l.stream.Synchronize()
}

// Close wipes what is secret and gives the memory back, when all calls of EncryptChunk
// have returned.
func (e *Encryptor) Close() error {
	var failed []error
	for range e.lanes {
		failed = append(failed, (<-e.idle).close())
	}
	for _, d := range e.devices {
		failed = append(failed, d.encryptor.Release(d.device, d.stream))
	}
	e.lanes, e.devices = 0, nil
	return errors.Join(failed...)
}

func (l *encryptorLane) close() error {
	err := l.wipe()
	for _, words := range []gpu.Words{l.input, l.messages, l.c0} {
		l.device.Free(words)
	}
	l.plain.Release()
	l.encrypted.Release()
	return err
}

// wipe clears what holds plane values.
func (l *encryptorLane) wipe() error {
	clear(l.plain.Words)
	if l.stream == nil {
		return nil
	}
	var failed []error
	for _, plain := range []gpu.Words{l.input, l.messages} {
		if plain.Len() > 0 {
			failed = append(failed, l.stream.Zero(plain))
		}
	}
	return errors.Join(append(failed, l.stream.Synchronize())...)
}

// signed is words as the signed integers that they hold.
func signed(words []uint32) []int32 {
	return unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(words))), len(words))
}
