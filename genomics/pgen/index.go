package pgen

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"genoveil/genomics"
)

// Storage modes, the third byte of a file.
const (
	modeBed       = 0x01 // PLINK 1, as package bed reads it
	modeHard      = 0x02 // all records have the same width: hard calls
	modeDosage    = 0x03 // and dosages
	modePhased    = 0x04 // and their phases
	modeVariable  = 0x10 // each record has its type and length in the header
	modeExtended  = 0x11 // with extensions, which are passed over
	modeSplit     = 0x20 // as 0x10, with the header in a file of its own
	modeSplitExt  = 0x21 // as 0x11, with the header in a file of its own
	modeIndex     = 0x30 // of that file
	modeIndexExt  = 0x31
	sampleMajor   = 0x00 // PLINK 1, sample by sample
	magic         = "\x6c\x1b"
	magicLen      = 3       // with the mode
	dimensionsLen = 9       // the counts of variants and samples and the format of the header
	blockSize     = 1 << 16 // variants that the header tells of together
)

// A record says where a variant's record is.
type record struct {
	at   int64
	size int64
	kind kind
	alts int // number of ALT alleles, or 0 where the header does not say
}

// An index tells where the records are. It is the header of a file.
type index struct {
	part     // that has the header
	pgen     part
	mode     byte
	variants int
	samples  int
	format   byte // of the rest of the header

	kindBits    int // of each variant in the header
	lengthSize  int // bytes
	allelesLen  int // bytes
	provisional bool

	blocks []int64 // where the records of each block begin
	body   int64   // where the header has them described
	end    int64   // of the records
}

// block returns the records of a block of variants.
func (x *index) block(b int) ([]record, error) {
	n := min(blockSize, x.variants-b*blockSize)
	records := make([]record, n)
	if x.mode < modeVariable {
		width := x.width()
		for i := range records {
			records[i] = record{at: x.blocks[0] + int64(b*blockSize+i)*width, size: width, kind: fixedKinds[x.mode]}
		}
		return records, nil
	}
	data := make([]byte, x.describedBy(n))
	if _, err := x.data.ReadAt(data, x.body+int64(b)*int64(x.describedBy(blockSize))); err != nil {
		return nil, fmt.Errorf("%s: cannot read the header: %w", x.name, noEOF(err))
	}
	lengths := data[bytesOf(n*x.kindBits):]
	alleles := lengths[n*x.lengthSize:]
	at := x.blocks[b]
	for i := range records {
		r := &records[i]
		if x.kindBits == 4 {
			r.kind = kind(data[i/2] >> (4 * (i & 1)) & 0xf)
		} else {
			r.kind = kind(data[i])
		}
		r.at, r.size = at, int64(littleEndian(lengths[i*x.lengthSize:][:x.lengthSize]))
		at += r.size
		if x.allelesLen > 0 {
			r.alts = littleEndian(alleles[i*x.allelesLen:][:x.allelesLen]) - 1
		}
	}
	if records[0].kind.isDifference() {
		return nil, fmt.Errorf("%s: the record of variant %d, the first of a block, refers to an earlier one; the file is damaged, copy it again", x.name, b*blockSize+1)
	}
	return records, nil
}

// describedBy is how many bytes of the header describe a block of n variants.
func (x *index) describedBy(n int) int {
	size := bytesOf(n*x.kindBits) + n*x.lengthSize + n*x.allelesLen
	if x.provisional {
		size += bytesOf(n)
	}
	return size
}

// fixedKinds are the kinds of the records of modes with a fixed width.
var fixedKinds = [...]kind{modeBed: kindBed, modeHard: 0, modeDosage: dosagesOfAll, modePhased: dosagesOfAll | hasDosagePhase}

// width is the length of the records of a mode with a fixed width.
func (x *index) width() int64 {
	width := int64(genomics.RowLen(x.samples))
	switch x.mode {
	case modeDosage:
		width += 2 * int64(x.samples)
	case modePhased:
		width += 4 * int64(x.samples)
	}
	return width
}

func (x *index) countBlocks() int { return (x.variants + blockSize - 1) / blockSize }

// bytesOf is the number of bytes that hold some bits.
func bytesOf(bits int) int { return (bits + 7) / 8 }

func littleEndian(b []byte) int {
	n := 0
	for i, c := range b {
		n |= int(c) << (8 * i)
	}
	return n
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// A part is a file, of a size.
type part struct {
	name string
	data io.ReaderAt
	size int64
}

func (p part) read(at int64, n int) ([]byte, error) {
	data := make([]byte, n)
	if _, err := p.data.ReadAt(data, at); err != nil {
		if err == io.EOF {
			return nil, fmt.Errorf("%s ends within its header, after %d bytes; copy it again", p.name, p.size)
		}
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	return data, nil
}

// mode reads the mode of a file, which is a .pgen file or a header that stands alone.
func (p part) mode() (byte, error) {
	head := make([]byte, magicLen)
	if _, err := p.data.ReadAt(head, 0); err != nil && err != io.EOF {
		return 0, fmt.Errorf("%s: %w", p.name, err)
	}
	if string(head[:2]) != magic {
		return 0, fmt.Errorf("%s is not a file of PLINK 2: it begins with % x", p.name, head)
	}
	return head[2], nil
}

// openIndex reads how many variants and samples a .pgen file has, which bounds what is
// read of the other files. A file of PLINK 1 has no header; of it what it can have at
// most is returned. openHeader opens the file that has the header, where that is another.
func openIndex(pgen part, openHeader func() (part, error)) (*index, error) {
	mode, err := pgen.mode()
	if err != nil {
		return nil, err
	}
	x := &index{part: pgen, pgen: pgen, mode: mode}
	switch mode {
	case modeBed:
		x.variants, x.samples = int(pgen.size), 4*int(pgen.size)
		if pgen.size == magicLen {
			x.samples = math.MaxInt32 // without variants, samples take no space
		}
		return x, nil
	case modeHard, modeDosage, modePhased, modeVariable, modeExtended:
	case modeSplit, modeSplitExt:
		if x.part, err = openHeader(); err != nil {
			return nil, err
		}
		found, err := x.part.mode()
		if err != nil {
			return nil, err
		}
		if found != mode-modeSplit+modeIndex {
			return nil, fmt.Errorf("%s has the mode %#02x instead of %#02x; does it belong to %s?", x.name, found, mode-modeSplit+modeIndex, pgen.name)
		}
	case sampleMajor:
		return nil, fmt.Errorf("%s is stored sample by sample (individual-major); convert it with plink2 --bfile %s --make-pgen --out NEW", pgen.name, prefixOf(pgen.name))
	case modeIndex, modeIndexExt:
		return nil, fmt.Errorf("%s is only the header of a .pgen file; give the .pgen file", pgen.name)
	default:
		return nil, fmt.Errorf("%s has the mode %#02x, which genoveil does not know; write the file anew with plink2 --pfile %s --make-pgen --out NEW", pgen.name, mode, prefixOf(pgen.name))
	}
	dimensions, err := x.part.read(magicLen, dimensionsLen)
	if err != nil {
		return nil, err
	}
	x.variants, x.samples = int(binary.LittleEndian.Uint32(dimensions)), int(binary.LittleEndian.Uint32(dimensions[4:]))
	x.format = dimensions[8]
	return x, nil
}

// checkCount demands as many variants or samples (which of them, what says) as the file
// has. Of a file with more, only one more was read.
func (x *index) checkCount(what string, has, found int, path string) error {
	switch {
	case found > has:
		return fmt.Errorf("%s has more %s than the %d of %s; do the files belong together?", path, what, has, x.name)
	case found < has && x.mode != modeBed:
		return fmt.Errorf("%s has %d %s, and %s has %d; do the files belong together?", path, found, what, x.name, has)
	}
	return nil
}

// read reads the header, now that the other files say how many variants and samples there
// are.
func (x *index) read(variants, samples int) error {
	if x.mode == modeBed {
		x.variants, x.samples = variants, samples
		x.blocks = []int64{magicLen}
		x.end = magicLen + int64(variants)*x.width()
		return x.checkEnd()
	}
	first := int64(magicLen) // where the records begin
	format := x.format
	x.provisional = format>>6 == 3
	if x.mode < modeVariable {
		if format&0x3f != 0 {
			return fmt.Errorf("%s: byte 11 of the header is %#02x, which its mode %#02x does not have; the file is damaged, copy it again", x.name, format, x.mode)
		}
		first += dimensionsLen
		if x.provisional {
			first += int64(bytesOf(x.variants))
		}
		x.blocks = []int64{first}
		x.end = first + int64(x.variants)*x.width()
		return x.checkEnd()
	}
	if format&8 != 0 {
		return fmt.Errorf("%s: byte 11 of the header is %#02x, a later version's; write the file anew with plink2 --pfile %s --make-pgen --out NEW", x.name, format, prefixOf(x.name))
	}
	x.kindBits = 4 + int(format&4)
	x.lengthSize = 1 + int(format&3)
	x.allelesLen = int(format >> 4 & 3)
	if err := x.readBlocks(); err != nil {
		return err
	}
	end, footer := x.bodyEnd(), footer{}
	if x.mode == modeExtended || x.mode == modeSplitExt {
		var err error
		if end, footer, err = x.part.extensions(end); err != nil {
			return err
		}
	}
	if x.mode < modeSplit {
		first = end
	} else if end != x.size {
		return fmt.Errorf("%s has %d bytes instead of the %d of %d variants; copy it again", x.name, x.size, end, x.variants)
	}
	if err := x.checkBlocks(first); err != nil {
		return err
	}
	if footer.parts > 0 {
		return x.checkFooter(footer)
	}
	return x.checkEnd()
}

// bodyEnd is where the descriptions of blocks end.
func (x *index) bodyEnd() int64 {
	if x.variants == 0 {
		return x.body
	}
	last := x.countBlocks() - 1
	return x.body + int64(last)*int64(x.describedBy(blockSize)) + int64(x.describedBy(x.variants-last*blockSize))
}

// readBlocks reads where the records of the blocks begin, once the file is known to be
// large enough for all that describes them.
func (x *index) readBlocks() error {
	blocks := x.countBlocks()
	x.body = magicLen + dimensionsLen + 8*int64(blocks)
	if want := x.bodyEnd(); x.size < want {
		return fmt.Errorf("%s has %d bytes, and the header of %d variants alone %d; copy it again", x.name, x.size, x.variants, want)
	}
	data, err := x.part.read(magicLen+dimensionsLen, 8*blocks)
	if err != nil {
		return err
	}
	for ; len(data) > 0; data = data[8:] {
		at := binary.LittleEndian.Uint64(data)
		if at > math.MaxInt64 {
			return fmt.Errorf("%s: block %d of variants begins at byte %d; the file is damaged, copy it again", x.name, len(x.blocks), at)
		}
		x.blocks = append(x.blocks, int64(at))
	}
	return nil
}

// checkBlocks checks that the records follow each other from first on.
func (x *index) checkBlocks(first int64) error {
	x.end = first
	for b, at := range x.blocks {
		if at != x.end {
			return fmt.Errorf("%s: the records of variant %d and later begin at byte %d instead of %d; the file is damaged, copy it again", x.name, b*blockSize+1, at, x.end)
		}
		records, err := x.block(b)
		if err != nil {
			return err
		}
		last := records[len(records)-1]
		x.end = last.at + last.size
	}
	return nil
}

// checkEnd checks that the records fill the file.
func (x *index) checkEnd() error {
	if x.pgen.size != x.end {
		return fmt.Errorf("%s has %d bytes instead of the %d of %d variants and %d samples; do the files belong together?",
			x.pgen.name, x.pgen.size, x.end, x.variants, x.samples)
	}
	return nil
}
