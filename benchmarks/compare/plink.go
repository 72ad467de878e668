package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// A plink is an installed PLINK, or the empty path.
type plink struct{ path, version string }

// findPlink looks for a program by several names whose --version begins so.
func findPlink(ctx context.Context, version string, names ...string) plink {
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		out, err := exec.CommandContext(ctx, path, "--version").Output()
		if err == nil && strings.HasPrefix(string(out), version) {
			return plink{path, strings.TrimSpace(string(out))}
		}
	}
	return plink{}
}

// sameText compares two files byte for byte and names the first line that
// differs.
func sameText(a, b string) error {
	var text [2]*bufio.Reader
	for i, path := range []string{a, b} {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		text[i] = bufio.NewReader(f)
	}
	for line := 1; ; line++ {
		x, errX := text[0].ReadBytes('\n')
		y, errY := text[1].ReadBytes('\n')
		if !bytes.Equal(x, y) {
			return fmt.Errorf("%s and %s differ from line %d:\n%s%s", a, b, line, x, y)
		}
		for _, err := range []error{errX, errY} {
			if err != nil && err != io.EOF {
				return err
			}
		}
		if errX == io.EOF { // and errY: the last lines are equal and end alike
			return nil
		}
	}
}
