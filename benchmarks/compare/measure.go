package main

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

// A usage is what the operating system counted for one process.
type usage struct {
	CPU  time.Duration `json:"cpu_ns"` // user and system
	Wall time.Duration `json:"wall_ns"`
	Peak int64         `json:"peak_bytes"` // resident memory
}

// execute runs a program to its end, on so many processors; 0 are all.
//
// Linux starts a child's peak memory at its parent's, so peaks up to some 30 MB
// may be this program's, which streams what it reads to stay that small.
func execute(ctx context.Context, processors int, program string, args ...string) (usage, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	err := on(processors, cmd.Start)
	if err == nil {
		err = cmd.Wait()
	}
	wall := time.Since(start)
	if ctx.Err() != nil {
		return usage{}, ctx.Err()
	}
	if err != nil {
		return usage{}, fmt.Errorf("%s %s: %w\n%s", filepath.Base(program), strings.Join(args, " "), err, out.String())
	}
	s := cmd.ProcessState
	return usage{
		CPU:  s.UserTime() + s.SystemTime(),
		Wall: wall,
		Peak: s.SysUsage().(*syscall.Rusage).Maxrss * 1024, // Linux counts kibibytes
	}, nil
}

// on calls start, which starts a process, such that the process has the first so many
// of our processors; 0 are all.
func on(processors int, start func() error) error {
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

// A step is one command, and what it took in each repetition: on all variants
// and, where fixed cost is to be told from the cost of a genotype, on the first
// half of them.
type step struct {
	Name    string
	Threads int

	Genotypes int64   // samples × all variants
	Products  float64 // a genotype: planes, or pairs of plane and column; 0 where there are none
	Columns   int     // that are expanded; 0 where none are
	Bytes     int64   // written for all variants

	Whole, Half []usage
}

// allIn is the core-ns a genotype of the whole process.
func (s *step) allIn() float64 {
	return median(each(s.Whole, func(u usage) float64 { return float64(u.CPU) / float64(s.Genotypes) }))
}

// slopes are the core-ns of one more genotype, in each repetition.
func (s *step) slopes() []float64 {
	slopes := make([]float64, len(s.Half))
	for i, half := range s.Half {
		slopes[i] = float64(s.Whole[i].CPU-half.CPU) / (float64(s.Genotypes) / 2)
	}
	return slopes
}

// fixed is the core-ns that do not depend on the number of variants.
func (s *step) fixed() float64 {
	fixed := make([]float64, len(s.Half))
	for i, half := range s.Half {
		fixed[i] = float64(2*half.CPU - s.Whole[i].CPU)
	}
	return median(fixed)
}

func (s *step) wall() float64 {
	return median(each(s.Whole, func(u usage) float64 { return u.Wall.Seconds() }))
}

// cores is how many processors were busy on average.
func (s *step) cores() float64 {
	return median(each(s.Whole, func(u usage) float64 { return float64(u.CPU) / float64(u.Wall) }))
}

func (s *step) peak() float64 {
	return median(each(s.Whole, func(u usage) float64 { return float64(u.Peak) }))
}

func each(runs []usage, of func(usage) float64) []float64 {
	values := make([]float64, len(runs))
	for i, u := range runs {
		values[i] = of(u)
	}
	return values
}

// quotients divides repetition by repetition.
func quotients(a, b []float64) []float64 {
	q := make([]float64, len(a))
	for i := range a {
		q[i] = a[i] / b[i]
	}
	return q
}

// median of at least one value; of an even number, the mean of the middle two.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
