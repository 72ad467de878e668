package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"genoveil/pipeline/atomicfile"
)

// A record is what a task says of itself when it is done.
type record struct {
	Command     string    `json:"command"`
	Shard       string    `json:"shard"`
	Device      string    `json:"device"`
	Threads     int       `json:"threads"`
	Genotypes   int64     `json:"genotypes"`
	Start       time.Time `json:"start"`
	Seconds     float64   `json:"seconds"`
	CoreSeconds float64   `json:"core_seconds"`
	CoreNS      float64   `json:"core_ns_per_genotype"`
	PeakMemory  int64     `json:"peak_memory"` // bytes
}

// recordFlag adds --record to a command.
func recordFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "record", "", "write a record of sizes, time and memory to this file when done")
}

// finishRecord logs what the command took, and writes it to path unless that is
// empty. It is the last thing that a task does. A task that was interrupted counts its
// last run only.
func finishRecord(cmd *cobra.Command, log *slog.Logger, path string, r record) error {
	r.Command, r.Device = cmd.CommandPath(), "cpu"
	r.Seconds = time.Since(r.Start).Seconds()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err == nil {
		r.CoreSeconds = float64(usage.Utime.Nano()+usage.Stime.Nano()) * 1e-9
		r.PeakMemory = peakBytes(usage)
	}
	if r.Genotypes > 0 {
		r.CoreNS = r.CoreSeconds * 1e9 / float64(r.Genotypes)
	}
	log.Info(fmt.Sprintf("%.1f s, %.1f core-seconds, %.3g core-ns a genotype, %s", r.Seconds, r.CoreSeconds, r.CoreNS, humanBytes(r.PeakMemory)),
		"command", r.Command, "shard", r.Shard, "device", r.Device, "threads", r.Threads, "genotypes", r.Genotypes, "seconds", r.Seconds,
		"core_seconds", r.CoreSeconds, "core_ns_per_genotype", r.CoreNS, "peak_memory", r.PeakMemory)
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
