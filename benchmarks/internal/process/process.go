// Package process runs programs and measures what they take.
package process

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A Usage is what the operating system counted for one process.
type Usage struct {
	CPU  time.Duration `json:"cpu_ns"` // user and system
	Wall time.Duration `json:"wall_ns"`
	Peak int64         `json:"peak_bytes"` // resident memory
}

// Run runs a program to its end, on so many processors; 0 are all.
//
// Linux starts a child's peak memory at its parent's, so peaks up to some 30 MB
// may be this program's, which streams what it reads to stay that small.
func Run(ctx context.Context, processors int, program string, args ...string) (Usage, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	err := On(processors, cmd.Start)
	if err == nil {
		err = cmd.Wait()
	}
	wall := time.Since(start)
	if ctx.Err() != nil {
		return Usage{}, ctx.Err()
	}
	if err != nil {
		return Usage{}, fmt.Errorf("%s %s: %w\n%s", filepath.Base(program), strings.Join(args, " "), err, out.String())
	}
	s := cmd.ProcessState
	return Usage{
		CPU:  s.UserTime() + s.SystemTime(),
		Wall: wall,
		Peak: s.SysUsage().(*syscall.Rusage).Maxrss * 1024, // Linux counts kibibytes
	}, nil
}

// On calls start, which starts a process, such that the process has the first so many
// of our processors; 0 are all.
func On(processors int, start func() error) error {
	if processors == 0 {
		return start()
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var all, some unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		return err
	}
	for i := 0; some.Count() < min(processors, all.Count()); i++ {
		if all.IsSet(i) {
			some.Set(i)
		}
	}
	if err := unix.SchedSetaffinity(0, &some); err != nil {
		return err
	}
	defer unix.SchedSetaffinity(0, &all)
	return start()
}

// Quotients divides repetition by repetition.
func Quotients(a, b []float64) []float64 {
	q := make([]float64, len(a))
	for i := range a {
		q[i] = a[i] / b[i]
	}
	return q
}

// Median of at least one value; of an even number, the mean of the middle two.
func Median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
