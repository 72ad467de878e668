//go:build cuda

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"genoveil/pipeline/tasks"
)

// wholeRun times 'run' on files, on the card and on processors, and demands the same
// bytes of both.
func (b *bench) wholeRun(program, data string) error {
	var uploaded int64 // all of the cohort goes to the card, and the columns, which are little beside it
	err := filepath.Walk(filepath.Join(data, "cohort"), func(_ string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			uploaded += info.Size()
		}
		return err
	})
	if err != nil {
		return err
	}
	var sums [2][]byte
	for i, device := range []string{"cuda", "cpu"} {
		out, record := filepath.Join(data, device+".sums"), filepath.Join(data, device+".json")
		if err := errors.Join(os.RemoveAll(out), os.RemoveAll(record)); err != nil {
			return err
		}
		run := exec.Command(program, "run", "--cohort", filepath.Join(data, "cohort"), "--traits", filepath.Join(data, "case.traits"),
			"--eval-key", filepath.Join(data, "eval.key"), "-o", out, "--record", record, "--device", device)
		run.Stderr = os.Stderr
		if err := run.Run(); err != nil {
			return fmt.Errorf("%v: %w", run.Args, err)
		}
		if sums[i], err = os.ReadFile(out); err != nil {
			return err
		}
		text, err := os.ReadFile(record)
		if err != nil {
			return err
		}
		var took tasks.Record
		if err := json.Unmarshal(text, &took); err != nil {
			return err
		}
		if took.Device != device {
			return fmt.Errorf("%v computed on %s", run.Args, took.Device)
		}
		work := row{Name: "run --device " + device, Size: short(float64(uploaded)) + "B of ciphertexts", Count: float64(took.Genotypes), Unit: "genotypes"}
		b.result.add(work, took.Seconds)
		if device == "cuda" {
			b.result.Rows[len(b.result.Rows)-1].TransferFloor = float64(uploaded) / b.result.Upload / took.Seconds
		}
	}
	if !bytes.Equal(sums[0], sums[1]) {
		return fmt.Errorf("%s: the sums of cuda and cpu differ", data)
	}
	return nil
}
