package pipeline

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"genoveil/genomics"
	"genoveil/he/hetest"
)

// memoryVariable makes the test binary, run as a child, do one step of a workflow
// and exit; its peak memory is then the operating system's word.
const memoryVariable = "GENOVEIL_TEST_MEMORY"

// TestMemoryDoesNotGrow: the peak memory of encrypt and run is the same for ten
// times the variants. Accumulators alone would take 44 MB more if all blocks had
// theirs at a time. The soft limit makes the collector keep garbage out of the
// comparison; what is in use is not bounded by it.
func TestMemoryDoesNotGrow(t *testing.T) {
	if step := os.Getenv(memoryVariable); step != "" {
		memoryStep(t, step)
		return
	}
	peak := map[string]int64{}
	for _, blocks := range []int{10, 100} {
		dir := t.TempDir()
		for _, step := range []string{"keys", "encrypt", "run"} {
			cmd := exec.Command(os.Args[0], "-test.run=^TestMemoryDoesNotGrow$")
			cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %s", memoryVariable, step, blocks, dir), "GOMEMLIMIT=32MiB")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", step, err, out)
			}
			peak[fmt.Sprint(step, blocks)] = cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
		}
	}
	for _, step := range []string{"encrypt", "run"} {
		small, large := peak[step+"10"], peak[step+"100"]
		t.Logf("%s: peak memory %d kB for 10 blocks, %d kB for 100", step, small, large)
		if large > small+12000 {
			t.Errorf("%s: peak memory grows from %d kB to %d kB with ten times the variants", step, small, large)
		}
	}
}

func memoryStep(t *testing.T, step string) {
	fields := strings.SplitN(step, " ", 3)
	blocks, err := strconv.Atoi(fields[1])
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, dir: fields[2], params: hetest.SumParams(t, 10, 1024).Params()}
	switch fields[0] {
	case "keys":
		w.secret, w.keys = hetest.Keys(t, w.params.Chain())
		content, err := EncodeSecretKey(w.secret, "")
		w.must(err)
		w.must(os.WriteFile(w.path("secret.key"), content, 0o600))
		w.must(SaveEvaluationKeys(w.path("eval.key"), w.keys))
	case "encrypt":
		w.secret, err = LoadSecretKey(w.path("secret.key"), nil)
		w.must(err)
		c := simulated(t, 128, 1024, 0.02, 1024)
		w.encrypt(&repeated{memorySource: c.all().(*memorySource), left: blocks * 1024})
		w.query("case", c.status)
	case "run":
		w.keys, err = LoadEvaluationKeys(w.path("eval.key"))
		w.must(err)
		job := w.job("case", "case", Whole)
		job.Memory = 2 << 20
		w.must(job.Run(t.Context()))
	}
}

// repeated yields the same variants again and again.
type repeated struct {
	*memorySource
	left int
}

func (r *repeated) Next(v *genomics.Variant, row genomics.Row) error {
	if r.left == 0 {
		r.next = r.n
	} else {
		r.left--
		r.next %= r.n
	}
	return r.memorySource.Next(v, row)
}
