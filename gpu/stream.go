//go:build cuda

package gpu

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"gorgonia.org/cu"
)

// A Stream is a queue of work on a device. Everything it is given runs in order;
// calls return at once. An error of earlier work may come back from any later call.
type Stream struct {
	device *Device
	stream cu.Stream

	mu       sync.Mutex
	kernels  []string // queued since the last Synchronize began, each once
	awaiting []string // queued before that, and not known to have ended well

	staging sync.Mutex
	stage   Host // for Write and Read
}

// NewStream starts a queue. It goes with the device.
func (d *Device) NewStream() (*Stream, error) {
	s := &Stream{device: d}
	err := d.do("make a stream", func() (err error) {
		if s.stream, err = cu.MakeStream(cu.NonBlocking); err != nil {
			return err
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		d.streams = append(d.streams, s)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Upload queues a copy from page-locked memory (a part of one Host), which must not
// change until it is done.
func (s *Stream) Upload(dst Words, src []uint32) error {
	op := fmt.Sprintf("upload %d words", len(src))
	if err := s.check(op, dst.n, len(src), dst); err != nil || len(src) == 0 {
		return err
	}
	if !pageLocked(src) {
		return s.device.misuse(op, "the memory is not a part of one Host")
	}
	return s.device.do(op, func() error {
		return cu.MemcpyHtoDAsync(dst.pointer(), unsafe.Pointer(&src[0]), dst.bytes(), s.stream)
	})
}

// Download queues a copy to page-locked memory (a part of one Host).
func (s *Stream) Download(dst []uint32, src Words) error {
	op := fmt.Sprintf("download %d words", len(dst))
	if err := s.check(op, len(dst), src.n, src); err != nil || len(dst) == 0 {
		return err
	}
	if !pageLocked(dst) {
		return s.device.misuse(op, "the memory is not a part of one Host")
	}
	return s.device.do(op, func() error {
		return cu.MemcpyDtoHAsync(unsafe.Pointer(&dst[0]), src.pointer(), src.bytes(), s.stream)
	})
}

// Copy queues a copy within the device. The arrays are of one length.
func (s *Stream) Copy(dst, src Words) error {
	op := fmt.Sprintf("copy %d words", dst.n)
	if err := s.check(op, dst.n, src.n, dst, src); err != nil || dst.n == 0 {
		return err
	}
	return s.device.do(op, func() error {
		return cu.MemcpyDtoDAsync(dst.pointer(), src.pointer(), dst.bytes(), s.stream)
	})
}

// Zero queues clearing.
func (s *Stream) Zero(dst Words) error {
	op := fmt.Sprintf("clear %d words", dst.n)
	if err := s.check(op, dst.n, dst.n, dst); err != nil || dst.n == 0 {
		return err
	}
	return s.device.do(op, func() error {
		return cu.MemsetD32Async(dst.pointer(), 0, int64(dst.n), s.stream)
	})
}

// check refuses copies between lengths and arrays of other devices.
func (s *Stream) check(op string, dst, src int, arrays ...Words) error {
	if dst != src {
		return s.device.misuse(op, "from %d words to %d", src, dst)
	}
	for _, w := range arrays {
		if w.device != nil && w.device != s.device {
			return s.device.misuse(op, "the array is on gpu %d", w.device.info.Ordinal)
		}
	}
	return nil
}

// Synchronize waits for everything queued.
func (s *Stream) Synchronize() error {
	s.mu.Lock()
	s.awaiting, s.kernels = append(s.awaiting, s.kernels...), nil
	s.mu.Unlock()
	e, err := s.record("synchronize")
	if err == nil {
		err = e.Synchronize()
	}
	if err == nil {
		s.mu.Lock()
		s.awaiting = nil
		s.mu.Unlock()
	}
	return err
}

// queued names the kernels that may have failed on the device.
func (d *Device) queued() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var names []string
	for _, s := range d.streams {
		s.mu.Lock()
		for _, name := range slices.Concat(s.awaiting, s.kernels) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		s.mu.Unlock()
	}
	return strings.Join(names, ", ")
}
