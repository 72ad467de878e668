//go:build cuda

package gpu

import (
	"slices"
	"sync"
	"unsafe"

	"gorgonia.org/cu"
)

// Host is page-locked memory, which any device copies from and to.
type Host struct {
	Words  []uint32
	device *Device
}

// hosts are all there are, so that copies can tell their memory from Go's, which the
// driver must not use after a call: a handful, looked through from end to end.
var hosts struct {
	sync.RWMutex
	all []Host
}

// Host returns page-locked memory of this machine, which copies to and from the
// device need. It goes with the device at the latest.
func (d *Device) Host(words int) (Host, error) {
	if words < 0 {
		panic("gpu: a negative number of words")
	}
	if words == 0 {
		return Host{device: d}, nil
	}
	h := Host{device: d}
	bytes := 4 * int64(words)
	err := d.do("page-lock "+size(bytes)+" of this machine's memory", func() error {
		p, err := hostAlloc(bytes)
		if err == nil {
			h.Words = unsafe.Slice((*uint32)(p), words)
			hosts.Lock()
			hosts.all = append(hosts.all, h)
			hosts.Unlock()
		}
		return err
	})
	return h, err
}

// Release gives the memory back. No copy may be using it. It panics at memory that is
// released already, unless its device is closed.
func (h Host) Release() {
	if len(h.Words) == 0 {
		return
	}
	h.device.do("release page-locked memory", func() error {
		hosts.Lock()
		defer hosts.Unlock()
		k := slices.IndexFunc(hosts.all, func(o Host) bool { return unsafe.SliceData(o.Words) == unsafe.SliceData(h.Words) })
		if k < 0 {
			panic("gpu: Release of memory that is not Host's")
		}
		hosts.all = slices.Delete(hosts.all, k, k+1)
		return cu.MemFreeHost(unsafe.Pointer(unsafe.SliceData(h.Words)))
	})
}

// releaseHosts gives back all of a device, in its context.
func releaseHosts(d *Device) {
	hosts.Lock()
	defer hosts.Unlock()
	hosts.all = slices.DeleteFunc(hosts.all, func(h Host) bool {
		if h.device == d {
			cu.MemFreeHost(unsafe.Pointer(unsafe.SliceData(h.Words)))
		}
		return h.device == d
	})
}

// pageLocked says whether words are a part of one Host.
func pageLocked(words []uint32) bool {
	hosts.RLock()
	defer hosts.RUnlock()
	first := uintptr(unsafe.Pointer(unsafe.SliceData(words)))
	return slices.ContainsFunc(hosts.all, func(h Host) bool {
		base := uintptr(unsafe.Pointer(unsafe.SliceData(h.Words)))
		return base <= first && first+4*uintptr(len(words)) <= base+4*uintptr(len(h.Words))
	})
}
