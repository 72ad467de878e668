package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// A cost is what a command took.
type cost struct {
	wall   time.Duration
	memory int64 // greatest resident set of a process, in KB
}

func shell(command string) (cost, error) {
	start := time.Now()
	cmd := exec.Command("bash", "-o", "pipefail", "-c", command)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return cost{}, fmt.Errorf("%s: %w", command, err)
	}
	return cost{time.Since(start), cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss}, nil
}

// throughput times one thread on one file, best of five in turn, and measures the
// memory for all files at once.
func throughput(program string, bams []string) error {
	call := func(threads int, sites string, bams ...string) string {
		return fmt.Sprintf("exec %s call --threads %d --bam %s --sites %s -o timed.vcf.gz 2> log.txt", program, threads, strings.Join(bams, " --bam "), sites)
	}
	const pileup = "exec samtools mpileup -q 20 -Q 13 -l sites.txt -o pileup.txt "
	rivals := []struct{ name, command string }{
		{"samtools mpileup", pileup + bams[0] + " 2> log.txt"},
		{"genoveil call", call(1, "panel.vcf", bams[0])},
		{"genoveil call, a site every 100,000 bases", call(1, "sparse.vcf", bams[0])},
	}
	best := make([]time.Duration, len(rivals))
	for range 5 {
		for i, r := range rivals {
			c, err := shell(r.command)
			if err != nil {
				return err
			}
			if best[i] == 0 || c.wall < best[i] {
				best[i] = c.wall
			}
		}
	}
	for i, r := range rivals {
		fmt.Printf("  %s, one file, one thread: %.2f s (%.2f of mpileup)\n", r.name, best[i].Seconds(), best[i].Seconds()/best[0].Seconds())
	}
	c, err := shell(call(len(bams), "panel.vcf", bams...))
	if err != nil {
		return err
	}
	fmt.Printf("  genoveil call, %d files at once: %.2f s, %d MB\n", len(bams), c.wall.Seconds(), c.memory/1000)
	return nil
}
