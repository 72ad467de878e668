package hugepage

import "testing"

func TestWordsAreZeroAndWritable(t *testing.T) {
	for _, n := range []int{0, 1, 1 << 19, 1<<20 + 5, 3 << 20} {
		a := Words(n)
		if len(a) != n {
			t.Fatalf("%d words, want %d", len(a), n)
		}
		for i := range a {
			if a[i] != 0 {
				t.Fatalf("word %d of %d is %d", i, n, a[i])
			}
			a[i] = uint32(i)
		}
	}
}
