//go:build cuda

package gpu

import (
	"math/bits"
	"sync"

	"gorgonia.org/cu"
)

// A pool keeps freed memory for the next that asks for as much: the driver's own
// allocation takes up to milliseconds and waits for the device.
type pool struct {
	mu    sync.Mutex
	exact bool               // no rounding, so that sanitizers see the end of an array
	used  map[uint64]int64   // bytes at an address
	idle  map[int64][]uint64 // addresses of so many bytes
	kept  int64              // bytes in idle
	taken int64              // bytes in used
}

func (p *pool) init() {
	p.exact = testDriver()
	p.used = map[uint64]int64{}
	p.idle = map[int64][]uint64{}
}

// class is the bytes that are allocated for so many: rounded up to an eighth of a power
// of two, at least 512 (the driver's alignment) and at most 2 MiB (its pages), so that
// arrays of about one length share memory and less than an eighth is lost.
func class(bytes int64) int64 {
	eighth := int64(1) << max(bits.Len64(uint64(bytes-1))-4, 0)
	eighth = min(max(eighth, 512), 2<<20)
	return (bytes + eighth - 1) / eighth * eighth
}

// alloc is called in the device's context.
func (p *pool) alloc(bytes int64) (uint64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.exact {
		bytes = class(bytes)
	}
	var address uint64
	if idle := p.idle[bytes]; len(idle) > 0 {
		address = idle[len(idle)-1]
		p.idle[bytes] = idle[:len(idle)-1]
		p.kept -= bytes
	} else {
		pointer, err := cu.MemAlloc(bytes)
		if err != nil {
			return 0, err
		}
		address = uint64(pointer)
	}
	p.used[address] = bytes
	p.taken += bytes
	return address, nil
}

// free reports whether the address was in use.
func (p *pool) free(address uint64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	bytes, ok := p.used[address]
	if !ok {
		return false
	}
	delete(p.used, address)
	p.taken -= bytes
	p.idle[bytes] = append(p.idle[bytes], address)
	p.kept += bytes
	return true
}

// trim gives idle memory back to the driver, in the device's context, once no work
// uses it. It reports whether there was any.
func (p *pool) trim() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept == 0 || cu.Synchronize() != nil {
		return false
	}
	p.freeIdle()
	return true
}

func (p *pool) freeIdle() {
	for _, addresses := range p.idle {
		for _, address := range addresses {
			cu.MemFree(cu.DevicePtr(address))
		}
	}
	clear(p.idle)
	p.kept = 0
}

// release gives everything back, in the device's context, when no work is left. Owners
// may still free what they had.
func (p *pool) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.freeIdle()
	for address := range p.used {
		cu.MemFree(cu.DevicePtr(address))
	}
}

func (p *pool) idleBytes() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept
}

func (p *pool) usedBytes() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.taken
}
