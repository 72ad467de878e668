//go:build cuda

package gpu

import "gorgonia.org/cu"

// Words is an array of 32-bit words in a device's memory. The zero Words has no words
// and the address 0.
type Words struct {
	device  *Device
	address uint64
	n       int
}

// Len is the number of words.
func (w Words) Len() int { return w.n }

// Slice is words from … to−1. It panics where they are not all of w.
func (w Words) Slice(from, to int) Words {
	if from < 0 || from > to || to > w.n {
		panic("gpu: words outside an array")
	}
	return Words{w.device, w.address + 4*uint64(from), to - from}
}

// Address is what kernels see. It is for structures in device memory that point to
// arrays; launches take Words.
func (w Words) Address() uint64 { return w.address }

func (w Words) pointer() cu.DevicePtr { return cu.DevicePtr(w.address) }
func (w Words) bytes() int64          { return 4 * int64(w.n) }

// Alloc returns memory with undefined contents, which earlier work may still be using
// (see Free). Where the device is full, memory that Free gave back returns to the driver
// before Alloc fails.
func (d *Device) Alloc(words int) (Words, error) {
	if words < 0 {
		panic("gpu: a negative number of words")
	}
	if words == 0 {
		return Words{device: d}, nil
	}
	w := Words{device: d, n: words}
	err := d.do("allocate "+size(w.bytes()), func() (err error) {
		w.address, err = d.pool.alloc(w.bytes())
		return err
	})
	if err != nil {
		return Words{}, err
	}
	return w, nil
}

// Put writes words into new memory.
func (s *Stream) Put(words []uint32) (Words, error) {
	w, err := s.device.Alloc(len(words))
	if err != nil {
		return Words{}, err
	}
	return w, s.Write(w, words)
}

// Free returns memory of Alloc. The device may give it out again at once, so that
// only work of the same stream may still use it: work that the next owner queues on
// that stream runs after it. Where the next owner may be on another stream, wait for
// the work first (Synchronize, or Wait of that other stream). It panics at memory
// that Alloc did not give or that is free already.
func (d *Device) Free(w Words) {
	if w.n == 0 {
		return
	}
	if w.device != d || !d.pool.free(w.address) {
		panic("gpu: Free of memory that is not Alloc's")
	}
}
