package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/tasks"
)

// threadsPerProcessor bounds --threads: more do not compute faster, and take memory.
const threadsPerProcessor = 8

// taskFlags are those of a command that takes long enough to be timed.
type taskFlags struct {
	outputFlags
	threads int
	limited bool // --threads is given
}

func (t *taskFlags) register(f *pflag.FlagSet) {
	f.StringVar(&t.record, "record", "", "when done, write the time and memory taken to this file")
	f.IntVar(&t.threads, "threads", runtime.GOMAXPROCS(0), "processor threads to use")
}

func (t *taskFlags) check(f *pflag.FlagSet) error {
	if t.threads < 1 {
		return usagef("--threads must be at least 1")
	}
	if limit := threadsPerProcessor * runtime.NumCPU(); t.threads > limit {
		return usagef("--threads takes up to %d on this machine, %d for each processor, not %d", limit, threadsPerProcessor, t.threads)
	}
	t.limited = f.Changed("threads")
	return nil
}

// timed runs a command on as many threads as are given, and then says what it took.
func (t *taskFlags) timed(cmd *cobra.Command, s *session, run func(context.Context, *session) error) error {
	if t.limited {
		runtime.GOMAXPROCS(t.threads)
	}
	if err := run(cmd.Context(), s); err != nil {
		return err
	}
	s.took.Command = cmd.CommandPath()
	return s.saveRecord(t.record)
}

// saveRecord logs what a command took, if the log is JSON, and writes the record that
// --record asks for.
func (s *session) saveRecord(path string) error {
	r := &s.took
	r.Device, r.Start, r.Seconds = cmp.Or(r.Device, cpuDevice), s.journal.start, time.Since(s.journal.start).Seconds()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return err
	}
	r.CoreSeconds, r.PeakMemory = float64(usage.Utime.Nano()+usage.Stime.Nano())*1e-9, peakBytes(usage)
	if s.json {
		s.log.Info(fmt.Sprintf("%s took %.1f s", r.Command, r.Seconds), recordFields(r)...)
	}
	if path != "" {
		return errors.Join(atomicfile.Clean(path), r.Save(path))
	}
	return nil
}

// recordFields are the fields of a record in a JSON log.
func recordFields(r *tasks.Record) []any {
	return []any{"command", r.Command, "shard", r.Shard, "device", r.Device, "threads", r.Threads,
		"genotypes", r.Genotypes, "seconds", r.Seconds, "core_seconds", r.CoreSeconds, "core_ns_per_genotype", r.CoreNS(), "peak_memory", r.PeakMemory}
}
