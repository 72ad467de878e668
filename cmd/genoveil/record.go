package main

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/tasks"
)

// Annotations by which a command says what its record should.
const (
	shardAnnotation     = "shard"
	threadsAnnotation   = "threads"
	genotypesAnnotation = "genotypes"
	deviceAnnotation    = "device"
)

// describe notes what a command worked on, for its record.
func describe(cmd *cobra.Command, shard string, threads int, genotypes int64) {
	annotate(cmd, shardAnnotation, shard)
	annotate(cmd, threadsAnnotation, strconv.Itoa(threads))
	annotate(cmd, genotypesAnnotation, strconv.FormatInt(genotypes, 10))
}

// finishRecord ends a long command: it logs what the command took, if the log is
// JSON, and writes the record that --record asks for.
func finishRecord(cmd *cobra.Command, start time.Time) error {
	r := tasks.Record{Command: cmd.CommandPath(), Shard: cmd.Annotations[shardAnnotation], Device: cmp.Or(cmd.Annotations[deviceAnnotation], cpuDevice), Start: start, Seconds: time.Since(start).Seconds()}
	r.Threads, _ = strconv.Atoi(cmd.Annotations[threadsAnnotation])
	r.Genotypes, _ = strconv.ParseInt(cmd.Annotations[genotypesAnnotation], 10, 64)
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return err
	}
	r.CoreSeconds, r.PeakMemory = float64(usage.Utime.Nano()+usage.Stime.Nano())*1e-9, peakBytes(usage)
	if format, _ := cmd.Flags().GetString("log"); format == jsonLog {
		newLog(cmd).Info(fmt.Sprintf("%s took %.1f s", r.Command, r.Seconds), "command", r.Command, "shard", r.Shard, "device", r.Device, "threads", r.Threads,
			"genotypes", r.Genotypes, "seconds", r.Seconds, "core_seconds", r.CoreSeconds, "core_ns_per_genotype", r.CoreNS(), "peak_memory", r.PeakMemory)
	}
	if path, _ := cmd.Flags().GetString("record"); path != "" {
		return errors.Join(atomicfile.Clean(path), r.Save(path))
	}
	return nil
}
