//go:build cuda

package gpu_test

import (
	"fmt"
	"testing"

	"genoveil/gpu"
)

func TestLaunch(t *testing.T) {
	d, s := open(t)
	const count, length = 5, 777
	words := random(count * length)
	in, out := upload(t, d, s, words), alloc(t, d, count*length)
	const factor, sum = 0x9E3779B1, 0xFEDCBA9876543210
	want := reversed(words, length, factor, sum)
	for _, args := range [][]any{
		{out, in, length, uint32(factor), uint64(sum)},
		{out, in, uint32(length), factor, uint64(sum)},
	} {
		check(t, s.Zero(out))
		check(t, s.Launch("probe", blocks(count, length), args...))
		wantWords(t, s, out, want)
	}

	// An int serves for both sizes.
	check(t, s.Zero(out))
	check(t, s.Launch("probe", blocks(count, length), out, in, length, 1<<32-1, 1<<63-1))
	wantWords(t, s, out, reversed(words, length, 1<<32-1, 1<<63-1))

	check(t, s.Zero(out))
	check(t, s.Launch("probe", blocks(1, length), out.Slice(length, 2*length), in.Slice(length, 2*length), length, uint32(factor), uint64(sum)))
	wantWords(t, s, out.Slice(length, 2*length), want[length:2*length])
	wantWords(t, s, out.Slice(0, length), make([]uint32, length))
	wantWords(t, s, out.Slice(2*length, 3*length), make([]uint32, length))
}

// Beyond 48 KB the driver must be asked first, and again for more.
func TestSharedMemory(t *testing.T) {
	d, s := open(t)
	most := d.Info().SharedMemory
	for _, bytes := range []int{48 << 10, 48<<10 + 4, 64 << 10, 50 << 10, most} {
		length := bytes / 4
		words := random(2 * length)
		in, out := upload(t, d, s, words), alloc(t, d, 2*length)
		check(t, s.Launch("probe", blocks(2, length), out, in, length, uint32(3), uint64(5)))
		wantWords(t, s, out, reversed(words, length, 3, 5))
		d.Free(in)
		d.Free(out)
	}
}

func TestRefusedLaunches(t *testing.T) {
	d, s := open(t)
	i := d.Info()
	fine := gpu.Grid{Blocks: [3]int{1}, Threads: [3]int{32}}
	const text = "1×1×1 blocks of 32×1×1 threads, 0 bytes shared"
	for _, c := range []struct {
		kernel string
		grid   gpu.Grid
		args   []any
		want   string
	}{
		{"prob", fine, nil, "launch prob (" + text + "): no module exports a kernel of this name"},
		{"probe", gpu.Grid{Threads: [3]int{32}}, nil,
			"launch probe (0×1×1 blocks of 32×1×1 threads, 0 bytes shared): 1 to 2147483647 blocks in dimension 1 are possible"},
		{"probe", gpu.Grid{Blocks: [3]int{1, 65536}, Threads: [3]int{32}}, nil,
			"launch probe (1×65536×1 blocks of 32×1×1 threads, 0 bytes shared): 1 to 65535 blocks in dimension 2 are possible"},
		{"probe", gpu.Grid{Blocks: [3]int{1, 1, -1}, Threads: [3]int{32}}, nil,
			"launch probe (1×1×-1 blocks of 32×1×1 threads, 0 bytes shared): 1 to 65535 blocks in dimension 3 are possible"},
		{"probe", gpu.Grid{Blocks: [3]int{1}}, nil,
			"launch probe (1×1×1 blocks of 0×1×1 threads, 0 bytes shared): 1 to 1024 threads in dimension 1 are possible"},
		{"probe", gpu.Grid{Blocks: [3]int{1}, Threads: [3]int{1, 1, 65}}, nil,
			"launch probe (1×1×1 blocks of 1×1×65 threads, 0 bytes shared): 1 to 64 threads in dimension 3 are possible"},
		{"probe", gpu.Grid{Blocks: [3]int{1}, Threads: [3]int{64, 32}}, nil,
			"launch probe (1×1×1 blocks of 64×32×1 threads, 0 bytes shared): a block has at most 1024 threads"},
		{"probe", gpu.Grid{Blocks: [3]int{1}, Threads: [3]int{32}, Shared: i.SharedMemory + 1}, nil,
			fmt.Sprintf("launch probe (1×1×1 blocks of 32×1×1 threads, %d bytes shared): a block has 0 to %d bytes of shared memory", i.SharedMemory+1, i.SharedMemory)},
	} {
		e := wantError(t, s.Launch(c.kernel, c.grid, c.args...), fmt.Sprintf("gpu 0 (%s): %s", i.Name, c.want))
		if e.Lost() || e.Full() {
			t.Errorf("%v: lost or full", e)
		}
	}
	check(t, s.Synchronize())
}

// TestWrongArguments: launches with what the kernel does not take say so, and the driver hears of
// none: its first launch, which fails, is the right one.
func TestWrongArguments(t *testing.T) {
	d, s, gpu0 := openFaulty(t, "launch:1")
	const length = 100
	words := random(length)
	in, out := upload(t, d, s, words), alloc(t, d, length)
	const (
		array   = "the kernel takes an array (gpu.Words)"
		number  = "the kernel takes 32 bits (uint32, or an int from 0 to 2^32−1)"
		number8 = "the kernel takes 64 bits (uint64, or an int that is not negative)"
		launch  = "launch probe (1×1×1 blocks of 256×1×1 threads, 400 bytes shared): "
	)
	right := []any{out, in, length, uint32(3), uint64(5)}
	for _, c := range []struct {
		args []any
		want string
	}{
		{nil, "0 arguments are given, the kernel takes 5"},
		{right[:4], "4 arguments are given, the kernel takes 5"},
		{append(right[:5:5], 1), "6 arguments are given, the kernel takes 5"},
		{[]any{uint64(1), in, length, uint32(3), uint64(5)}, "argument 1: uint64 is given, " + array},
		{[]any{out, in.Address(), length, uint32(3), uint64(5)}, "argument 2: uint64 is given, " + array},
		{[]any{out, 0, length, uint32(3), uint64(5)}, "argument 2: the int 0 is given, " + array},
		{[]any{out, nil, length, uint32(3), uint64(5)}, "argument 2: <nil> is given, " + array},
		{[]any{out, in, out, uint32(3), uint64(5)}, "argument 3: gpu.Words is given, " + number},
		{[]any{out, in, uint64(length), uint32(3), uint64(5)}, "argument 3: uint64 is given, " + number},
		{[]any{out, in, int32(length), uint32(3), uint64(5)}, "argument 3: int32 is given, " + number},
		{[]any{out, in, length, 1 << 32, uint64(5)}, "argument 4: the int 4294967296 is given, " + number},
		{[]any{out, in, length, -1, uint64(5)}, "argument 4: the int -1 is given, " + number},
		{[]any{out, in, length, uint32(3), uint32(5)}, "argument 5: uint32 is given, " + number8},
		{[]any{out, in, length, uint32(3), -5}, "argument 5: the int -5 is given, " + number8},
		{[]any{out, in, length, uint32(3), "5"}, "argument 5: string is given, " + number8},
		{[]any{out, in, length, uint32(3), in}, "argument 5: gpu.Words is given, " + number8},
	} {
		e := wantError(t, s.Launch("probe", blocks(1, length), c.args...), gpu0+launch+c.want)
		if e.Code != 0 || e.Lost() || e.Full() {
			t.Errorf("%+v", e)
		}
	}
	wantError(t, s.Launch("probe", blocks(1, length), right...), gpu0+launch+"too many resources requested for launch (CUDA error 701)")
	check(t, s.Launch("probe", blocks(1, length), right...))
	wantWords(t, s, out, reversed(words, length, 3, 5))
}
