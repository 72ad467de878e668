package bam

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/biogo/hts/sam"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// packed is a CIGAR as it stands in a file.
func packed(ops ...sam.CigarOp) (out []byte) {
	for _, o := range ops {
		out = binary.LittleEndian.AppendUint32(out, uint32(o))
	}
	return out
}

// expand is the twin of walk: it follows an alignment base by base into a map from
// positions of the reference to places in the read.
func expand(cigar []sam.CigarOp, pos int) (aligned map[int]int, end, bases int) {
	aligned = map[int]int{}
	for _, o := range cigar {
		uses := o.Type().Consumes()
		if uses.Query+uses.Reference == 0 {
			continue // of any length
		}
		for range o.Len() {
			if uses.Query == 1 && uses.Reference == 1 {
				aligned[pos] = bases
			}
			pos += uses.Reference
			bases += uses.Query
		}
	}
	return aligned, pos, bases
}

func checkWalk(t interface{ Fatalf(string, ...any) }, cigar []sam.CigarOp, pos int, positions []int32) {
	aligned, end, bases := expand(cigar, pos)
	reference, read, ok := spans(packed(cigar...))
	if !ok || pos+reference != end || read != bases {
		t.Fatalf("%v covers %d, %d, %v; want %d, %d", cigar, reference, read, ok, end-pos, bases)
	}
	for first := range len(positions) + 1 {
		var want []hit
		for i := first; i < len(positions); i++ {
			if at, ok := aligned[int(positions[i])]; ok {
				want = append(want, hit{i, at})
			}
		}
		if got := walk(nil, packed(cigar...), pos, positions, first); !slices.Equal(got, want) {
			t.Fatalf("%v at %d, sites %v from %d:\n%v, want %v", cigar, pos, positions, first, got, want)
		}
	}
}

func TestWalk(t *testing.T) {
	for _, test := range []struct {
		cigar string
		want  []hit // at the sites 100, 103, 105, 105, 110
	}{
		{"*", nil},
		{"3M", []hit{{0, 0}}},
		{"4M", []hit{{0, 0}, {1, 3}}},
		{"4=1X20=", []hit{{0, 0}, {1, 3}, {2, 5}, {3, 5}, {4, 10}}},
		{"2S4M2I7M", []hit{{0, 2}, {1, 5}, {2, 9}, {3, 9}, {4, 14}}},
		{"2H1S4M2D5M3H", []hit{{0, 1}, {1, 4}, {4, 9}}},
		{"4M3N4M", []hit{{0, 0}, {1, 3}, {4, 7}}},
		{"1M2D1M1I2P6M", []hit{{0, 0}, {1, 1}, {2, 4}, {3, 4}}},
		{"5I", nil},
	} {
		cigar, err := sam.ParseCigar([]byte(test.cigar))
		if err != nil {
			t.Fatal(err)
		}
		got := walk(nil, packed(cigar...), 100, []int32{100, 103, 105, 105, 110}, 0)
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(hit{})); diff != "" {
			t.Errorf("%s: %s", test.cigar, diff)
		}
	}
}

// TestWalkTwin compares the walk with its twin on alignments of any shape.
func TestWalkTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var cigar []sam.CigarOp
		for range rapid.IntRange(0, 8).Draw(t, "operations") {
			kind := sam.CigarOpType(rapid.IntRange(0, 8).Draw(t, "kind"))
			cigar = append(cigar, sam.NewCigarOp(kind, rapid.IntRange(0, 12).Draw(t, "length")))
		}
		pos := rapid.IntRange(-1, 40).Draw(t, "pos")
		positions := rapid.SliceOfN(rapid.Int32Range(0, 100), 0, 30).Draw(t, "positions")
		slices.Sort(positions)
		checkWalk(t, cigar, pos, positions)
	})
}

// FuzzWalk does the same for any bytes: the sites' distances are in gaps.
func FuzzWalk(f *testing.F) {
	f.Add(packed(sam.NewCigarOp(sam.CigarSoftClipped, 2), sam.NewCigarOp(sam.CigarMatch, 20), sam.NewCigarOp(sam.CigarDeletion, 3), sam.NewCigarOp(sam.CigarEqual, 9)), 7, []byte{1, 0, 3, 10, 4, 1})
	f.Add(packed(sam.NewCigarOp(sam.CigarMatch, 1<<28-1)), 0, []byte{255, 255})
	f.Fuzz(func(t *testing.T, cigar []byte, pos int, gaps []byte) {
		reference, read, ok := spans(cigar)
		if !ok || pos < -1 || pos > 1<<31-1 {
			return
		}
		positions := make([]int32, len(gaps))
		at := int32(0)
		for i, gap := range gaps {
			at += int32(gap)
			positions[i] = at
		}
		for _, h := range walk(nil, cigar, pos, positions, 0) {
			if p := int(positions[h.site]); h.at < 0 || h.at >= read || p < pos || p >= pos+reference {
				t.Fatalf("site %d, base %d of %d, reference %d+%d", p, h.at, read, pos, reference)
			}
		}
		if reference+read > 1<<12 || len(gaps) > 100 || len(cigar) > 400 {
			return // too much for the twin
		}
		var ops []sam.CigarOp
		for ; len(cigar) >= 4; cigar = cigar[4:] {
			ops = append(ops, sam.CigarOp(binary.LittleEndian.Uint32(cigar)))
		}
		checkWalk(t, ops, pos, positions)
	})
}
