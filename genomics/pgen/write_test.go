package pgen

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/rowtest"
)

// A site is a variant that the tests write.
type site struct {
	alts       int
	categories []byte // of each sample
	kind       kind
	dosages    []int // of each sample, or -1
}

// bitWriter writes numbers of some bits.
type bitWriter struct {
	bytes.Buffer
	bits, used uint
}

func (w *bitWriter) put(value, width uint) {
	w.bits |= value << w.used
	for w.used += width; w.used >= 8; w.used -= 8 {
		w.WriteByte(byte(w.bits))
		w.bits >>= 8
	}
}

// align ends a byte.
func (w *bitWriter) align() {
	if w.used > 0 {
		w.put(0, 8-w.used)
	}
}

func (w *bitWriter) varint(n int) { w.Write(binary.AppendUvarint(nil, uint64(n))) }

func (w *bitWriter) number(n, size int) {
	for range size {
		w.WriteByte(byte(n))
		n >>= 8
	}
}

// list writes a difflist, with categories unless they are nil.
func (w *bitWriter) list(samples []int, categories []byte, n int) {
	w.varint(len(samples))
	if len(samples) == 0 {
		return
	}
	width := 4
	for w, most := range []int{1 << 8, 1 << 16, 1 << 24} {
		if n <= most {
			width = w + 1
			break
		}
	}
	var steps bitWriter
	var sizes []byte
	for from := 0; from < len(samples); from += 64 {
		w.number(samples[from], width)
		before := steps.Len()
		to := min(from+64, len(samples))
		for i := from + 1; i < to; i++ {
			steps.varint(samples[i] - samples[i-1])
		}
		if to < len(samples) {
			sizes = append(sizes, byte(steps.Len()-before-63))
		}
	}
	w.Write(sizes)
	if categories != nil {
		for _, c := range categories {
			w.put(uint(c), 2)
		}
		w.align()
	}
	w.Write(steps.Bytes())
}

// listBut writes those samples whose categories differ from others.
func (w *bitWriter) listBut(categories []byte, other func(i int) byte) {
	var samples []int
	var theirs []byte
	for i, c := range categories {
		if c != other(i) {
			samples, theirs = append(samples, i), append(theirs, c)
		}
	}
	w.list(samples, theirs, len(categories))
}

var exchanged = [4]byte{2, 1, 0, 3}

// write writes a site's record. Base are the categories of the last that is no difference.
func (s site) write(r *rand.Rand, base []byte) []byte {
	n := len(s.categories)
	var w bitWriter
	switch s.kind & mainTrack {
	case plain:
		for _, c := range s.categories {
			w.put(uint(c), 2)
		}
		w.align()
	case oneBit:
		pairs := [][2]byte{{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}}
		code := map[[2]byte]byte{pairs[0]: 1, pairs[1]: 2, pairs[2]: 3, pairs[3]: 5, pairs[4]: 6, pairs[5]: 9}
		pair := pairs[r.IntN(6)]
		w.WriteByte(code[pair])
		two := make([]byte, n)
		for i, c := range s.categories {
			two[i] = pair[0]
			if c == pair[1] {
				two[i] = pair[1]
				w.put(1, 1)
			} else {
				w.put(0, 1)
			}
		}
		w.align()
		w.listBut(s.categories, func(i int) byte { return two[i] })
	case difference:
		w.listBut(s.categories, func(i int) byte { return base[i] })
	case inverted:
		before := make([]byte, n)
		for i, c := range s.categories {
			before[i] = exchanged[c]
		}
		w.listBut(before, func(i int) byte { return base[i] })
	default:
		w.listBut(s.categories, func(int) byte { return byte(s.kind & 3) })
	}
	if s.kind&hasMoreAlleles != 0 {
		w.WriteByte(0xff) // there are none of further alleles
		return w.Bytes()
	}
	if s.kind&hasPhase != 0 {
		s.writePhase(r, &w)
	}
	s.writeDosages(r, &w)
	return w.Bytes()
}

func (s site) writePhase(r *rand.Rand, w *bitWriter) {
	hets := bytes.Count(s.categories, []byte{1})
	phased := hets
	if r.IntN(2) == 0 {
		phased = 0
		w.put(1, 1)
		for range hets {
			bit := r.IntN(2)
			w.put(uint(bit), 1)
			phased += bit
		}
		w.align()
	} else {
		w.put(0, 1)
	}
	for range phased {
		w.put(uint(r.IntN(2)), 1)
	}
	w.align()
}

func (s site) writeDosages(r *rand.Rand, w *bitWriter) {
	n := len(s.categories)
	var have []int
	for i, d := range s.dosages {
		if d >= 0 {
			have = append(have, i)
		}
	}
	switch s.kind & dosages {
	case 0:
		return
	case dosagesOfList:
		w.list(have, nil, n)
	case dosagesOfBits:
		for _, d := range s.dosages {
			w.put(map[bool]uint{true: 1}[d >= 0], 1)
		}
		w.align()
	}
	for _, d := range s.dosages {
		if d >= 0 || s.kind&dosages == dosagesOfAll {
			w.number(d, 2) // -1 is 0xffff
		}
	}
	if s.kind&hasDosagePhase == 0 {
		return
	}
	phased := n
	if s.kind&dosages != dosagesOfAll {
		phased = 0
		for range have {
			bit := r.IntN(2)
			w.put(uint(bit), 1)
			phased += bit
		}
		w.align()
	}
	w.Write(make([]byte, 2*phased))
}

// drawKind draws what a mode may have.
func drawKind(r *rand.Rand, mode byte, first bool) kind {
	switch mode {
	case modeBed:
		return kindBed
	case modeHard:
		return 0
	case modeDosage:
		return dosagesOfAll
	case modePhased:
		return dosagesOfAll | hasDosagePhase
	}
	k := []kind{plain, oneBit, mostHomRef, mostHomAlt, mostMissing, difference, inverted}[r.IntN(7)]
	if first {
		k = []kind{plain, oneBit, mostHomRef, mostHomAlt, mostMissing}[r.IntN(5)]
	}
	if r.IntN(2) == 0 {
		k |= hasPhase
	}
	if r.IntN(2) == 0 {
		k |= []kind{dosagesOfList, dosagesOfAll, dosagesOfBits}[r.IntN(3)]
		if r.IntN(2) == 0 {
			k |= hasDosagePhase
		}
	}
	return k
}

// drawSite draws a site of n samples. Of it and base some samples alone differ, mostly.
func drawSite(r *rand.Rand, n int, mode byte, first bool, base []byte) site {
	s := site{alts: 1, kind: drawKind(r, mode, first), categories: make([]byte, n), dosages: make([]int, n)}
	if mode >= modeVariable && r.IntN(8) == 0 {
		s.alts = 1 + r.IntN(4)
		if s.alts > 1 {
			s.kind = s.kind&mainTrack | hasMoreAlleles
		}
	}
	common := byte(r.IntN(4))
	rare := []int{1, 1, 20, 300}[r.IntN(4)]
	for i := range n {
		s.categories[i] = common
		if base != nil && s.kind&mainTrack == difference {
			s.categories[i] = base[i]
		}
		if base != nil && s.kind&mainTrack == inverted {
			s.categories[i] = exchanged[base[i]]
		}
		if r.IntN(rare) == 0 {
			s.categories[i] = byte(r.IntN(4))
		}
		s.dosages[i] = -1
		if s.kind&dosages != 0 && r.IntN(2) == 0 {
			s.dosages[i] = r.IntN(2*one + 1)
			if r.IntN(4) == 0 {
				s.dosages[i] = min(2*one, 1024*(r.IntN(33))) // halves of a thousandth among them
			}
		} else if s.kind&dosages == dosagesOfAll {
			s.categories[i] = 3
		}
	}
	return s
}

// A written fileset is what the tests write, as a file of each suffix.
type written struct {
	files     map[string][]byte
	calls     []rowtest.Row
	doses     []rowtest.Row
	multi     int
	variantAt []int // where the record of each is
}

// writeFileset writes sites of n samples.
func writeFileset(r *rand.Rand, mode byte, n int, sites []site) written {
	out := written{files: map[string][]byte{}}
	var pvar, psam strings.Builder
	pvar.WriteString("##meta=1\n#CHROM\tPOS\tID\tREF\tALT\tINFO\n")
	psam.WriteString("#FID\tIID\tSEX\n")
	for i := range n {
		fmt.Fprintf(&psam, "f\ts%d\tNA\n", i)
	}
	var records [][]byte
	var base []byte
	for i, s := range sites {
		alt := strings.Repeat("C,", s.alts)
		alt = alt[:len(alt)-1]
		fmt.Fprintf(&pvar, "1\t%d\tv%d\tA\t%s\tX=Y\n", i+1, i, alt)
		if mode == modeBed {
			var w bitWriter
			for _, c := range s.categories {
				w.put(uint([4]byte{3, 2, 0, 1}[c]), 2)
			}
			w.align()
			records = append(records, w.Bytes())
		} else {
			records = append(records, s.write(r, base))
		}
		if !s.kind.isDifference() {
			base = s.categories
		}
		if s.alts > 1 {
			out.multi++
			continue
		}
		row := rowtest.Row{Variant: genomics.Variant{Chrom: "1", Pos: i + 1, ID: fmt.Sprint("v", i), Ref: "A", Alt: "C"}}
		call, dose := row, row
		for k, c := range s.categories {
			call.Genotypes += "012."[c : c+1]
			d := []uint16{0, 1000, 2000, genomics.MissingDosage}[c]
			if of := s.dosages[k]; of >= 0 {
				d = uint16(2 * of * 1000 / (2 * one))
				if 2*of*1000%(2*one) >= one { // a half and more
					d++
				}
			}
			dose.Dosages = append(dose.Dosages, d)
		}
		out.calls, out.doses = append(out.calls, call), append(out.doses, dose)
	}
	out.files[".pvar"], out.files[".psam"] = []byte(pvar.String()), []byte(psam.String())
	out.writePgen(r, mode, n, sites, records)
	return out
}

func (out *written) writePgen(r *rand.Rand, mode byte, n int, sites []site, records [][]byte) {
	var header, body, blocks bitWriter
	format := byte(r.IntN(4)) << 6
	kindBits, lengthSize, allelesSize := 8, 1+r.IntN(4), 0
	for _, s := range sites {
		if r.IntN(3) == 0 || s.alts > 1 {
			allelesSize = 1 + r.IntN(3)
		}
	}
	if r.IntN(3) == 0 {
		allelesSize = 0
	}
	few := true
	for i, s := range sites {
		few = few && s.kind < 16
		for len(records[i]) >= 1<<(8*lengthSize) {
			lengthSize++
		}
	}
	if few {
		kindBits = 4
	}
	if mode >= modeVariable {
		format |= byte(lengthSize-1) | byte(allelesSize)<<4
		if kindBits == 8 {
			format |= 4
		}
	}
	header.number(len(sites), 4)
	header.number(n, 4)
	header.WriteByte(format)
	for from := 0; from < len(sites); from += blockSize {
		part := sites[from:min(from+blockSize, len(sites))]
		if mode >= modeVariable {
			for _, s := range part {
				body.put(uint(s.kind), uint(kindBits))
			}
			body.align()
			for i := range part {
				body.number(len(records[from+i]), lengthSize)
			}
			for _, s := range part {
				body.number(s.alts+1, allelesSize)
			}
		}
		if format>>6 == 3 {
			for range part {
				body.put(uint(r.IntN(2)), 1)
			}
			body.align()
		}
	}
	var extra, footer []byte
	if mode&1 == 1 && mode >= modeVariable {
		flags := byte(r.IntN(4))
		extra = append(extra, flags)
		footers := byte(r.IntN(2))
		extra = append(extra, footers)
		if footers == 1 {
			footer = []byte{3, 'e', 'n', 'd'}
			extra = append(extra, make([]byte, 8)...) // where the footer is, once known
		}
		for bit := range 2 {
			if flags>>bit&1 == 1 {
				extra = append(extra, byte(bit+2))
			}
		}
		for bit := range 2 {
			if flags>>bit&1 == 1 {
				extra = append(extra, make([]byte, bit+2)...)
			}
		}
	}
	at := magicLen
	nblocks := (len(sites) + blockSize - 1) / blockSize
	if mode < modeSplit {
		at += dimensionsLen + body.Len() + len(extra)
		if mode >= modeVariable {
			at += 8 * nblocks
		}
	}
	if mode == modeBed {
		at = magicLen
	}
	var data bytes.Buffer
	for i, record := range records {
		if i%blockSize == 0 {
			blocks.number(at, 8)
		}
		out.variantAt = append(out.variantAt, at)
		data.Write(record)
		at += len(record)
	}
	if footer != nil {
		binary.LittleEndian.PutUint64(extra[2:], uint64(at))
		data.Write(footer)
	}
	if mode >= modeVariable {
		header.Write(blocks.Bytes())
	}
	header.Write(body.Bytes())
	header.Write(extra)
	begin := []byte(magic + string(rune(mode)))
	switch {
	case mode == modeBed:
		out.files[".pgen"] = append(begin, data.Bytes()...)
	case mode < modeSplit:
		out.files[".pgen"] = append(append(begin, header.Bytes()...), data.Bytes()...)
	default:
		out.files[".pgen"] = append(begin, data.Bytes()...)
		out.files[".pgen.pgi"] = append([]byte(magic+string(rune(mode+16))), header.Bytes()...)
	}
}

// in writes the files into a folder and returns their prefix.
func (out *written) in(t testing.TB, dir string) string {
	prefix := filepath.Join(dir, "x")
	for suffix, data := range out.files {
		if err := os.WriteFile(prefix+suffix, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return prefix
}
