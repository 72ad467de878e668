//go:build cuda

package gpu

import (
	"fmt"
	"slices"
	"sync"
	"unsafe"

	"gorgonia.org/cu"
)

// A Grid is the shape of a launch: blocks, threads of a block, and bytes of dynamic
// shared memory. Zero in the second and third dimension counts as one.
type Grid struct {
	Blocks, Threads [3]int
	Shared          int
}

// What every device since compute capability 3.0 takes.
var (
	mostBlocks  = [3]int{1<<31 - 1, 65535, 65535}
	mostThreads = [3]int{1024, 1024, 64}
)

const (
	mostThreadsInAll = 1024
	freelyShared     = 48 << 10 // dynamic shared memory without asking
)

// complete puts ones for zeros.
func (g Grid) complete() Grid {
	for _, shape := range []*[3]int{&g.Blocks, &g.Threads} {
		for i := 1; i < 3; i++ {
			if shape[i] == 0 {
				shape[i] = 1
			}
		}
	}
	return g
}

func (g Grid) String() string {
	b, t := g.Blocks, g.Threads
	return fmt.Sprintf("%d×%d×%d blocks of %d×%d×%d threads, %d bytes shared", b[0], b[1], b[2], t[0], t[1], t[2], g.Shared)
}

// wrong says what is wrong with a complete grid, or "".
func (g Grid) wrong(mostShared int) string {
	for i := range 3 {
		if g.Blocks[i] < 1 || g.Blocks[i] > mostBlocks[i] {
			return fmt.Sprintf("1 to %d blocks in dimension %d are possible", mostBlocks[i], i+1)
		}
		if g.Threads[i] < 1 || g.Threads[i] > mostThreads[i] {
			return fmt.Sprintf("1 to %d threads in dimension %d are possible", mostThreads[i], i+1)
		}
	}
	if g.Threads[0]*g.Threads[1]*g.Threads[2] > mostThreadsInAll {
		return fmt.Sprintf("a block has at most %d threads", mostThreadsInAll)
	}
	if g.Shared < 0 || g.Shared > mostShared {
		return fmt.Sprintf("a block has 0 to %d bytes of shared memory", mostShared)
	}
	return ""
}

// A kernel is a function of a module.
type kernel struct {
	function cu.Function
	mu       sync.Mutex
	shared   int // dynamic shared memory that the driver allows
}

// Launch queues a kernel. Arguments are Words (their address), int (not negative),
// uint32 or uint64, eight bytes each.
func (s *Stream) Launch(name string, g Grid, args ...any) error {
	d := s.device
	g = g.complete()
	op := fmt.Sprintf("launch %s (%v)", name, g)
	if reason := g.wrong(d.info.SharedMemory); reason != "" {
		return d.misuse(op, "%s", reason)
	}
	slots := make([]uint64, len(args))
	params := make([]unsafe.Pointer, len(args))
	for i, arg := range args {
		var reason string
		if slots[i], reason = d.slot(arg); reason != "" {
			return d.misuse(op, "argument %d: %s", i+1, reason)
		}
		params[i] = unsafe.Pointer(&slots[i])
	}
	return d.do(op, func() error {
		k, err := d.kernel(name)
		if err != nil {
			return err
		}
		if err := k.allow(g.Shared); err != nil {
			return err
		}
		b, t := g.Blocks, g.Threads
		err = k.function.Launch(b[0], b[1], b[2], t[0], t[1], t[2], g.Shared, s.stream, params)
		if err == nil {
			s.note(name)
		}
		return err
	})
}

// slot is an argument as a kernel reads it, or why it cannot be one.
func (d *Device) slot(arg any) (uint64, string) {
	switch a := arg.(type) {
	case Words:
		if a.device != nil && a.device != d {
			return 0, fmt.Sprintf("the array is on gpu %d", a.device.info.Ordinal)
		}
		return a.address, ""
	case uint64:
		return a, ""
	case uint32:
		return uint64(a), ""
	case int:
		if a < 0 {
			return 0, fmt.Sprintf("%d is negative", a)
		}
		return uint64(a), ""
	}
	return 0, fmt.Sprintf("%T is not Words, int, uint32 or uint64", arg)
}

// kernel finds a kernel in the modules: cu.NotFound if it is in none.
func (d *Device) kernel(name string) (*kernel, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if k := d.kernels[name]; k != nil {
		return k, nil
	}
	for _, module := range d.modules {
		f, err := module.Function(name)
		if err == nil {
			d.kernels[name] = &kernel{function: f, shared: freelyShared}
			return d.kernels[name], nil
		}
		if err != cu.NotFound {
			return nil, err
		}
	}
	return nil, cu.NotFound
}

// allow asks the driver once for more than the usual dynamic shared memory.
func (k *kernel) allow(shared int) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if shared <= k.shared {
		return nil
	}
	err := allowShared(k.function, shared)
	if err == nil {
		k.shared = shared
	}
	return err
}

// note remembers a kernel for the error of a later call.
func (s *Stream) note(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.kernels, name) {
		s.kernels = append(s.kernels, name)
	}
}
