package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"genoveil/pipeline/atomicfile"
)

// A record is what a long command says of itself when it is done: the last line of
// its JSON log, and the file that --record names.
type record struct {
	Command     string    `json:"command"`
	Shard       string    `json:"shard,omitempty"`
	Device      string    `json:"device"`
	Threads     int       `json:"threads,omitempty"`
	Genotypes   int64     `json:"genotypes,omitempty"`
	Start       time.Time `json:"start"`
	Seconds     float64   `json:"seconds"`
	CoreSeconds float64   `json:"core_seconds"`
	CoreNS      float64   `json:"core_ns_per_genotype,omitempty"`
	PeakMemory  int64     `json:"peak_memory"` // bytes
}

// Annotations by which a command says what its record should.
const (
	shardAnnotation     = "shard"
	threadsAnnotation   = "threads"
	genotypesAnnotation = "genotypes"
)

// describe notes what a command worked on, for its record.
func describe(cmd *cobra.Command, shard string, threads int, genotypes int64) {
	annotate(cmd, shardAnnotation, shard)
	annotate(cmd, threadsAnnotation, strconv.Itoa(threads))
	annotate(cmd, genotypesAnnotation, strconv.FormatInt(genotypes, 10))
}

// finishRecord logs what the command took and writes it where --record says. Of a
// task that was interrupted, it is what the last run took.
func finishRecord(cmd *cobra.Command, start time.Time) error {
	r := record{Command: cmd.CommandPath(), Shard: cmd.Annotations[shardAnnotation], Device: "cpu", Start: start, Seconds: time.Since(start).Seconds()}
	r.Threads, _ = strconv.Atoi(cmd.Annotations[threadsAnnotation])
	r.Genotypes, _ = strconv.ParseInt(cmd.Annotations[genotypesAnnotation], 10, 64)
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return err
	}
	r.CoreSeconds, r.PeakMemory = float64(usage.Utime.Nano()+usage.Stime.Nano())*1e-9, peakBytes(usage)
	if r.Genotypes > 0 {
		r.CoreNS = r.CoreSeconds * 1e9 / float64(r.Genotypes)
	}
	if format, _ := cmd.Flags().GetString("log"); format == jsonLog {
		newLog(cmd).Info(fmt.Sprintf("%s took %.1f s", r.Command, r.Seconds), "command", r.Command, "shard", r.Shard, "device", r.Device, "threads", r.Threads,
			"genotypes", r.Genotypes, "seconds", r.Seconds, "core_seconds", r.CoreSeconds, "core_ns_per_genotype", r.CoreNS, "peak_memory", r.PeakMemory)
	}
	path, _ := cmd.Flags().GetString("record")
	if path == "" {
		return nil
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.Write(path, append(text, '\n'), 0o644)
}

func readRecord(path string) (r record, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(text, &r); err != nil || r.Command == "" {
		return r, fmt.Errorf("%s: not a record of a task", path)
	}
	return r, nil
}
