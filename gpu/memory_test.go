//go:build cuda

package gpu_test

import (
	"fmt"
	"testing"

	"genoveil/gpu"
)

func TestClasses(t *testing.T) {
	for _, c := range [][2]int64{
		{1, 512}, {512, 512}, {513, 1024}, {4096, 4096}, {4097, 4608}, {8192, 8192}, {8193, 9216},
		{1 << 20, 1 << 20}, {1<<20 + 1, 1<<20 + 1<<17}, {1<<24 + 1, 1<<24 + 2<<20}, {100<<30 + 1, 100<<30 + 2<<20},
	} {
		if got := gpu.Class(c[0]); got != c[1] {
			t.Errorf("%d bytes take %d, want %d", c[0], got, c[1])
		}
	}
	for bytes := int64(1); bytes < 1<<40; bytes += bytes/7 + 1 {
		got := gpu.Class(bytes)
		if got < bytes || got >= bytes+max(512, bytes/8+1) || gpu.Class(got) != got {
			t.Fatalf("%d bytes take %d", bytes, got)
		}
	}
}

// Freed memory is handed out again, last freed first.
func TestReuse(t *testing.T) {
	d, s := open(t)
	a, b := alloc(t, d, 1000), alloc(t, d, 1000)
	if a.Address() == b.Address() {
		t.Fatal("memory given out twice")
	}
	d.Free(a)
	d.Free(b)
	if c := alloc(t, d, 1000); c.Address() != b.Address() {
		t.Error("memory is not used again")
	}
	if c := alloc(t, d, 5000); c.Address() == a.Address() {
		t.Error("memory is used for more than it holds")
	}
	check(t, s.Synchronize())
}

// Memory that was freed goes back to the driver when the device is full.
func TestPressure(t *testing.T) {
	needTestDriver(t)
	d, s := open(t)
	free := d.Info().Free
	words := int(free / 4)
	var parts []gpu.Words
	for range 4 {
		parts = append(parts, alloc(t, d, words/5))
	}
	for _, w := range parts {
		d.Free(w)
	}
	if after := d.Info().Free; after != free {
		t.Errorf("%d bytes free, %d before", after, free)
	}
	w := alloc(t, d, words-1000)
	check(t, s.Zero(w.Slice(0, 10)))
	_, err := d.Alloc(words)
	e := wantError(t, err, fmt.Sprintf("gpu 0 (%s): allocate %s: out of memory (CUDA error 2); the device has %s free of %s, this program uses %s",
		d.Info().Name, gpu.Size(int64(4*words)), gpu.Size(d.Info().Free), gpu.Size(d.Info().Memory), gpu.Size(int64(4*(words-1000)))))
	if !e.Full() || e.Lost() {
		t.Errorf("%v: not full or lost", e)
	}
	d.Free(w)
	d.Free(alloc(t, d, words-10))
}

func TestForeignMemory(t *testing.T) {
	d, s := open(t)
	i := d.Info()
	w := alloc(t, d, 100)
	h, err := d.Host(100)
	check(t, err)
	h2, err := d.Host(100)
	check(t, err)
	defer h2.Release()
	wantForeign := func(words []uint32) {
		t.Helper()
		for _, c := range []struct {
			op  string
			err error
		}{{"upload", s.Upload(w, words)}, {"download", s.Download(words, w)}} {
			wantError(t, c.err, fmt.Sprintf("gpu 0 (%s): %s 100 words: the memory is not a part of one Host", i.Name, c.op))
		}
	}
	wantForeign(make([]uint32, 100))
	wantForeign(append(h.Words[:99:99], 1))
	words := h.Words
	h.Release()
	wantForeign(words)

	wantError(t, s.Upload(w, h2.Words[:99]), fmt.Sprintf("gpu 0 (%s): upload 99 words: from 99 words to 100", i.Name))
	wantError(t, s.Copy(w, w.Slice(0, 5)), fmt.Sprintf("gpu 0 (%s): copy 100 words: from 5 words to 100", i.Name))
	wantError(t, s.Write(w, nil), fmt.Sprintf("gpu 0 (%s): write: from 0 words to 100", i.Name))
	wantError(t, s.Read(nil, w), fmt.Sprintf("gpu 0 (%s): read: from 100 words to 0", i.Name))
}

func TestPanics(t *testing.T) {
	d, _ := open(t)
	w := alloc(t, d, 100)
	h, err := d.Host(10)
	check(t, err)
	freed := alloc(t, d, 100)
	d.Free(freed)
	h.Release()
	for _, c := range []struct {
		want string
		call func()
	}{
		{"gpu: words outside an array", func() { w.Slice(50, 101) }},
		{"gpu: words outside an array", func() { w.Slice(-1, 1) }},
		{"gpu: a negative number of words", func() { d.Alloc(-1) }},
		{"gpu: a negative number of words", func() { d.Host(-1) }},
		{"gpu: Free of memory that is not Alloc's", func() { d.Free(w.Slice(1, 100)) }},
		{"gpu: Free of memory that is not Alloc's", func() { d.Free(freed) }},
		{"gpu: Release of memory that is not Host's", h.Release},
	} {
		func() {
			defer func() {
				if got := recover(); got != c.want {
					t.Errorf("panic %v, want %q", got, c.want)
				}
			}()
			c.call()
		}()
	}
}
