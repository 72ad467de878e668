//go:build slurm

package slurmtest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// guardianVariable makes the test binary a guardian of the directory that it names.
const guardianVariable = "GENOVEIL_SLURM_GUARDIAN"

func TestMain(m *testing.M) {
	if dir := os.Getenv(guardianVariable); dir != "" {
		if err := guard(dir, os.Stdin); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// guard starts the daemons that it reads, a JSON list of words a line. At the end of
// its input, which comes also when the test is killed, it kills all that it started
// and all that those left behind (slurmstepd leaves its parents), and removes the
// directory.
func guard(dir string, daemons io.Reader) error {
	// As a subreaper, it becomes the parent of orphans among its descendants.
	const prSetChildSubreaper = 36
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, prSetChildSubreaper, 1, 0); errno != 0 {
		return errno
	}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGCHLD)
	go func() {
		for range ended {
			for pid := 1; pid > 0; pid, _ = syscall.Wait4(-1, nil, syscall.WNOHANG, nil) {
			}
		}
	}()
	for lines := bufio.NewScanner(daemons); lines.Scan(); {
		var words []string
		if err := json.Unmarshal(lines.Bytes(), &words); err != nil {
			return err
		}
		log, err := os.Create(filepath.Join(dir, words[0]+".out"))
		if err != nil {
			return err
		}
		cmd := exec.Command(words[0], words[1:]...)
		cmd.Stdout, cmd.Stderr = log, log
		if err := cmd.Start(); err != nil {
			return err
		}
		log.Close()
	}
	signal.Stop(ended)
	for {
		for _, pid := range descendants(os.Getpid()) {
			syscall.Kill(pid, syscall.SIGKILL)
		}
		if _, err := syscall.Wait4(-1, nil, 0, nil); errors.Is(err, syscall.ECHILD) {
			return os.RemoveAll(dir)
		}
	}
}

// descendants lists the processes that come from one.
func descendants(of int) []int {
	children := map[int][]int{}
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, path := range processes {
		pid, _ := strconv.Atoi(filepath.Base(path))
		if parent, err := parent(pid); err == nil { // or it has ended
			children[parent] = append(children[parent], pid)
		}
	}
	found := children[of]
	for i := 0; i < len(found); i++ {
		found = append(found, children[found[i]]...)
	}
	return found
}

// parent is the process that started another.
func parent(pid int) (int, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	return strconv.Atoi(fields[1])
}

// A guardian starts daemons and ends them with the test.
type guardian struct {
	daemons io.WriteCloser
}

func startGuardian(t *testing.T, dir string) *guardian {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), guardianVariable+"="+dir)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // Ctrl-C is for the test
	daemons, err := cmd.StdinPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		if t.Failed() {
			logs, _ := filepath.Glob(dir + "/*.out")
			for _, name := range logs {
				text, _ := os.ReadFile(name)
				t.Logf("%s: %.40000s", filepath.Base(name), text)
			}
		}
		daemons.Close()
		must(t, cmd.Wait())
	})
	return &guardian{daemons}
}

func (g *guardian) start(t *testing.T, words ...string) {
	t.Helper()
	line, err := json.Marshal(words)
	must(t, err)
	_, err = g.daemons.Write(append(line, '\n'))
	must(t, err)
}

// TestNothingIsLeft kills a test that has started a cluster, and waits until no
// process of it is there any more.
func TestNothingIsLeft(t *testing.T) {
	if os.Getenv("GENOVEIL_SLURM_VICTIM") != "" {
		startCluster(t)
		fmt.Println(os.Getenv("SLURM_CONF"))
		// A task that stays, and that nobody may find stopped for ever.
		must(t, exec.Command("sbatch", "--output=/dev/null", "--wrap=kill -STOP $$").Run())
		eventually(t, "the task runs", func() bool {
			out, err := exec.Command("squeue", "-h", "-o", "%T").Output()
			return err == nil && strings.TrimSpace(string(out)) == "RUNNING"
		})
		fmt.Println("ready")
		select {}
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestNothingIsLeft$")
	cmd.Env = append(os.Environ(), "GENOVEIL_SLURM_VICTIM=1")
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewScanner(out)
	lines.Scan()
	dir := filepath.Dir(lines.Text())
	lines.Scan()
	if lines.Text() != "ready" {
		t.Fatalf("%q", lines.Text())
	}
	var all []int
	// A list of /proc may lack some where others come and go meanwhile.
	eventually(t, "guardian, munged, slurmctld, slurmd and slurmstepd run", func() bool {
		all = descendants(cmd.Process.Pid)
		return len(all) >= 5
	})
	must(t, cmd.Process.Kill())
	cmd.Wait()
	eventually(t, "all processes have ended", func() bool {
		for _, pid := range all {
			if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); err == nil {
				return false
			}
		}
		_, err := os.Stat(dir)
		return err != nil
	})
}
