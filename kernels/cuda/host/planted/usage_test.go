//go:build cuda

package planted

import (
	"errors"
	"fmt"

	"genoveil/gpu"
)

// programs use streams and memory rightly or wrongly. Most upload words that are 1 and
// expect to download them.
var programs = map[string]func(*gpu.Device) error{
	// The buffer changes before the upload is done.
	"early_reuse": func(d *gpu.Device) error {
		return withTwo(d, func(h, back gpu.Host, w gpu.Words, s, _ *gpu.Stream) error {
			err := s.Upload(w, h.Words)
			set(h.Words, 2)
			return errors.Join(err, s.Download(back.Words, w), s.Synchronize())
		})
	},
	// The download does not wait for the upload.
	"missing_wait": func(d *gpu.Device) error {
		return withTwo(d, func(h, back gpu.Host, w gpu.Words, s, t *gpu.Stream) error {
			return errors.Join(s.Upload(w, h.Words), t.Download(back.Words, w), t.Synchronize(), s.Synchronize())
		})
	},
	"with_wait": func(d *gpu.Device) error {
		return withTwo(d, func(h, back gpu.Host, w gpu.Words, s, t *gpu.Stream) error {
			err := s.Upload(w, h.Words)
			e, err2 := s.Record()
			return errors.Join(err, err2, t.Wait(e), t.Download(back.Words, w), t.Synchronize())
		})
	},
	// The buffer goes before the upload is done.
	"early_release": func(d *gpu.Device) error {
		return withTwo(d, func(h, back gpu.Host, w gpu.Words, s, _ *gpu.Stream) error {
			err := s.Upload(w, h.Words)
			h.Release()
			return errors.Join(err, s.Download(back.Words, w), s.Synchronize())
		})
	},
	// The download is read before it is done.
	"early_read": func(d *gpu.Device) error {
		return withTwo(d, func(h, back gpu.Host, w gpu.Words, s, _ *gpu.Stream) error {
			return errors.Join(s.Upload(w, h.Words), s.Download(back.Words, w))
		})
	},
	"other_device": otherDevice,
	"freed_memory": freedMemory,
}

// A kernel is given memory of another device than it runs on.
func otherDevice(d *gpu.Device) error {
	other, err := gpu.Open(1, nil)
	if err != nil {
		return err
	}
	defer other.Close()
	w, err := d.Alloc(threads)
	if err != nil {
		return err
	}
	return launch(other, w)
}

// A kernel is given memory that went back to the driver, as a device's does with it.
func freedMemory(d *gpu.Device) error {
	passing, err := gpu.Open(1, nil)
	if err != nil {
		return err
	}
	w, err := passing.Alloc(threads)
	if err := errors.Join(err, passing.Close()); err != nil {
		return err
	}
	return launch(d, w)
}

// launch runs a kernel on memory that may not be the device's, which gpu refuses as an array.
func launch(d *gpu.Device, w gpu.Words) error {
	s, err := d.NewStream()
	if err != nil {
		return err
	}
	grid := gpu.Grid{Blocks: [3]int{1}, Threads: [3]int{threads}, Shared: 4 * threads}
	return errors.Join(s.Launch("planted_address", grid, w.Address()), s.Synchronize())
}

func set(words []uint32, x uint32) {
	for i := range words {
		words[i] = x
	}
}

// withTwo has program copy words that are 1 through w to back, over two streams.
func withTwo(d *gpu.Device, program func(h, back gpu.Host, w gpu.Words, s, t *gpu.Stream) error) error {
	h, err := d.Host(threads)
	back, err1 := d.Host(threads)
	w, err2 := d.Alloc(threads)
	s, err3 := d.NewStream()
	t, err4 := d.NewStream()
	if err := errors.Join(err, err1, err2, err3, err4); err != nil {
		return err
	}
	set(h.Words, 1)
	if err := program(h, back, w, s, t); err != nil {
		return err
	}
	for _, x := range back.Words {
		if x != 1 {
			return fmt.Errorf("downloaded %d, not 1", x)
		}
	}
	return nil
}
