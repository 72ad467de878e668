//go:build cuda

package gpu

import (
	"fmt"
	"slices"
	"unsafe"
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

// Launch queues a kernel. Arguments must be what the kernel takes: Words where it has a
// pointer (their address), uint32 or uint64 as it has, or an int for either, which must fit.
func (s *Stream) Launch(name string, g Grid, args ...any) error {
	d := s.device
	g = g.complete()
	op := fmt.Sprintf("launch %s (%v)", name, g)
	if reason := g.wrong(d.info.SharedMemory); reason != "" {
		return d.misuse(op, "%s", reason)
	}
	k, err := d.kernel(op, name)
	if err != nil {
		return err
	}
	if len(args) != len(k.takes) {
		return d.misuse(op, "%d arguments are given, the kernel takes %d", len(args), len(k.takes))
	}
	slots := make([]uint64, len(args))
	params := make([]unsafe.Pointer, len(args))
	for i, arg := range args {
		var reason string
		if slots[i], reason = d.slot(k.takes[i], arg); reason != "" {
			return d.misuse(op, "argument %d: %s", i+1, reason)
		}
		params[i] = unsafe.Pointer(&slots[i])
	}
	return d.do(op, func() error {
		if err := k.allow(g.Shared); err != nil {
			return err
		}
		b, t := g.Blocks, g.Threads
		err := k.function.Launch(b[0], b[1], b[2], t[0], t[1], t[2], g.Shared, s.stream, params)
		if err == nil {
			s.note(name)
		}
		return err
	})
}

// note remembers a kernel for the error of a later call.
func (s *Stream) note(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.kernels, name) {
		s.kernels = append(s.kernels, name)
	}
}
