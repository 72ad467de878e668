//go:build cuda

// Command gpu measures a card and the kernels on it.
//
//	make gpu-bundle           # then dist/gpu-bundle/run.sh on a machine with a GPU
//
// It first measures the most that the card can do: a large copy, and a loop of the
// multiplication that everything here is made of (32 by 32 bits, added to 64). It then
// compares each kernel with two floors: the time that its unavoidable traffic takes at
// the speed of the copy, and the time that its multiplications take at the speed of the
// loop. It writes a table, and JSON with -json.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
)

func main() {
	quick := flag.Bool("quick", false, "tiny sizes and one call each, to see that it runs")
	device := flag.Int("device", 0, "which GPU")
	program := flag.String("program", "", "genoveil-cuda, to time 'run' on the files in -data")
	data := flag.String("data", "", "folder with cohort, case.traits and eval.key")
	path := flag.String("json", "", "also write JSON to this file")
	flag.Parse()
	if err := run(*device, *quick, *program, *data, *path); err != nil {
		fmt.Fprintln(os.Stderr, "gpu:", err)
		os.Exit(1)
	}
}

func run(device int, quick bool, program, data, path string) (err error) {
	b, err := newBench(device, quick)
	if err != nil {
		return err
	}
	err = b.kernels()
	if close := b.device.Close(); err != nil || close != nil {
		return errors.Join(err, close)
	}
	if program != "" {
		if err := b.wholeRun(program, data); err != nil {
			return err
		}
	}
	b.result.print(os.Stdout)
	if path == "" {
		return nil
	}
	text, err := json.MarshalIndent(b.result, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

// kernels measures everything that runs on the card alone.
func (b *bench) kernels() error {
	for _, measure := range []func() error{
		b.floors, b.transfers, b.transforms, b.keySwitches, b.expansion,
		b.uniform, b.accumulate, b.encrypt, b.words64,
	} {
		if err := measure(); err != nil {
			return err
		}
		if err := b.release(); err != nil {
			return err
		}
	}
	return nil
}
