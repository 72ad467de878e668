//go:build cuda

package planted

import (
	"errors"
	"fmt"

	"genoveil/gpu"
)

// programs use streams rightly or wrongly. Each uploads words that are 1 and expects to
// download them.
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
