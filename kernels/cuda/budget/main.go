// Command budget checks the machine code of the kernels against kernels/cuda/budget.txt. No
// kernel may use local memory (spilled registers) on any architecture. No kernel may grow
// in registers or instructions beyond what is recorded for one of them. A loop that is no
// longer unrolled, or an index that sends an array to memory, shows here and in no test.
// So does a compiler that drops what kernels take (takes.cuh): gpu launches none without.
package main

import (
	"bufio"
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	file   = "kernels/cuda/budget.txt"
	arch   = "sm_90" // whose code is counted
	update = "make cuda-budget"
	slack  = 1.03 // compilers differ in their minor versions
)

// modules are the packages' fat binaries.
var modules = []string{"kernels/cuda/modules/*.fatbin", "kernels/cuda/word64/modules/*.fatbin"}

func main() {
	write := flag.Bool("write", false, "record what the kernels take")
	flag.Parse()
	if err := run(*write); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(write bool) error {
	var paths []string
	for _, pattern := range modules {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fmt.Errorf("no modules match %s: run `make cuda` from the root of the repository", pattern)
		}
		paths = append(paths, found...)
	}
	kernels := map[string]kernel{}
	var problems []string
	for _, path := range paths {
		resources, err := cuobjdump("-res-usage", path)
		if err != nil {
			return err
		}
		code, err := cuobjdump("-sass", "-arch", arch, path)
		if err != nil {
			return err
		}
		symbols, err := cuobjdump("-symbols", path)
		if err != nil {
			return err
		}
		found, spills := parseResources(resources)
		problems = slices.Concat(problems, spills, withoutArguments(symbols))
		instructions := countInstructions(code)
		for name, registers := range found {
			kernels[name] = kernel{registers, instructions[name]}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(kernels)) {
		fmt.Printf("%-28s %4d registers %6d instructions\n", name, kernels[name].registers, kernels[name].instructions)
	}
	if len(problems) > 0 {
		return fmt.Errorf("%s", strings.Join(problems, "\n"))
	}
	if write {
		return record(kernels)
	}
	budget, err := read()
	if err != nil {
		return err
	}
	if problems = compare(kernels, budget); len(problems) > 0 {
		return fmt.Errorf("%s\nIf this is meant, record it with `%s` and say why in the commit", strings.Join(problems, "\n"), update)
	}
	return nil
}

// compare says which kernels are not in the budget, beyond it, or gone.
func compare(kernels, budget map[string]kernel) []string {
	var problems []string
	for _, name := range slices.Sorted(maps.Keys(kernels)) {
		now, was := kernels[name], budget[name]
		switch {
		case was == kernel{}:
			problems = append(problems, fmt.Sprintf("%s is not in %s", name, file))
		case float64(now.registers) > slack*float64(was.registers):
			problems = append(problems, fmt.Sprintf("%s: %d registers, %d in the budget", name, now.registers, was.registers))
		case float64(now.instructions) > slack*float64(was.instructions):
			problems = append(problems, fmt.Sprintf("%s: %d instructions, %d in the budget", name, now.instructions, was.instructions))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(budget)) {
		if (kernels[name] == kernel{}) {
			problems = append(problems, fmt.Sprintf("%s is in %s, but in no module", name, file))
		}
	}
	return problems
}

// read is the budget: lines of name, registers, instructions.
func read() (map[string]kernel, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	budget := map[string]kernel{}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line, _, _ := strings.Cut(lines.Text(), "#")
		if strings.TrimSpace(line) == "" {
			continue
		}
		var name string
		var k kernel
		if _, err := fmt.Sscan(line, &name, &k.registers, &k.instructions); err != nil {
			return nil, fmt.Errorf("%s:%d: %q is not `name registers instructions`", file, n, line)
		}
		budget[name] = k
	}
	return budget, lines.Err()
}

func record(kernels map[string]kernel) error {
	var text strings.Builder
	fmt.Fprintf(&text, "# Registers and instructions of each kernel on %s, by nvcc 11.8. `%s` writes\n# this file, `make cuda-check` holds the kernels against it.\n", arch, update)
	for _, name := range slices.SortedFunc(maps.Keys(kernels), cmp.Compare[string]) {
		fmt.Fprintf(&text, "%s %d %d\n", name, kernels[name].registers, kernels[name].instructions)
	}
	return os.WriteFile(file, []byte(text.String()), 0o644)
}
