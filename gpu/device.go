//go:build cuda

package gpu

import (
	"fmt"
	"os"
	"runtime"
	"sync"

	"gorgonia.org/cu"
)

// A Device is one GPU with its memory. Its methods may be called from several
// goroutines.
type Device struct {
	info    Info
	device  cu.Device
	context cu.CUContext
	modules []cu.Module

	using  sync.RWMutex // held for reading during calls, for writing by Close
	closed bool

	mu      sync.Mutex // of what follows
	kernels map[string]*kernel
	streams []*Stream
	events  []cu.Event // all that exist
	idle    []cu.Event // those of no Event

	pool pool
}

// Open takes a device and loads modules (fat binaries).
func Open(ordinal int, modules [][]byte) (*Device, error) {
	i, err := describe(ordinal)
	if err != nil {
		return nil, err
	}
	d := &Device{info: i, device: cu.Device(ordinal), kernels: map[string]*kernel{}}
	if reason := i.Unfit(); reason != "" {
		return nil, d.misuse("open", "%s", reason)
	}
	if len(modules) == 0 {
		if !testDriver() {
			return nil, d.misuse("open", "this program was built without kernels: build it with `make cuda`")
		}
		modules = [][]byte{nil}
	}
	if d.context, err = d.device.RetainPrimaryCtx(); err != nil {
		return nil, driverError(i, "open", err)
	}
	d.pool.init()
	for k, image := range modules {
		err := d.do(fmt.Sprintf("load module %d of %d", k+1, len(modules)), func() error {
			module, err := cu.LoadData(string(image))
			if err == nil {
				d.modules = append(d.modules, module)
			}
			return err
		})
		if err != nil {
			d.Close()
			return nil, err
		}
	}
	return d, nil
}

// testDriver says that the driver is the one of the tests, which knows the kernels by
// itself. The Makefile sets the variable together with the library's path.
func testDriver() bool { return os.Getenv("GENOVEIL_TESTDRIVER") == "1" }

// Info describes the device. Free counts what Free of this program gave back.
func (d *Device) Info() Info {
	i := d.info
	d.do("ask for free memory", func() (err error) {
		i.Free, _, err = cu.MemInfo()
		return err
	})
	i.Free += d.pool.idleBytes()
	return i
}

// do calls the driver in the device's context. A context is current in a thread of the
// system, so the goroutine keeps its thread for the call and makes the context current
// first; nothing is left to chance between calls, and those that wait hold up no other.
// (A thread of the device's own, to which all calls are handed, would need this as well
// for calls that wait, and costs 28 µs a call where keeping the thread costs 4 ns, on
// two Zen 4 cores.) A call that finds the device full is made again after unused memory
// went back to the driver.
func (d *Device) do(op string, call func() error) error {
	d.using.RLock()
	defer d.using.RUnlock()
	if d.closed {
		return d.misuse(op, "the device is closed")
	}
	if err := d.inContext(call); err != nil {
		return d.explain(op, err)
	}
	return nil
}

func (d *Device) inContext(call func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cu.SetCurrentContext(d.context); err != nil {
		return err
	}
	err := call()
	if err == cu.OutOfMemory && d.pool.trim() {
		err = call()
	}
	return err
}

// Close waits for all work and releases everything, page-locked memory too: no Words
// of a Host may be used any more.
func (d *Device) Close() error {
	d.using.Lock()
	defer d.using.Unlock()
	if d.closed {
		return nil
	}
	d.closed = true
	// What fails later on a lost device fails for the reason that the wait gives.
	var wait error
	d.inContext(func() error {
		wait = cu.Synchronize()
		for _, event := range d.events {
			cu.DestroyEvent(&event)
		}
		for _, s := range d.streams {
			s.stream.Destroy()
		}
		d.pool.release()
		releaseHosts(d)
		for _, module := range d.modules {
			module.Unload()
		}
		return nil
	})
	if err := d.device.ReleasePrimaryCtx(); wait == nil {
		wait = err
	}
	if wait != nil {
		return d.explain("close", wait)
	}
	return nil
}
