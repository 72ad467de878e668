package vcf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/biogo/hts/bgzf"
	"github.com/biogo/hts/csi"
	"github.com/biogo/hts/tabix"

	"genoveil/genomics/chrom"
)

// An index leads from positions to places in a BGZF file.
type index struct {
	names  []string // chromosomes that have records, in the order of the file
	places *chrom.Names
	limit  int // positions beyond it cannot be indexed
	chunks func(chrom, begin, end int) []bgzf.Chunk
}

// find returns the number of a chromosome.
func (x *index) find(name string) (int, bool) {
	i := x.places.Find(name)
	return i, i >= 0
}

// offset returns a place at or before the first record of the region, or false
// if the region has no records. The file is sorted, so nothing else is needed
// of the index: reading goes on from there to the region's end.
func (x *index) offset(r region) (bgzf.Offset, bool) {
	begin, end := max(r.from-1, 0), min(r.to, x.limit)
	if begin >= end {
		return bgzf.Offset{}, false
	}
	chunks := x.chunks(r.chrom, begin, end)
	if len(chunks) == 0 {
		return bgzf.Offset{}, false
	}
	return chunks[0].Begin, true
}

// readIndex reads the .tbi or .csi file beside a VCF file.
func readIndex(path string) (*index, error) {
	for _, kind := range []struct {
		suffix string
		parse  func([]byte) (*index, error)
	}{{".tbi", parseTabix}, {".csi", parseCSI}} {
		file, err := os.Open(path + kind.suffix)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		defer file.Close()
		idx, err := parseIndex(file, kind.parse)
		if err != nil {
			return nil, fmt.Errorf("%s: damaged index; run tabix -f -p vcf %s: %w", file.Name(), path, err)
		}
		return idx, nil
	}
	return nil, fmt.Errorf("%s: regions need an index; run tabix -p vcf %s", path, path)
}

func parseIndex(r io.Reader, parse func([]byte) (*index, error)) (idx *index, err error) {
	blocks, err := bgzf.NewReader(r, 1)
	if err != nil {
		return nil, err
	}
	defer blocks.Close()
	data, err := io.ReadAll(blocks)
	if err != nil {
		return nil, err
	}
	// The index packages trust the counts in the file and panic on bad ones.
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	return parse(data)
}

func parseTabix(data []byte) (*index, error) {
	tbi, err := tabix.ReadFrom(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if tbi == nil { // a file without records
		return &index{places: chrom.NewNames(nil)}, nil
	}
	names := tbi.Names()
	return &index{names, chrom.NewNames(names), 1 << 29, func(chrom, begin, end int) []bgzf.Chunk {
		// The only errors are an unknown name, which find has excluded, and
		// a begin after the last record.
		chunks, _ := tbi.Chunks(names[chrom], begin, end)
		return chunks
	}}, nil
}

func parseCSI(data []byte) (*index, error) {
	idx, err := csi.ReadFrom(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	names, err := auxNames(idx.Auxilliary)
	if err != nil {
		return nil, err
	}
	if len(names) != idx.NumRefs() {
		return nil, fmt.Errorf("%d chromosomes and %d names", idx.NumRefs(), len(names))
	}
	// Intervals of 2^shift positions are the leaves of an octree.
	shift, depth := binary.LittleEndian.Uint32(data[4:]), binary.LittleEndian.Uint32(data[8:])
	if shift > 31 || depth > 7 {
		return nil, fmt.Errorf("intervals of 2^%d positions, %d levels", shift, depth)
	}
	return &index{names, chrom.NewNames(names), 1 << (shift + 3*depth), idx.Chunks}, nil
}

// auxNames reads the chromosome names of a .csi index, which stand, as in a
// .tbi, after six 32-bit settings and their own total length.
func auxNames(aux []byte) ([]string, error) {
	const settings = 6 * 4
	if len(aux) == 0 {
		return nil, nil
	}
	if len(aux) < settings+4 {
		return nil, errors.New("chromosome names are missing")
	}
	text := string(aux[settings+4:])
	if int(binary.LittleEndian.Uint32(aux[settings:])) != len(text) {
		return nil, errors.New("chromosome names are cut short")
	}
	if text == "" {
		return nil, nil
	}
	return strings.Split(strings.TrimSuffix(text, "\x00"), "\x00"), nil
}
