package main

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// genoveil runs a command that must succeed.
func genoveil(t *testing.T, command string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), strings.Fields(command), strings.NewReader(""), &stdout, &stderr); code != exitDone {
		t.Fatalf("genoveil %s: exit code %d: %s", command, code, stderr.String())
	}
}

// files lists all files below the working directory, without journals.
func files(t *testing.T) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(".", func(path string, e fs.DirEntry, err error) error {
		if !strings.HasSuffix(path, ".lock") && !strings.HasSuffix(path, ".log") { // which stay
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestInterrupted interrupts every command that takes time before it has done anything: it
// ends with the exit code for that, leaves nothing, and the same command then does it.
func TestInterrupted(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	genoveil(t, "simulate --samples 20 --variants 30 -o sim")
	genoveil(t, "keygen -o keys --score")
	for cohort, purpose := range map[string]string{"gwas": "gwas", "scored": "score", "private": "private-model"} {
		genoveil(t, "encrypt genotypes --vcf sim.vcf.gz --for "+purpose+" --keys keys -o "+cohort)
	}
	genoveil(t, "panel --index scored.index -o list.vcf.gz")
	genoveil(t, "encrypt traits --index gwas.index --pheno sim.pheno.txt --pheno-name CASE --keys keys -o case")
	genoveil(t, "run --cohort gwas --traits case.traits --eval-key keys/eval.key -o case.sums")
	genoveil(t, "encrypt model --weights sim.causal.txt --no-mean-imputation --index private.index --keys keys -o risk")
	genoveil(t, "score --cohort scored --panel list.vcf.gz --weights sim.causal.txt --no-mean-imputation --eval-key keys/eval-score.key -o risk.scores")
	genoveil(t, "decrypt --sums case.sums --index gwas.index --private case.private --keys keys -o case")

	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	for _, command := range []string{
		"simulate --samples 20 --variants 30 -o new",
		"keygen -o new-keys",
		"keygen -o keys --dosage",
		"encrypt genotypes --vcf sim.vcf.gz --keys keys -o new",
		"encrypt traits --index gwas.index --pheno sim.pheno.txt --pheno-name CASE --keys keys -o new",
		"encrypt model --weights sim.causal.txt --no-mean-imputation --index private.index --keys keys -o new",
		"run --cohort gwas --traits case.traits --eval-key keys/eval.key -o new.sums",
		"score --cohort scored --panel list.vcf.gz --weights sim.causal.txt --no-mean-imputation --eval-key keys/eval-score.key -o new.scores",
		"score --cohort private --encrypted-model risk.model --eval-key keys/eval-score.key -o private.scores",
		"panel --index scored.index -o new.vcf.gz",
		"merge case.sums -o new-merged.sums",
		"merge risk.scores -o new-merged.scores",
		"decrypt --sums case.sums --index gwas.index --private case.private --keys keys -o decrypted",
		"decrypt --scores risk.scores --index scored.index --keys keys -o decrypted",
		"report case.assoc -o new",
		"info keys/eval.key",
		"demo --samples 20 --variants 30",
		"plan --samples 20 --variants 30 --calibrate",
	} {
		before := files(t)
		var stdout, stderr bytes.Buffer
		code := run(interrupted, strings.Fields(command), strings.NewReader(""), &stdout, &stderr)
		if code != exitInterrupted || !strings.Contains(stderr.String(), "error: interrupted; ") {
			t.Errorf("genoveil %s: exit code %d: %s", command, code, stderr.String())
		}
		if after := files(t); !slices.Equal(before, after) && !strings.HasPrefix(command, "encrypt genotypes") {
			t.Errorf("genoveil %s: left %v, found %v", command, after, before)
		}
		if name, out, _ := strings.Cut(command, " -o "); name == "simulate --samples 20 --variants 30" {
			journal, err := os.ReadFile(out + ".log")
			if err != nil || !bytes.Contains(journal, []byte("error: interrupted; ")) || !bytes.Contains(journal, []byte("exit code 75\n")) {
				t.Errorf("genoveil %s: its journal is %q, %v", command, journal, err)
			}
		}
		genoveil(t, command)
	}
}

// A trigger cancels when a text is written to it.
type trigger struct {
	bytes.Buffer
	at     string
	cancel context.CancelFunc
}

func (w *trigger) Write(b []byte) (int, error) {
	n, err := w.Buffer.Write(b)
	if strings.Contains(w.String(), w.at) {
		w.cancel()
	}
	return n, err
}

// TestKeygenInterrupted interrupts the making of keys after the pair, of which neither is
// there without the other. The same command then makes what is missing.
func TestKeygenInterrupted(t *testing.T) {
	left := []string{".", "keys", "keys/eval.key", "keys/secret.key"}
	for _, at := range []string{"made keys/secret.key", "made keys/eval.key"} {
		t.Chdir(t.TempDir())
		ctx, cancel := context.WithCancel(t.Context())
		stderr := &trigger{at: at, cancel: cancel}
		code := run(ctx, []string{"keygen", "-o", "keys", "--score"}, strings.NewReader(""), &bytes.Buffer{}, stderr)
		if code != exitInterrupted {
			t.Errorf("interrupted at %q: exit code %d: %s", at, code, stderr.String())
		}
		if found := files(t); !slices.Equal(found, left) {
			t.Errorf("interrupted at %q: left %v, want %v", at, found, left)
		}
		genoveil(t, "keygen -o keys --score")
		for _, name := range []string{"secret.key", "eval.key", "eval-score.key"} {
			if _, err := os.Stat(filepath.Join("keys", name)); err != nil {
				t.Error(err)
			}
		}
	}
}
