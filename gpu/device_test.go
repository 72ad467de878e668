//go:build cuda

package gpu_test

import (
	"fmt"
	"sync"
	"testing"

	"genoveil/gpu"
	"genoveil/kernels/cuda"
)

func TestDevices(t *testing.T) {
	all, err := gpu.Devices()
	check(t, err)
	for k, i := range all {
		if i.Ordinal != k || i.Name == "" || i.Processors < 1 || i.Major < 3 ||
			i.Free < 1 || i.Free > i.Memory || i.SharedMemory < 48<<10 {
			t.Errorf("device %d: %+v", k, i)
		}
	}
	_, err = gpu.Open(len(all), cuda.Modules())
	wantError(t, err, fmt.Sprintf("gpu %d: look at the device: invalid device ordinal (CUDA error 101)", len(all)))
}

func TestUnfit(t *testing.T) {
	if reason := (gpu.Info{Major: 6, Minor: 1}).Unfit(); reason != "compute capability 6.1 is too old: 7.0 is needed (Volta, 2017)" {
		t.Error(reason)
	}
	if reason := (gpu.Info{Major: 7}).Unfit(); reason != "" {
		t.Error(reason)
	}
}

func TestNoModules(t *testing.T) {
	all, err := gpu.Devices()
	check(t, err)
	t.Setenv("GENOVEIL_TESTDRIVER", "")
	_, err = gpu.Open(0, nil)
	wantError(t, err, fmt.Sprintf("gpu 0 (%s): open: this program was built without kernels: build it with `make cuda`", all[0].Name))
}

func TestClose(t *testing.T) {
	d, s := open(t)
	name := d.Info().Name
	w, words := alloc(t, d, 1000), random(1000)
	h, err := d.Host(1000)
	check(t, err)
	check(t, s.Write(w, words))
	e, err := s.Record()
	check(t, err)
	other, _ := open(t) // shares the context, which stays
	check(t, d.Close())
	check(t, d.Close())

	_, allocErr := d.Alloc(1)
	_, hostErr := d.Host(1)
	_, streamErr := d.NewStream()
	_, recordErr := s.Record()
	for _, c := range []struct {
		err error
		op  string
	}{
		{allocErr, "allocate 4 bytes"},
		{hostErr, "page-lock 4 bytes of this machine's memory"},
		{streamErr, "make a stream"},
		{recordErr, "record an event"},
		{s.Zero(w), "clear 1000 words"},
		{s.Synchronize(), "synchronize"},
		{s.Wait(e), "wait for an event"},
		{e.Synchronize(), "synchronize"},
	} {
		wantError(t, c.err, fmt.Sprintf("gpu 0 (%s): %s: the device is closed", name, c.op))
	}
	h.Release()
	d.Free(w)

	s, err = other.NewStream()
	check(t, err)
	wantWords(t, s, upload(t, other, s, words), words)
}

// Two devices have memory of their own.
func TestTwoDevices(t *testing.T) {
	all, err := gpu.Devices()
	check(t, err)
	if len(all) < 2 {
		needTestDriver(t)
		again(t, "GENOVEIL_TESTDRIVER_DEVICES=2")
		return
	}
	d0, s0 := openDevice(t, 0)
	d1, s1 := openDevice(t, 1)
	const length = 500
	words := random(length)
	a0, a1 := upload(t, d0, s0, words), upload(t, d1, s1, words)
	b0, b1 := alloc(t, d0, length), alloc(t, d1, length)
	check(t, s0.Launch("probe", blocks(1, length), b0, a0, length, 2, uint64(0)))
	check(t, s1.Launch("probe", blocks(1, length), b1, a1, length, 3, uint64(0)))
	wantWords(t, s0, b0, reversed(words, length, 2, 0))
	wantWords(t, s1, b1, reversed(words, length, 3, 0))

	// Page-locked memory serves both.
	h, err := d0.Host(length)
	check(t, err)
	check(t, s1.Download(h.Words, a1))
	check(t, s1.Synchronize())
	check(t, s0.Upload(b0, h.Words))
	wantWords(t, s0, b0, words)

	e, err := s1.Record()
	check(t, err)
	name := all[0].Name
	wantError(t, s0.Wait(e), fmt.Sprintf("gpu 0 (%s): wait for an event: the event is of gpu 1", name))
	wantError(t, s0.Copy(a0, a1), fmt.Sprintf("gpu 0 (%s): copy 500 words: the array is on gpu 1", name))
	wantError(t, s0.Launch("probe", blocks(1, length), b0, a1, length, 2, uint64(0)),
		fmt.Sprintf("gpu 0 (%s): launch probe (1×1×1 blocks of 256×1×1 threads, 2000 bytes shared): argument 2: the array is on gpu 1", name))
}

// Goroutines share a device, each with a stream.
func TestParallel(t *testing.T) {
	d, _ := open(t)
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			s, err := d.NewStream()
			if err != nil {
				t.Error(err)
				return
			}
			for round := range 20 {
				if err := roundTrip(d, s, 100*worker+round+1); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
}

// roundTrip sends words through a kernel and back with everything that is its own.
func roundTrip(d *gpu.Device, s *gpu.Stream, length int) error {
	words := random(length)
	in, err := d.Alloc(length)
	if err != nil {
		return err
	}
	defer d.Free(in)
	out, err := d.Alloc(length)
	if err != nil {
		return err
	}
	defer d.Free(out)
	h, err := d.Host(length)
	if err != nil {
		return err
	}
	defer h.Release()
	copy(h.Words, words)
	if err := s.Upload(in, h.Words); err != nil {
		return err
	}
	if err := s.Launch("probe", blocks(1, length), out, in, length, 1, uint64(length)); err != nil {
		return err
	}
	if err := s.Download(h.Words, out); err != nil {
		return err
	}
	e, err := s.Record()
	if err != nil {
		return err
	}
	if err := e.Synchronize(); err != nil {
		return err
	}
	for i, w := range reversed(words, length, 1, uint64(length)) {
		if h.Words[i] != w {
			return fmt.Errorf("word %d of %d is wrong", i, length)
		}
	}
	return nil
}
