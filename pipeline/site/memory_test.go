package site_test

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
	"genoveil/pipeline/format"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/private"
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
	w := &pipelinetest.World{T: t, Dir: fields[2], Params: hetest.SumParams(t, 10, 1024).Params()}
	switch fields[0] {
	case "keys":
		w.Secret, w.Keys = hetest.Keys(t, w.Params.Chain())
		content, err := private.EncodeSecretKey(w.Secret, "")
		w.Must(err)
		w.Must(os.WriteFile(w.Path("secret.key"), content, 0o600))
		w.Must(format.SaveEvaluationKeys(w.Path("eval.key"), w.Keys))
	case "encrypt":
		w.Secret, err = private.LoadSecretKey(w.Path("secret.key"), nil)
		w.Must(err)
		c := pipelinetest.Simulated(t, 128, 1024, 0.02, 1024)
		w.Encrypt(&repeated{MemorySource: c.All().(*pipelinetest.MemorySource), left: blocks * 1024})
		w.Query("case", c.Status)
	case "run":
		w.Keys, err = format.LoadEvaluationKeys(w.Path("eval.key"))
		w.Must(err)
		job := w.Job("case", "case", format.Whole)
		job.Memory = 2 << 20
		w.Must(job.Run(t.Context()))
	}
}

// repeated yields the same variants again and again.
type repeated struct {
	*pipelinetest.MemorySource
	left int
}

func (r *repeated) Next(v *genomics.Variant, row genomics.Row) error {
	if r.left == 0 {
		r.At = r.Len
	} else {
		r.left--
		r.At %= r.Len
	}
	return r.MemorySource.Next(v, row)
}
