//go:build cuda

package gpu_test

import (
	"slices"
	"testing"
)

func TestWriteRead(t *testing.T) {
	d, s := open(t)
	const stage = 1 << 18 // of gpu/transfer.go
	for _, n := range []int{0, 1, 63, stage - 1, stage, stage + 1, 2*stage + 5} {
		words := random(n)
		w := upload(t, d, s, words)
		wantWords(t, s, w, words)
		d.Free(w)
	}
}

func TestCopies(t *testing.T) {
	d, s := open(t)
	const n = 10000
	words := random(n)
	up, err := d.Host(n)
	check(t, err)
	defer up.Release()
	down, err := d.Host(n)
	check(t, err)
	defer down.Release()
	copy(up.Words, words)
	a, b := alloc(t, d, n), alloc(t, d, n)

	check(t, s.Upload(a.Slice(0, 100), up.Words[:100]))
	check(t, s.Upload(a.Slice(100, n), up.Words[100:]))
	check(t, s.Copy(b.Slice(0, n-7), a.Slice(7, n)))
	check(t, s.Copy(b.Slice(n-7, n), a.Slice(0, 7)))
	check(t, s.Zero(b.Slice(10, 21)))
	check(t, s.Download(down.Words[:5], b.Slice(0, 5)))
	check(t, s.Download(down.Words[5:], b.Slice(5, n)))
	check(t, s.Synchronize())

	want := slices.Concat(words[7:], words[:7])
	clear(want[10:21])
	if !slices.Equal(down.Words, want) {
		t.Error("other words")
	}
	wantWords(t, s, a, words)
}

func TestNothingToCopy(t *testing.T) {
	d, s := open(t)
	none := alloc(t, d, 0)
	h, err := d.Host(0)
	check(t, err)
	check(t, s.Upload(none, h.Words))
	check(t, s.Download(h.Words, none))
	check(t, s.Copy(none, none))
	check(t, s.Zero(none))
	check(t, s.Write(none, nil))
	check(t, s.Read(nil, none))
	h.Release()
	d.Free(none)
}

// Work of one stream waits for that of another, which goes on after the mark.
func TestEvents(t *testing.T) {
	d, first := open(t)
	second, err := d.NewStream()
	check(t, err)
	const length, count = 1000, 40
	words := random(length)
	a, b, c := upload(t, d, first, words), alloc(t, d, length), alloc(t, d, length)
	for range count {
		check(t, first.Launch("probe", blocks(1, length), b, a, length, uint32(1), uint64(1)))
		check(t, first.Launch("probe", blocks(1, length), a, b, length, uint32(1), uint64(1)))
	}
	e, err := first.Record()
	check(t, err)
	check(t, second.Wait(e))
	check(t, second.Copy(c, a))
	copied, err := second.Record()
	check(t, err)
	check(t, first.Wait(copied))
	check(t, first.Zero(a))
	check(t, copied.Synchronize())
	check(t, e.Synchronize())
	want := slices.Clone(words)
	for i := range want {
		want[i] += 2 * count
	}
	wantWords(t, second, c, want)
	wantWords(t, first, a, make([]uint32, length))
}

// What Write and Read carried may be a secret, and page-locked memory outlives it.
func TestStagingIsWiped(t *testing.T) {
	d, s := open(t)
	words := slices.Repeat([]uint32{1}, 1<<18+5)
	w := alloc(t, d, len(words))
	for _, copied := range []func() error{
		func() error { return s.Write(w, words) },
		func() error { return s.Read(words, w) },
		func() error { return s.Write(w.Slice(0, 3), words[:3]) },
		func() error { return s.Read(words[:3], w.Slice(0, 3)) },
	} {
		check(t, copied())
		if len(s.Stage()) == 0 || slices.Contains(s.Stage(), 1) {
			t.Error("words are left in the buffer, or there is none")
		}
	}
}
