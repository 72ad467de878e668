//go:build cuda

package gpu_test

import (
	"fmt"
	"testing"

	"genoveil/gpu"
	"genoveil/kernels/cuda"
)

// openFaulty is the test driver's first device, on which something will go wrong.
func openFaulty(t *testing.T, fault string) (*gpu.Device, *gpu.Stream, string) {
	t.Helper()
	needTestDriver(t)
	t.Setenv("GENOVEIL_TESTDRIVER_FAIL", fault)
	t.Setenv("GENOVEIL_TESTDRIVER_MEMORY", "4000000000")
	d, s := open(t)
	return d, s, fmt.Sprintf("gpu 0 (%s): ", d.Info().Name)
}

const unavailable = "CUDA-capable device(s) is/are busy or unavailable (CUDA error 46)"

func TestFull(t *testing.T) {
	d, _, gpu0 := openFaulty(t, "alloc:2")
	a := alloc(t, d, 250_000)
	_, err := d.Alloc(1000)
	e := wantError(t, err, gpu0+"allocate 4000 bytes: out of memory (CUDA error 2); the device has 4.0 GB free of 4.0 GB, this program uses 1.0 MB")
	if !e.Full() || e.Lost() || e.Code != 2 || e.Device != 0 {
		t.Errorf("%+v", e)
	}
	d.Free(a)
	alloc(t, d, 1000)
}

// With memory to give back, a full device is no error.
func TestFullOnce(t *testing.T) {
	d, _, _ := openFaulty(t, "alloc:2,host:1")
	a := alloc(t, d, 1000)
	d.Free(a)
	b := alloc(t, d, 1001)
	d.Free(b)
	h, err := d.Host(10)
	check(t, err)
	h.Release()
	if c := alloc(t, d, 1001); c.Address() == b.Address() {
		t.Error("the memory did not go back")
	}
}

func TestHostFull(t *testing.T) {
	d, _, gpu0 := openFaulty(t, "host:1")
	_, err := d.Host(10)
	e := wantError(t, err, gpu0+"page-lock 40 bytes of this machine's memory: out of memory (CUDA error 2); the device has 4.0 GB free of 4.0 GB, this program uses 0 bytes")
	if !e.Full() {
		t.Error("not full")
	}
	h, err := d.Host(10)
	check(t, err)
	h.Release()
}

func TestLaunchFails(t *testing.T) {
	d, s, gpu0 := openFaulty(t, "launch:2")
	const length = 100
	words := random(length)
	in, out := upload(t, d, s, words), alloc(t, d, length)
	launch := func() error {
		return s.Launch("probe", blocks(1, length), out, in, length, 1, uint64(0))
	}
	check(t, launch())
	e := wantError(t, launch(), gpu0+"launch probe (1×1×1 blocks of 256×1×1 threads, 400 bytes shared): too many resources requested for launch (CUDA error 701)")
	if e.Full() || e.Lost() {
		t.Errorf("%+v", e)
	}
	check(t, launch())
	wantWords(t, s, out, reversed(words, length, 1, 0))
}

// A kernel that goes wrong is seen by what comes later, on every stream.
func TestKernelFaults(t *testing.T) {
	d, s, gpu0 := openFaulty(t, "fault:2")
	const length = 100
	in, out := upload(t, d, s, random(length)), alloc(t, d, length)
	other, err := d.NewStream()
	check(t, err)
	launch := func() error {
		return s.Launch("probe", blocks(1, length), out, in, length, 1, uint64(0))
	}
	check(t, launch())
	check(t, s.Synchronize())
	check(t, launch())
	const broken = "an illegal memory access was encountered (CUDA error 700); queued since the last wait: probe"
	e := wantError(t, s.Synchronize(), gpu0+"synchronize: "+broken)
	if !e.Lost() || e.Full() || e.Code != 700 {
		t.Errorf("%+v", e)
	}
	_, err = d.Alloc(10)
	wantError(t, err, gpu0+"allocate 40 bytes: "+broken)
	wantError(t, other.Zero(out), gpu0+"clear 100 words: "+broken)
	wantError(t, launch(), gpu0+"launch probe (1×1×1 blocks of 256×1×1 threads, 400 bytes shared): "+broken)
	wantError(t, s.Read(make([]uint32, length), out), gpu0+"download 100 words: "+broken)
	wantError(t, d.Close(), gpu0+"close: "+broken)
	check(t, d.Close())

	// A new context has nothing of it.
	t.Setenv("GENOVEIL_TESTDRIVER_FAIL", "")
	d, s = open(t)
	words := random(length)
	wantWords(t, s, upload(t, d, s, words), words)
}

func TestLost(t *testing.T) {
	d, s, gpu0 := openFaulty(t, "lost:2")
	const length = 100
	in, out := upload(t, d, s, random(length)), alloc(t, d, length)
	launch := func() error {
		return s.Launch("probe", blocks(1, length), out, in, length, 1, uint64(0))
	}
	check(t, launch())
	mark, err := s.Record()
	check(t, err)
	check(t, launch())
	e := wantError(t, launch(), gpu0+"launch probe (1×1×1 blocks of 256×1×1 threads, 400 bytes shared): "+unavailable+"; queued since the last wait: probe")
	if !e.Lost() || e.Full() {
		t.Errorf("%+v", e)
	}
	wantError(t, mark.Synchronize(), gpu0+"synchronize: "+unavailable+"; queued since the last wait: probe")
	if free := d.Info().Free; free != 0 {
		t.Errorf("%d bytes free on a lost device", free)
	}
	wantError(t, d.Close(), gpu0+"close: "+unavailable+"; queued since the last wait: probe")
}

// A device that takes no more programs is listed.
func TestOpenFails(t *testing.T) {
	needTestDriver(t)
	t.Setenv("GENOVEIL_TESTDRIVER_FAIL", "lost:0")
	all, err := gpu.Devices()
	check(t, err)
	if all[0].Free != 0 {
		t.Errorf("%d bytes free", all[0].Free)
	}
	_, err = gpu.Open(0, cuda.Modules())
	e := wantError(t, err, fmt.Sprintf("gpu 0 (%s): open: %s", all[0].Name, unavailable))
	if !e.Lost() {
		t.Errorf("%+v", e)
	}
}

// One device of two is lost; the other works on.
func TestOneOfTwoLost(t *testing.T) {
	needTestDriver(t)
	all, err := gpu.Devices()
	check(t, err)
	if len(all) < 2 {
		again(t, "GENOVEIL_TESTDRIVER_DEVICES=2")
		return
	}
	t.Setenv("GENOVEIL_TESTDRIVER_FAIL", "lost:1:device=1")
	const length = 100
	words := random(length)
	run := func(d *gpu.Device, s *gpu.Stream) (gpu.Words, error) {
		in, out := upload(t, d, s, words), alloc(t, d, length)
		if err := s.Launch("probe", blocks(1, length), out, in, length, 1, uint64(0)); err != nil {
			return out, err
		}
		return out, s.Synchronize()
	}
	d0, s0 := openDevice(t, 0)
	d1, s1 := openDevice(t, 1)
	_, err = run(d1, s1)
	e := wantError(t, err, fmt.Sprintf("gpu 1 (%s): synchronize: %s; queued since the last wait: probe", all[1].Name, unavailable))
	if !e.Lost() || e.Device != 1 {
		t.Errorf("%+v", e)
	}
	out, err := run(d0, s0)
	check(t, err)
	wantWords(t, s0, out, reversed(words, length, 1, 0))
}
