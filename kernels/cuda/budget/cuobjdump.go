package main

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// A kernel is what its code takes on one architecture.
type kernel struct{ registers, instructions int }

// cuobjdump runs the CUDA toolkit's program of this name.
func cuobjdump(args ...string) (string, error) {
	out, err := exec.Command(cmp.Or(os.Getenv("CUOBJDUMP"), "cuobjdump"), args...).Output()
	if err != nil {
		return "", fmt.Errorf("cuobjdump %s: %w", strings.Join(args, " "), err)
	}
	return string(out), nil
}

var (
	archLine     = regexp.MustCompile(`^arch = (\w+)`)
	functionLine = regexp.MustCompile(`^\s*Function (\w+):`)
	usageLine    = regexp.MustCompile(`^\s*REG:(\d+) STACK:(\d+) .*LOCAL:(\d+) `)
	symbolLine   = regexp.MustCompile(`^STT_(OBJECT|FUNC)\s.*\s(\w+)$`)
	codeLine     = regexp.MustCompile(`^\s*Function : (\w+)`)
	instruction  = regexp.MustCompile(`^\s*/\*[0-9a-f]+\*/\s+(@!?U?P\w+ )?([A-Z][A-Z0-9_.]*)`)
)

// parseResources reads `cuobjdump -res-usage`: the registers of the kernels on arch, and
// which use local memory on any architecture.
func parseResources(text string) (registers map[string]int, spills []string) {
	registers = map[string]int{}
	var on, name string
	for line := range strings.Lines(text) {
		if m := archLine.FindStringSubmatch(line); m != nil {
			on = m[1]
		} else if m := functionLine.FindStringSubmatch(line); m != nil {
			name = m[1]
		} else if m := usageLine.FindStringSubmatch(line); m != nil {
			if on == arch {
				registers[name], _ = strconv.Atoi(m[1])
			}
			if m[2] != "0" || m[3] != "0" {
				spills = append(spills, fmt.Sprintf("%s spills on %s: %s bytes of stack, %s of local memory", name, on, m[2], m[3]))
			}
		}
	}
	return registers, spills
}

// countInstructions reads `cuobjdump -sass`. The NOPs that fill the last line of the
// instruction cache do not count.
func countInstructions(text string) map[string]int {
	counts := map[string]int{}
	name := ""
	for line := range strings.Lines(text) {
		if m := codeLine.FindStringSubmatch(line); m != nil {
			name = m[1]
		} else if m := instruction.FindStringSubmatch(line); m != nil && m[2] != "NOP" {
			counts[name]++
		}
	}
	return counts
}

// withoutArguments reads `cuobjdump -symbols`: the kernels that cannot be launched because the
// module lost what EXPORT keeps of their arguments, on any architecture.
func withoutArguments(text string) []string {
	var problems []string
	on, kept, kernels := "", map[string]bool{}, []string(nil)
	flush := func() {
		for _, name := range kernels {
			if !kept[name+"_takes"] {
				problems = append(problems, fmt.Sprintf("%s on %s: the module does not keep what the kernel takes", name, on))
			}
		}
		kept, kernels = map[string]bool{}, nil
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n ")
		if m := archLine.FindStringSubmatch(line); m != nil {
			flush()
			on = m[1]
		} else if m := symbolLine.FindStringSubmatch(line); m != nil {
			if m[1] == "OBJECT" {
				kept[m[2]] = true
			} else {
				kernels = append(kernels, m[2])
			}
		}
	}
	flush()
	return problems
}
