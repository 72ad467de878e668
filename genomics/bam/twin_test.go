package bam

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	hts "github.com/biogo/hts/bam"
	"github.com/biogo/hts/bgzf"
	"github.com/biogo/hts/sam"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"genoveil/genomics"
	"genoveil/genomics/bam/readsim"
	"genoveil/genomics/sites"
)

// A seenBase is a base over a position, as the twin sees it.
type seenBase struct {
	base    byte // a letter, or '=' for that of the reference
	quality int
}

// A pileup is the twin of scanner and pile: all reads of a file, read by biogo and
// taken apart base by base, by contig, position and name of the read.
type pileup map[string]map[int]map[string][]seenBase

func newPileup(t testing.TB, path string, o Options) pileup {
	file, err := os.Open(path)
	check(t, err)
	defer file.Close()
	r, err := hts.NewReader(file, 1)
	check(t, err)
	out := pileup{}
	for n := 0; ; n++ {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out
		}
		check(t, err)
		if rec.Flags&(sam.Unmapped|sam.Secondary|sam.Supplementary|sam.Duplicate|sam.QCFail) != 0 ||
			int(rec.MapQ) < o.MinMapQ || rec.Seq.Length == 0 || rec.Qual[0] == 0xff {
			continue
		}
		name := rec.Name
		if rec.Flags&sam.Paired == 0 || rec.Flags&sam.MateUnmapped != 0 {
			name += fmt.Sprint(" ", n) // cannot be one of two mates
		}
		contig := rec.Ref.Name()
		if out[contig] == nil {
			out[contig] = map[int]map[string][]seenBase{}
		}
		aligned, _, _ := expand(rec.Cigar, rec.Pos)
		letters := rec.Seq.Expand()
		for pos, at := range aligned {
			if int(rec.Qual[at]) < o.MinBaseQ || !strings.ContainsRune("ACGT=", rune(letters[at])) {
				continue
			}
			if out[contig][pos] == nil {
				out[contig][pos] = map[string][]seenBase{}
			}
			quality := max(2, min(60, int(rec.Qual[at]), int(rec.MapQ)))
			out[contig][pos][name] = append(out[contig][pos][name], seenBase{letters[at], quality})
		}
	}
}

// call is the twin of Options.call. Its likelihoods are those of the model, summed
// in the same thousandths.
func (p pileup) call(contig string, s sites.Site, o Options) Call {
	fragments := p[contig][s.Pos-1]
	ref, alt := strings.ToUpper(s.Ref)[0], strings.ToUpper(s.Alt)[0]
	milli := func(x float64) int64 { return int64(math.Round(-10000 * math.Log10(x))) }
	var costs [3]int64
	depth, other := 0, 0
	var shows [2]int // REF, and ALT
	for _, seen := range fragments {
		best := map[byte]int{} // of the mates, by base
		for _, b := range seen {
			if b.base == '=' {
				b.base = ref
			}
			best[b.base] = max(best[b.base], b.quality)
		}
		var base byte
		first, second := 0, 0
		for b, q := range best {
			if q > first {
				base, first, second = b, q, first
			} else {
				second = max(second, q)
			}
		}
		if first == second {
			continue
		}
		if base != ref && base != alt {
			other++
			continue
		}
		depth++
		if base == alt {
			shows[1]++
		} else {
			shows[0]++
		}
		e := math.Pow(10, -float64(max(2, first-second))/10)
		matches := 0 // of two alleles
		for g := range costs {
			if base == alt {
				matches = g
			} else {
				matches = 2 - g
			}
			switch matches {
			case 0:
				costs[g] += milli(e / 3)
			case 1:
				costs[g] += milli((1-e)/2 + e/6)
			case 2:
				costs[g] += milli(1 - e)
			}
		}
	}
	weights := [3]float64{1, 1, 1}
	if f := s.Frequency; !math.IsNaN(f) {
		f = min(max(f, 0.001), 0.999)
		weights = [3]float64{(1 - f) * (1 - f), 2 * f * (1 - f), f * f}
	}
	call := Call{Depth: uint16(depth), other: uint16(other)}
	least := slices.Min(costs[:])
	best := int64(math.MaxInt64)
	for g := range costs {
		call.PL[g] = uint16((costs[g] - least + 500) / 1000)
		costs[g] += milli(weights[g])
		if costs[g] < best {
			best, call.Genotype = costs[g], byte(g)
		}
	}
	wrong := 0.0
	for g := range costs {
		if byte(g) != call.Genotype {
			wrong += math.Pow(10, -float64(costs[g]-best)/10000)
		}
	}
	if call.Genotype == 1 {
		// Where a share of a homozygote's fragments err together, once in 100,000.
		minor := slices.Min(shows[:])
		share := 0.2
		if 5*minor < depth {
			share = float64(minor) / float64(depth)
		}
		chance := 1e-5 * math.Pow(share, float64(minor)) * math.Pow(1-share, float64(depth-minor))
		wrong += chance * math.Pow(10, float64(best-milli(weights[1]))/10000)
	}
	call.GQ = uint8(min(99, -10*math.Log10(wrong/(1+wrong))))
	if depth < max(1, o.MinDepth) || int(call.GQ) < o.MinGQ {
		call.Genotype = genomics.Missing
	}
	return call
}

// A calledSite is what NextCalls returns.
type calledSite struct {
	Variant genomics.Variant
	Calls   []Call
}

// callAll calls all sites.
func callAll(t testing.TB, text string, paths []string, o Options) ([]calledSite, *Caller) {
	t.Helper()
	out, c, err := tryCallAll(t, text, paths, o)
	check(t, err)
	return out, c
}

func tryCallAll(t testing.TB, text string, paths []string, o Options) ([]calledSite, *Caller, error) {
	sites, err := sites.NewReader(strings.NewReader(text), "panel.vcf")
	if err != nil {
		return nil, nil, err
	}
	c, err := Open(t.Context(), sites, paths, o)
	if err != nil {
		return nil, nil, err
	}
	defer c.Close()
	var out []calledSite
	for {
		s := calledSite{Calls: make([]Call, len(paths))}
		if err := c.NextCalls(&s.Variant, s.Calls); err == io.EOF {
			return out, c, nil
		} else if err != nil {
			return nil, nil, err
		}
		out = append(out, s)
	}
}

// twinCalls is the twin of callAll, for sites whose contigs have the files' names.
func twinCalls(t testing.TB, text string, paths []string, o Options) (out []calledSite) {
	t.Helper()
	list, err := sites.NewReader(strings.NewReader(text), "panel.vcf")
	check(t, err)
	var pileups []pileup
	for _, path := range paths {
		pileups = append(pileups, newPileup(t, path, o))
	}
	for {
		var s sites.Site
		if err := list.Next(&s); err == io.EOF {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		one := calledSite{Variant: s.Variant}
		depth, other := 0, 0
		for _, p := range pileups {
			call := p.call(s.Chrom, s, o)
			depth += int(call.Depth)
			other += int(call.other)
			one.Calls = append(one.Calls, call)
		}
		if other < 5 || other <= depth {
			out = append(out, one)
		}
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// nasty draws a sorted BAM file of reads that have every shape: all operations of a
// CIGAR, all flags, equal names, pairs that overlap, gaps of several tiles.
func nasty(t *rapid.T, tb testing.TB, path, sample string) {
	header, err := sam.NewHeader([]byte("@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:1\tLN:200000\n@SQ\tSN:2\tLN:400\n@SQ\tSN:3\tLN:70000\n@RG\tID:a\tSM:"+sample+"\n"), nil)
	check(tb, err)
	var records []*sam.Record
	for range rapid.SampledFrom([]int{0, 1, 5, 30, 60}).Draw(t, "reads") {
		ref := header.Refs()[rapid.IntRange(0, 2).Draw(t, "contig")]
		near := rapid.SampledFrom([]int{0, 0, 0, 16300, 120_000}).Draw(t, "near")
		r := &sam.Record{
			Name: rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "name"), Ref: ref, MateRef: ref,
			Pos: min(near+rapid.IntRange(0, 80).Draw(t, "pos"), ref.Len()-50), MapQ: rapid.SampledFrom([]byte{60, 60, 40, 20, 19, 0, 255}).Draw(t, "mapping"),
			Flags: rapid.SampledFrom([]sam.Flags{0, sam.Paired, sam.Paired, sam.Paired, sam.Paired, sam.Paired | sam.MateUnmapped, sam.Duplicate, sam.Secondary, sam.Supplementary | sam.Paired, sam.QCFail, sam.Unmapped}).Draw(t, "flags"),
		}
		bases := 0
		for range rapid.IntRange(0, 6).Draw(t, "operations") {
			kind := rapid.SampledFrom([]sam.CigarOpType{0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}).Draw(t, "kind")
			o := sam.NewCigarOp(kind, rapid.IntRange(1, 30).Draw(t, "length"))
			if o.Type() == sam.CigarSkipped && rapid.IntRange(0, 3).Draw(t, "long") == 0 && ref.Len() > 60_000 && r.Pos < 30_000 {
				o = sam.NewCigarOp(sam.CigarSkipped, 17_000)
			}
			r.Cigar = append(r.Cigar, o)
			bases += o.Len() * o.Type().Consumes().Query
		}
		if rapid.IntRange(0, 9).Draw(t, "empty") == 0 {
			bases = 0 // SEQ is *
			if len(r.Cigar) == 0 {
				bases = 10 // CIGAR is *
			}
		}
		letters := make([]byte, bases)
		r.Qual = make([]byte, bases)
		random := rapid.Uint64().Draw(t, "bases")
		for i := range letters {
			letters[i] = "ACGTACGTACGTAC=NM"[random>>20%17]
			r.Qual[i] = []byte{0, 1, 5, 12, 13, 14, 20, 30, 30, 37, 93}[random>>30%11]
			random = random*6364136223846793005 + 1442695040888963407
			random ^= random >> 29 // so that the bits used are all mixed
		}
		if bases > 0 && rapid.IntRange(0, 19).Draw(t, "no qualities") == 0 {
			r.Qual = slices.Repeat([]byte{0xff}, bases)
		}
		r.Seq = sam.NewSeq(letters)
		records = append(records, r)
	}
	slices.SortStableFunc(records, func(a, b *sam.Record) int {
		if a.Ref != b.Ref {
			return a.Ref.ID() - b.Ref.ID()
		}
		return a.Pos - b.Pos
	})
	// Where mates say that the other begins may be stale.
	for _, r := range records {
		r.MateRef = rapid.SampledFrom(header.Refs()).Draw(t, "mate's contig")
		r.MatePos = rapid.SampledFrom([]int{0, r.Pos, 150_000}).Draw(t, "mate")
	}
	if rapid.Bool().Draw(t, "unplaced") {
		records = append(records, &sam.Record{Name: "u", Pos: -1, MatePos: -1, Flags: sam.Unmapped, Seq: sam.NewSeq([]byte("ACGT")), Qual: []byte{30, 30, 30, 30}})
	}
	writeBlocks(tb, path, header, records, rapid.IntRange(1, 9).Draw(t, "records in a block"))
}

// writeBlocks writes a BAM file with few records in a block, and its index, so that
// there is something to jump over.
func writeBlocks(t testing.TB, path string, header *sam.Header, records []*sam.Record, each int) {
	file, err := os.Create(path)
	check(t, err)
	z := bgzf.NewWriter(file, 1)
	w, err := hts.NewWriter(z, header, 1)
	check(t, err)
	for i, r := range records {
		check(t, w.Write(r))
		if i%each == 0 {
			check(t, z.Flush())
			check(t, z.Wait())
		}
	}
	check(t, w.Close())
	check(t, file.Close())
	check(t, readsim.WriteBAI(path))
}

// nastySites draws sites near those reads, one at least: without any there is an error.
// The contigs are in the order 1, 3, 2 if swapped.
func nastySites(t *rapid.T, swapped bool) string {
	var text strings.Builder
	text.WriteString("##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
	order := []string{"1", "2", "3"}
	if swapped {
		order = []string{"1", "3", "2"}
	}
	for _, chrom := range order {
		near, least := []int{0, 0, 16300, 17_000, 33_500, 120_000, 199_000}, 0
		if chrom == "1" {
			least = 1
		} else if chrom == "2" {
			near = near[:1]
		} else if chrom == "3" {
			near = near[:5]
		}
		positions := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) int {
			return rapid.SampledFrom(near).Draw(t, "near") + rapid.IntRange(1, 100).Draw(t, "pos")
		}), least, 40).Draw(t, "positions")
		slices.Sort(positions)
		for _, pos := range positions {
			alleles := rapid.SampledFrom([]string{"A\tC", "a\tg", "T\tG", "G\tA", "C\tt"}).Draw(t, "alleles")
			info := rapid.SampledFrom([]string{".", "AF=0", "AF=0.3;AN=10", "NS=2;AF=1", "AF=.", "XAF=0.1"}).Draw(t, "info")
			fmt.Fprintf(&text, "%s\t%d\t.\t%s\t.\t.\t%s\n", chrom, pos, alleles, info)
		}
	}
	return text.String()
}

// TestTwin compares calling with its twin, through both kinds of index and without
// one, with windows and jumps of any size.
func TestTwin(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(r *rapid.T) {
		paths := make([]string, rapid.IntRange(1, 3).Draw(r, "files"))
		indexed := true
		for i := range paths {
			paths[i] = filepath.Join(dir, fmt.Sprintf("%d.bam", i))
			os.Remove(paths[i] + ".csi")
			nasty(r, t, paths[i], fmt.Sprint("S", i))
			switch rapid.IntRange(0, 2).Draw(r, "index") {
			case 0:
				check(t, os.Remove(paths[i]+".bai"))
				check(t, readsim.Index{Shift: rapid.IntRange(9, 16).Draw(r, "shift"), Levels: rapid.IntRange(3, 5).Draw(r, "levels")}.WriteCSI(paths[i]))
			case 1:
				check(t, os.Remove(paths[i]+".bai"))
				indexed = false
			}
		}
		text := nastySites(r, indexed && rapid.Bool().Draw(r, "swapped"))
		o := Options{
			MinMapQ: rapid.SampledFrom([]int{0, 20}).Draw(r, "min mq"), MinBaseQ: rapid.SampledFrom([]int{0, 13}).Draw(r, "min bq"),
			MinGQ: rapid.SampledFrom([]int{0, 10, 20}).Draw(r, "min gq"), MinDepth: rapid.SampledFrom([]int{1, 2}).Draw(r, "min depth"),
			Threads: rapid.IntRange(1, 3).Draw(r, "threads"),
			window:  rapid.SampledFrom([]int{1, 2, 5, 0}).Draw(r, "window"), jump: rapid.SampledFrom([]int{1, 200, 0}).Draw(r, "jump"),
		}
		want := twinCalls(t, text, paths, o)
		got, _, err := tryCallAll(t, text, paths, o)
		for _, path := range paths {
			if hasNoPlace(t, path) {
				if err == nil || !strings.HasSuffix(err.Error(), ": no read has a place on the genome; leave the file out, or align its reads") {
					t.Fatal(err)
				}
				return
			}
		}
		if err != nil && strings.Contains(err.Error(), ": no read counts at any of ") {
			if !isUnused(want) || strings.Count(text, "\n")-2 < enoughSites {
				t.Fatal(err)
			}
			return
		}
		check(t, err)
		compare(r, want, got)
	})
}

// hasNoPlace is the twin of endsAt at the beginning of the reads.
func hasNoPlace(t testing.TB, path string) bool {
	file, err := os.Open(path)
	check(t, err)
	defer file.Close()
	r, err := hts.NewReader(file, 1)
	check(t, err)
	rec, err := r.Read()
	if errors.Is(err, io.EOF) {
		return true
	}
	check(t, err)
	return rec.Ref == nil || rec.Ref.ID() < 0
}

// isUnused reports whether no read of one of the samples counts at any site.
func isUnused(calls []calledSite) bool {
	for sample := range calls[0].Calls {
		if !slices.ContainsFunc(calls, func(s calledSite) bool { return s.Calls[sample].Depth+s.Calls[sample].other > 0 }) {
			return true
		}
	}
	return false
}

func compare(t interface{ Fatal(...any) }, want, got []calledSite) {
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Call{}), cmpopts.EquateEmpty()); diff != "" {
		t.Fatal(diff)
	}
}
