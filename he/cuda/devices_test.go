//go:build cuda

package cuda_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"testing"

	"genoveil/gpu"
	"genoveil/he"
	"genoveil/he/cuda"
	"genoveil/he/hetest"
)

const testDriver = "GENOVEIL_TESTDRIVER"

// again runs the test in a process of its own, with a setting of the test driver.
func again(t *testing.T, setting string) {
	t.Helper()
	if os.Getenv("GENOVEIL_AGAIN") != "" {
		t.Fatalf("%s has no effect", setting)
	}
	command := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", fmt.Sprintf("-test.short=%v", testing.Short()))
	command.Env = append(os.Environ(), setting, "GENOVEIL_AGAIN=1")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("with %s: %v\n%s", setting, err, out)
	}
}

// A study is what an engine is given in several calls.
type study struct {
	chain   he.Chain
	keys    *he.EvaluationKeys
	columns []he.SeededCiphertext
	chunks  []he.Chunk
}

func newStudy(t *testing.T) study {
	chain := hetest.Chain(10, 2, 1)
	_, keys := hetest.Keys(t, chain)
	r := rand.New(rand.NewPCG(9, 1))
	s := study{chain: chain, keys: keys}
	for range 3 {
		s.columns = append(s.columns, hetest.Column(r, chain, false))
	}
	for range 5 {
		s.chunks = append(s.chunks, hetest.Chunk(r, chain, 3, false))
	}
	return s
}

// sums multiplies the chunks by samples of five chunks of the tree, three each, and
// returns what Save does and then the sums.
func (s study) sums(devices []*gpu.Device) ([][]uint32, error) {
	e, err := cuda.New(s.keys, devices)
	if err != nil {
		return nil, err
	}
	x, a := e.NewExpansion(s.columns), e.NewAccumulator([]int{2, 0})
	for i, chunk := range s.chunks {
		constants, err := x.Expand(i*he.ChunkSamples+i, i*he.ChunkSamples+i+3)
		if err != nil {
			return nil, err
		}
		if err := e.Add(constants, []he.Product{{Chunk: chunk, Accumulator: a}}); err != nil {
			return nil, err
		}
		constants.Release()
	}
	var all [][]uint32
	for k := range 2 {
		saved := make([]uint32, s.chain.SumLen(3))
		if err := a.Save(k, saved); err != nil {
			return nil, err
		}
		all = append(all, saved)
	}
	sums, err := a.Sums()
	for _, sum := range sums {
		all = append(all, sum.Residues)
	}
	return all, err
}

// Devices share the samples; the bytes are those of one.
func TestDevicesShareSamples(t *testing.T) {
	all, err := devices()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 1 && os.Getenv(testDriver) != "" {
		again(t, "GENOVEIL_TESTDRIVER_DEVICES=2")
		return
	}
	if len(all) == 1 {
		all = append(all, all[0]) // two engines on one device
	}
	s := newStudy(t)
	want, err := s.sums(all[:1])
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.sums(all)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("%d devices differ from one", len(all))
	}
}
