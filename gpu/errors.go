//go:build cuda

package gpu

import (
	"fmt"
	"slices"

	"gorgonia.org/cu"
)

// An Error is what went wrong on which device. Every error of this package about a
// device is one, so that errors.As finds it.
type Error struct {
	Device int    // its ordinal
	Name   string // of the device, if known
	Op     string // what was asked for
	Code   int    // the driver's CUresult, 0 where the driver was not asked
	Reason string // in words
}

func (e *Error) Error() string {
	device := fmt.Sprintf("gpu %d", e.Device)
	if e.Name != "" {
		device += " (" + e.Name + ")"
	}
	return fmt.Sprintf("%s: %s: %s", device, e.Op, e.Reason)
}

// Full says that memory ran out, of the device or page-locked.
func (e *Error) Full() bool { return e.Code == code(cu.OutOfMemory) }

// Lost says that the device does nothing more for this process: it is gone, or a
// kernel broke its context. Everything on it is lost, and every later call fails.
func (e *Error) Lost() bool { return slices.Contains(lost, e.Code) }

// lost are the results that the driver's manual calls fatal for a context (700 to
// 719), and those of devices that fail, fall off the bus or are taken away.
var lost = []int{
	46, // CUDA_ERROR_DEVICE_UNAVAILABLE, which cu does not name
	code(cu.Deinitialized), code(cu.NoDevice), code(cu.InvalidDevice),
	code(cu.EccUncorrectable), code(cu.NvlinkUncorrectable),
	code(cu.IllegalAddress), code(cu.LaunchTimeout), code(cu.ContextIsDestroyed), code(cu.Assert),
	code(cu.HardwareStackError), code(cu.IllegalInstruction), code(cu.MisalignedAddress),
	code(cu.InvalidAddressSpace), code(cu.InvalidPc), code(cu.LaunchFailed),
	911, // CUDA_ERROR_EXTERNAL_DEVICE, likewise
	code(cu.Unknown),
}

// explain is an error of the driver with what the device knows about it.
func (d *Device) explain(op string, err error) error {
	e := driverError(d.info, op, err)
	switch {
	case e.Full():
		d.inContext(func() error {
			free, total, err := cu.MemInfo()
			if err == nil {
				e.Reason += fmt.Sprintf("; the device has %s free of %s, this program uses %s",
					size(free), size(total), size(d.pool.usedBytes()))
			}
			return err
		})
	case e.Code == code(cu.NotFound):
		e.Reason = "no module exports a kernel of this name"
	case e.Lost():
		if queued := d.queued(); queued != "" {
			e.Reason += "; queued since the last wait: " + queued
		}
	}
	return e
}

func driverError(i Info, op string, err error) *Error {
	c := code(err)
	return &Error{Device: i.Ordinal, Name: i.Name, Op: op, Code: c, Reason: fmt.Sprintf("%s (CUDA error %d)", text(c), c)}
}

// misuse is an error found before the driver was asked.
func (d *Device) misuse(op, reason string, args ...any) error {
	return &Error{Device: d.info.Ordinal, Name: d.info.Name, Op: op, Reason: fmt.Sprintf(reason, args...)}
}

// size writes bytes for errors.
func size(bytes int64) string {
	switch {
	case bytes >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(bytes)/1e9)
	case bytes >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
	}
	return fmt.Sprintf("%d bytes", bytes)
}
