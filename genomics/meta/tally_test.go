package meta

import (
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTally(t *testing.T) {
	nan := math.NaN()
	h := &Harmonised{Source: Source{Found: 8, Skipped: map[string]int{}}, Estimates: []Estimate{
		{AF: 0.25, N: 10, Present: true},
		{},
		{AF: 0.03, N: 50, Present: true},   // 3 copies
		{AF: 0.0249, N: 50, Present: true}, // 2.49
		{AF: 0.971, N: 50, Present: true},  // 2.9 of REF
		{AF: 0.98, N: 50, Present: true},   // 2 of REF
		{AF: nan, N: 50, Present: true},
		{AF: 0.5, Present: true},
		{AF: 0.5, N: 1<<27 - 1, Present: true},
	}}
	want := []Tally{{1, 10, 5}, {}, {1, 50, 3}, {}, {1, 50, 97}, {}, {}, {}, {1, 1<<27 - 1, 1<<27 - 1}}
	words := make([]uint64, len(want))
	for range 2 { // DropRare changes nothing of it
		for i := range words {
			words[i] = 99
		}
		if err := h.Tally(words, upTo(len(want))); err != nil {
			t.Fatal(err)
		}
		var got []Tally
		for _, w := range words {
			tally, err := UnpackTally(w)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, tally)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
		h.DropRare()
	}
	if want := map[string]int{fewAlleles: 2, unknownCounts: 2}; !maps.Equal(h.Skipped, want) || h.Found != 4 {
		t.Errorf("%v, %d found", h.Skipped, h.Found)
	}
	for i, e := range h.Estimates {
		if e.Present != (want[i].Sites == 1) {
			t.Errorf("estimate %d: %+v", i, e)
		}
	}
	part := []uint64{7}
	if err := h.Tally(part, []int32{2}); err != nil || part[0] != words[2] {
		t.Errorf("%x, %v", part, err)
	}
	h.Estimates[2].N = 1 << 27
	if err := h.Tally(part, []int32{2}); err == nil || err.Error() != "variant number 2 of the list has 134217728 samples; counts have room for 134217727" {
		t.Error(err)
	}
	if got := (Tally{2, 10, 15}).MinorAlleles(); got != 5 {
		t.Errorf("%d minor alleles", got)
	}
}

func TestUnpackTallyRefuses(t *testing.T) {
	for _, tally := range []Tally{
		{0, 1, 0}, {0, 0, 1}, {1, 0, 0}, {1, 10, 2}, {1, 10, 18}, {1, 10, 21}, {2, 10, 5}, {256, 1 << 20, 1 << 20}, {511, 1<<27 - 1, 1 << 20}, {1, 0, 5},
	} {
		if got, err := UnpackTally(tally.pack()); !errors.Is(err, ErrImpossible) {
			t.Errorf("%v: %v, %v", tally, got, err)
		}
	}
}

// FuzzUnpackTally: what is accepted can be, and packs into the same word.
func FuzzUnpackTally(f *testing.F) {
	f.Add(Tally{1, 10, 5}.pack())
	f.Add(Tally{255, 1<<27 - 1, 1<<27 - 1}.pack())
	f.Add(uint64(0))
	f.Add(uint64(math.MaxUint64))
	f.Fuzz(func(t *testing.T, word uint64) {
		tally, err := UnpackTally(word)
		if err != nil {
			return
		}
		if tally.pack() != word || tally.Sites > 255 || tally.MinorAlleles() < 3*tally.Sites || tally.Alleles > 2*tally.Samples || tally.Sites > tally.Samples {
			t.Fatalf("%x: %+v", word, tally)
		}
	})
}

func TestCheckTally(t *testing.T) {
	for _, test := range []struct {
		study Study
		want  string
	}{
		{Study{Contributors: 255, N: 1<<27 - 1}, ""},
		{Study{Contributors: 256, N: 1000}, "256 contributors; counts have room for 255"},
		{Study{Contributors: 3, N: 1 << 27}, "134217728 samples; counts have room for 134217727"},
	} {
		err := test.study.CheckTally()
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)) {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
}

// TestTallyTwin: the sum of sites' tallies is what their words say of the same, also less
// those of one site.
func TestTallyTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawStudy(t)
		const af = 0.2
		l := &List{af: []float64{af}}
		width := len(s.Words())
		sum, packed := make([]uint64, width), uint64(0)
		for site := range rapid.IntRange(1, min(s.Contributors, 6)).Draw(t, "sites") {
			h := &Harmonised{Source: Source{Skipped: map[string]int{}}, Estimates: []Estimate{drawEstimate(t, s, af)}}
			h.DropRare()
			words, own := make([]uint64, width), make([]uint64, 1)
			if err := h.EncodeAt(words, s, l, []int32{0}, nil, 1); err != nil {
				t.Fatal(err)
			}
			if err := h.Tally(own, []int32{0}); err != nil {
				t.Fatal(err)
			}
			if packed += own[0]; site > 0 {
				if _, err := UnpackTally(packed - own[0]); err != nil {
					t.Fatal(err)
				}
			}
			for i := range sum {
				sum[i] += words[i]
			}
		}
		tally, err := UnpackTally(packed)
		if err != nil {
			t.Fatal(err)
		}
		total, err := s.Decode(sum, af)
		if err != nil {
			t.Fatal(err)
		}
		if want := (Tally{total.Sites, total.Samples, total.Alleles}); tally != want {
			t.Fatalf("%+v, want %+v", tally, want)
		}
	})
}

// upTo is the numbers from 0 to n, without it.
func upTo(n int) (all []int32) {
	for i := range int32(n) {
		all = append(all, i)
	}
	return all
}
