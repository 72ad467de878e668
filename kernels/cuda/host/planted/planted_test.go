//go:build cuda

// Package planted checks that the test driver finds mistakes in kernels and in the use of
// streams. A mistake ends the process, so a child process makes each one.
package planted

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"testing"

	"genoveil/gpu"
)

const threads = 256

func TestMain(m *testing.M) {
	if name := os.Getenv("PLANTED"); name != "" {
		if err := plant(name); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// plant does what has this name: a program of usage_test.go, or a kernel whose result is
// compared with the right one.
func plant(name string) error {
	device, err := gpu.Open(0, nil)
	if err != nil {
		return err
	}
	defer device.Close()
	if program := programs[name]; program != nil {
		return program(device)
	}
	s, err := device.NewStream()
	if err != nil {
		return err
	}
	in := make([]uint32, threads)
	for i := range in {
		in[i] = uint32(1000 + 7*i)
	}
	a, err := device.Alloc(threads)
	if err != nil {
		return err
	}
	b, err := device.Alloc(threads)
	if err != nil {
		return err
	}
	blocks := 1
	if name == "planted_eight_blocks" {
		blocks = 8
	}
	out := make([]uint32, threads)
	err = errors.Join(s.Write(a, in),
		s.Launch(name, gpu.Grid{Blocks: [3]int{blocks}, Threads: [3]int{threads}, Shared: 4 * threads}, b, a),
		s.Read(out, b))
	if err != nil {
		return err
	}
	var sum uint32
	for _, x := range in {
		sum += x
	}
	for i := range out {
		want := in[threads-1-i] + sum
		if out[i] != want {
			return fmt.Errorf("out[%d] = %d, not %d", i, out[i], want)
		}
	}
	return nil
}

// sanitized says that the test driver was built with AddressSanitizer and
// UndefinedBehaviorSanitizer.
var sanitized = os.Getenv("GENOVEIL_TESTDRIVER_SANITIZED") == "1"

func TestPlanted(t *testing.T) {
	if os.Getenv("GENOVEIL_TESTDRIVER") != "1" {
		t.Skip("needs the test driver")
	}
	const thread = `block \(\d+, 0, 0\), thread \(\d+, 0, 0\)`
	for _, c := range []struct {
		name, order string
		finds       string // what standard error matches; "" where all is well
		sanitized   string // the same with sanitizers, where it differs
	}{
		{name: "planted_right"},
		{name: "planted_right", order: "1"},
		{name: "planted_ended_lanes"},
		{name: "planted_ended_lanes", order: "2"},
		{name: "planted_missing_barrier", finds: `out\[0\] = \d+, not`},
		{name: "planted_hidden_barrier"},
		{name: "planted_hidden_barrier", order: "1", finds: `out\[\d+\] = \d+, not`},
		{name: "planted_eight_blocks"},
		{name: "planted_eight_blocks", order: "1", finds: `out\[0\] = 0, not`},
		{name: "planted_early_return", finds: `kernel planted_early_return, ` + thread + `: waits at \S+planted.cu:\d+, but .*thread \(100, 0, 0\) has ended: a divergent barrier`},
		{name: "planted_two_barriers", finds: thread + `: waits at \S+planted.cu:\d+, but .*waits at \S+planted.cu:\d+: a divergent barrier`},
		{name: "planted_lost_lanes", finds: thread + `: waits at \S+planted.cu:\d+ for lanes ffffffff of its warp`},
		{name: "planted_shared_overflow", finds: `kernel planted_shared_overflow, block \(0, 0, 0\), thread \(255, 0, 0\): touched .* behind dynamic shared memory`},
		{name: "planted_static_overflow", sanitized: `AddressSanitizer: global-buffer-overflow`},
		{name: "planted_unwritten_shared", finds: `out\[0\] = \d+, not`},
		{name: "planted_overflow", finds: `kernel planted_overflow, block \(0, 0, 0\), thread \(255, 0, 0\): touched .*, 0 bytes behind an allocation of 1024 bytes`},
		{name: "planted_overread", finds: `kernel planted_overread, block \(0, 0, 0\), thread \(255, 0, 0\): touched .*, 0 bytes behind an allocation of 1024 bytes`},
		{name: "planted_misaligned", sanitized: `misaligned address`},
		{name: "planted_deep_stack", finds: `kernel planted_deep_stack, ` + thread + `: touched .*, below the stack of a thread`, sanitized: `AddressSanitizer|below the stack`},
		{name: "early_reuse", finds: `downloaded 2, not 1`},
		{name: "missing_wait", finds: `downloaded \d+, not 1`},
		{name: "with_wait"},
		{name: "with_wait", order: "1"},
		{name: "early_release", finds: `testdriver: cuMemcpyHtoDAsync_v2: when its turn came: 1024 bytes at \S+: memory that was freed`},
		{name: "early_read", finds: `downloaded \d+, not 1`},
		{name: "other_device", finds: `kernel planted_address, block \(0, 0, 0\), thread \(0, 0, 0\): touched .*, memory of device 0`},
		{name: "freed_memory", finds: `kernel planted_address, block \(0, 0, 0\), thread \(0, 0, 0\): touched .*, in an allocation of 1024 bytes that was freed`},
	} {
		t.Run(c.name+c.order, func(t *testing.T) {
			t.Parallel()
			child := exec.Command(os.Args[0])
			child.Env = append(os.Environ(), "PLANTED="+c.name, "GENOVEIL_TESTDRIVER_DEVICES=2", "GENOVEIL_TESTDRIVER_ORDER="+c.order)
			output, err := child.CombinedOutput()
			finds := c.finds
			if sanitized && c.sanitized != "" {
				finds = c.sanitized
			}
			switch {
			case finds == "" && err != nil:
				t.Errorf("%v:\n%s", err, output)
			case finds != "" && err == nil:
				t.Error("not found")
			case finds != "" && !regexp.MustCompile(finds).Match(output):
				t.Errorf("said:\n%.2000s\nand not %s", output, finds)
			}
		})
	}
}
