//go:build cuda

package main

import (
	"errors"
	"fmt"
	"sync/atomic"

	"genoveil/he"
	"genoveil/he/cuda"
)

// newEncryptor is nil where processors are to encrypt. release wipes what GPUs hold.
func newEncryptor(s *session, device string, params he.PlaneParams, secret *he.SecretKey, threads int) (e he.ChunkEncryptor, release func() error, err error) {
	nothing := func() error { return nil }
	if device == cpuDevice {
		return nil, nothing, nil
	}
	f := &fallback{session: s}
	open, err := openGPUs(s)
	if err == nil {
		f.gpus, err = cuda.NewEncryptor(params, secret, open)
	}
	if failure := gpuFailure(err); failure != nil && device == autoDevice {
		f.warn(failure)
		return nil, nothing, nil
	}
	if err != nil {
		return nil, nil, err
	}
	s.took.Device = cudaDevice
	if device == cudaDevice {
		return f.gpus, f.gpus.Close, nil
	}
	processors, err := he.NewEncryptor(params, secret)
	if err != nil {
		return nil, nil, errors.Join(err, f.gpus.Close())
	}
	f.processors = processors.ChunkEncryptor(threads)
	return f, f.release, nil
}

// A fallback encrypts on GPUs until one fails, and then on processors. The chunk that
// failed is encrypted from the beginning, with another seed and other errors.
type fallback struct {
	session    *session
	gpus       *cuda.Encryptor
	processors he.ChunkEncryptor
	failed     atomic.Bool
}

func (f *fallback) EncryptChunk(chunk *he.EncryptedChunk, samples int, fill func(sample int, values []int32)) error {
	if !f.failed.Load() {
		err := f.gpus.EncryptChunk(chunk, samples, fill)
		failure := gpuFailure(err)
		if failure == nil {
			return err
		}
		if f.failed.CompareAndSwap(false, true) {
			f.warn(failure)
		}
	}
	return f.processors.EncryptChunk(chunk, samples, fill)
}

func (f *fallback) warn(failure error) {
	f.session.log.Warn(fmt.Sprintf("%v; continuing to encrypt on the CPU", failure))
	f.session.took.Device = cpuDevice
}

// release wipes what GPUs hold. A device that has failed was named already.
func (f *fallback) release() error {
	err := f.gpus.Close()
	if f.failed.Load() {
		return nil
	}
	return err
}
