//go:build slurm

package slurmtest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A site is a directory with an encrypted cohort and query, and the table that one
// process makes of them.
type site struct {
	t       *testing.T
	program string
	want    []byte
}

func newSite(t *testing.T) *site {
	s := &site{t: t}
	dir := t.TempDir()
	s.program = filepath.Join(dir, "genoveil")
	out, err := exec.Command("go", "build", "-o", s.program, "genoveil/cmd/genoveil").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	t.Chdir(dir)
	s.genoveil("simulate", "--samples", "4000", "--variants", "9000", "--missing", "0.01", "-o", "sim")
	s.genoveil("keygen", "-o", "keys")
	s.genoveil("encrypt", "genotypes", "--vcf", "sim.vcf.gz", "--keys", "keys", "-o", "cohort")
	s.genoveil("encrypt", "traits", "--index", "cohort.index", "--pheno", "sim.pheno.txt", "--pheno-name", "CASE", "--keys", "keys", "-o", "case")
	s.genoveil("run", "--cohort", "cohort", "--traits", "case.traits", "--eval-key", "keys/eval.key", "-o", "whole.sums")
	s.want = s.decrypt("whole.sums")
	return s
}

// genoveil runs a command and returns what it printed.
func (s *site) genoveil(args ...string) string {
	s.t.Helper()
	out, err := exec.Command(s.program, args...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("genoveil %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (s *site) decrypt(sums string) []byte {
	s.t.Helper()
	s.genoveil("decrypt", "--sums", sums, "--index", "cohort.index", "--private", "case.private", "--keys", "keys", "-o", sums)
	table, err := os.ReadFile(sums + ".assoc")
	must(s.t, err)
	return table
}

// submit submits 'run' in eight shards with a checkpoint after every chunk.
func (s *site) submit(out string) {
	s.t.Helper()
	s.genoveil("submit", "run", "--cohort", "cohort", "--traits", "case.traits", "--eval-key", "keys/eval.key", "-o", out,
		"--checkpoint-every", "1ns", "--shards", "8", "--cpus", "1", "--task-memory", "1GB", "--time", "1:00:00", "--", "--comment=test")
}

// finished waits until nothing is in the queue, and starts tasks that Slurm put back
// into it: Slurm itself has them wait for two minutes. slurmd refuses a task that begins
// in the second in which it ended ("already killed").
func (s *site) finished() {
	s.t.Helper()
	begins := map[string]bool{}
	eventually(s.t, "the queue is empty", func() bool {
		out, err := exec.Command("squeue", "-h", "-r", "-o", "%i|%r").Output()
		must(s.t, err)
		for line := range strings.Lines(string(out)) {
			if id, ok := strings.CutSuffix(strings.TrimSpace(line), "|BeginTime"); ok && !begins[id] {
				begins[id] = true
				s.slurm("scontrol", "update", "JobId="+id, "StartTime=now+2")
			}
		}
		return len(out) == 0
	})
}

// same demands the table of one process.
func (s *site) same(sums string) {
	s.t.Helper()
	if got := s.decrypt(sums); !bytes.Equal(got, s.want) {
		s.t.Errorf("%s: the table differs from that of one process", sums)
	}
	if status := s.genoveil("status", sums+".slurm"); !strings.Contains(status, "8 done") || !strings.Contains(status, "complete: "+sums) {
		s.t.Errorf("status: %s", status)
	}
}

// halted stops the process of a shard when it has saved a checkpoint. It lets the
// process go on for some milliseconds at a time, so as not to miss the moment.
func (s *site) halted(out string, shard int) *os.Process {
	s.t.Helper()
	var found *os.Process
	eventually(s.t, fmt.Sprintf("shard %d of %s runs", shard, out), func() bool {
		found = process(s.t, fmt.Sprintf("\x00--shard\x00%d/8\x00", shard))
		return found != nil
	})
	for {
		must(s.t, found.Signal(syscall.SIGSTOP))
		if _, err := os.Stat(fmt.Sprintf("%s.slurm/shard-%d.sums.checkpoint", out, shard)); err == nil {
			return found
		}
		must(s.t, found.Signal(syscall.SIGCONT))
		time.Sleep(10 * time.Millisecond)
	}
}

// process finds the process whose command line contains a text.
func process(t *testing.T, text string) *os.Process {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	must(t, err)
	for _, path := range lines {
		line, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(line, []byte(text)) {
			continue // or it has ended
		}
		pid, err := strconv.Atoi(strings.Split(path, "/")[2])
		must(t, err)
		p, err := os.FindProcess(pid)
		must(t, err)
		return p
	}
	return nil
}

// task is the name of a shard's task in the queue.
func (s *site) task(out string, shard int) string {
	s.t.Helper()
	status := s.genoveil("status", out+".slurm")
	m := regexp.MustCompile(fmt.Sprintf(`shard %d runs as (\S+)`, shard)).FindStringSubmatch(status)
	if m == nil {
		s.t.Fatalf("shard %d does not run: %s", shard, status)
	}
	return m[1]
}

// slurm runs a program of Slurm.
func (s *site) slurm(args ...string) {
	s.t.Helper()
	if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
		s.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// once demands that a shard was computed once.
func (s *site) once(out string, shard int) {
	s.t.Helper()
	log, err := os.ReadFile(fmt.Sprintf("%s.slurm/shard-%d.log", out, shard))
	must(s.t, err)
	if n := strings.Count(string(log), "genoveil run took"); n != 1 {
		s.t.Errorf("shard %d of %s was computed %d times:\n%s", shard, out, n, log)
	}
}

// says demands a text in the log of a shard.
func (s *site) says(out string, shard int, text string) {
	s.t.Helper()
	log, err := os.ReadFile(fmt.Sprintf("%s.slurm/shard-%d.log", out, shard))
	must(s.t, err)
	if !strings.Contains(string(log), text) {
		s.t.Errorf("shard %d of %s does not say %q:\n%s", shard, out, text, log)
	}
}

// logs shows what the tasks of a job said, if the test failed.
func (s *site) logs(out string) {
	if !s.t.Failed() {
		return
	}
	logs, _ := filepath.Glob(out + ".slurm/*.log")
	for _, name := range logs {
		text, _ := os.ReadFile(name)
		s.t.Logf("%s:\n%s", name, text)
	}
}

// TestSlurm runs shards on a cluster, undisturbed and with every fault that tasks
// meet there.
func TestSlurm(t *testing.T) {
	startCluster(t)
	s := newSite(t)
	const continues = "continuing from"
	sub := func(name string, test func(out string)) {
		t.Run(name, func(t *testing.T) {
			defer func(outer *testing.T) { s.t = outer }(s.t)
			s.t = t
			defer s.logs(name + ".sums")
			test(name + ".sums")
		})
	}

	sub("undisturbed", func(out string) {
		s.submit(out)
		s.finished()
		s.same(out)
	})
	sub("encrypt", func(string) {
		s.t.Setenv("GENOVEIL_PASSPHRASE", "secret")
		s.genoveil("keygen", "-o", "sealed", "--passphrase")
		s.genoveil("submit", "encrypt", "genotypes", "--vcf", "sim.vcf.gz", "--keys", "sealed", "-o", "shards", "--shards", "3", "--cpus", "1", "--task-memory", "1GB")
		s.finished()
		if status := s.genoveil("status", "shards.slurm"); !strings.Contains(status, "3 done") || !strings.Contains(status, "complete: shards.index") {
			t.Errorf("status: %s", status)
		}
		s.genoveil("encrypt", "traits", "--index", "shards.index", "--pheno", "sim.pheno.txt", "--pheno-name", "CASE", "--keys", "sealed", "-o", "shards")
		s.genoveil("run", "--cohort", "shards", "--traits", "shards.traits", "--eval-key", "sealed/eval.key", "-o", "shards.sums")
		s.genoveil("decrypt", "--sums", "shards.sums", "--index", "shards.index", "--private", "shards.private", "--keys", "sealed", "-o", "shards")
		table, err := os.ReadFile("shards.assoc")
		must(t, err)
		if !bytes.Equal(table, s.want) {
			t.Error("the table differs from that of a cohort encrypted in one process")
		}
	})
	sub("requeue", func(out string) {
		s.t.Setenv("GENOVEIL_PASSPHRASE", "secret")
		s.submit(out)
		environment, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", s.halted(out, 2).Pid))
		must(s.t, err)
		if len(environment) == 0 || bytes.Contains(environment, []byte("GENOVEIL_PASSPHRASE")) {
			s.t.Error("a task that needs no secret has the passphrase")
		}
		s.slurm("scontrol", "requeue", s.task(out, 2))
		s.finished()
		s.same(out)
		s.says(out, 2, continues)
	})
	sub("warning", func(out string) {
		s.submit(out)
		// As --signal=B: does: the signal goes to the script, not to what it runs. The
		// last task of an array has the number of the array.
		halted := s.halted(out, 8)
		script, err := parent(halted.Pid)
		must(t, err)
		must(t, syscall.Kill(script, syscall.SIGUSR1))
		must(t, halted.Signal(syscall.SIGCONT))
		s.finished()
		s.same(out)
		s.says(out, 8, continues)
		s.once(out, 1)
	})
	sub("killed", func(out string) {
		s.submit(out)
		must(t, s.halted(out, 1).Signal(syscall.SIGKILL))
		s.finished()
		if status := s.genoveil("status", out+".slurm"); !strings.Contains(status, "7 done, 0 running, 0 waiting, 1 missing") ||
			!strings.Contains(status, "shard 1 is missing; see "+out+".slurm/shard-1.log") {
			t.Errorf("status: %s", status)
		}
		if said := s.genoveil("resume", out+".slurm"); !strings.Contains(said, "submitted 1 shard again") {
			t.Errorf("resume: %s", said)
		}
		s.finished()
		s.same(out)
		s.says(out, 1, continues)
	})
	sub("full", func(out string) {
		// The script is changed before its tasks begin.
		s.slurm("scontrol", "update", "PartitionName=main", "State=DOWN")
		s.submit(out)
		script := out + ".slurm/shards.sh"
		text, err := os.ReadFile(script)
		must(t, err)
		const before = "i=$SLURM_ARRAY_TASK_ID\n"
		if !strings.Contains(string(text), before) {
			t.Fatalf("%s has changed:\n%s", script, text)
		}
		s.slurm("scancel", "--me")
		s.slurm("scontrol", "update", "PartitionName=main", "State=UP")
		// A disk of 100 KB, or where nobody may mount one files of 100 KB.
		line, says := "dir=small", "no space left on device"
		must(t, os.Mkdir("small", 0o755))
		if err := syscall.Mount("small", "small", "tmpfs", 0, "size=100k"); err == nil {
			t.Cleanup(func() { must(t, syscall.Unmount("small", 0)) })
		} else {
			t.Logf("mount: %v", err)
			line, says = "ulimit -f 100", "file too large"
		}
		limited := strings.Replace(string(text), before, before+"[ $i = 5 ] && "+line+"\n", 1)
		must(t, os.WriteFile(script, []byte(limited), 0o755))
		s.finished()
		s.genoveil("resume", out+".slurm")
		s.finished()
		s.says(out, 5, says)
		if status := s.genoveil("status", out+".slurm"); !strings.Contains(status, "7 done, 0 running, 0 waiting, 1 missing") {
			t.Errorf("status: %s", status)
		}
		must(t, os.WriteFile(script, text, 0o755))
		s.genoveil("resume", out+".slurm")
		s.finished()
		s.same(out)
	})
}
