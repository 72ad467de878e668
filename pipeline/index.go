package pipeline

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"

	"genoveil/genomics"
	"genoveil/he"
	"genoveil/pipeline/chunkfile"
)

// An Index is what the owner keeps of a cohort: who and what is in it, and the
// secret key of the check. The file is zstd-compressed text: this header as one
// line of JSON, then one line a variant, so that it streams.
type Index struct {
	Version     int                   `json:"version"`
	CohortID    string                `json:"cohort_id"`
	Cohort      chunkfile.Fingerprint `json:"cohort"`
	KeyID       KeyID                 `json:"key_id"`
	Params      he.Params             `json:"params"`
	Genotypes   Encoding              `json:"genotypes"`
	Purpose     Purpose               `json:"purpose,omitempty"`
	Samples     []string              `json:"samples"`
	CheckKey    []uint64              `json:"check_key,omitempty"` // only for GWAS
	Blocks      []Block               `json:"blocks"`
	Variants    int                   `json:"variants"`
	MissingRate float64               `json:"missing_rate"` // share of missing genotypes
	IDWidth     int                   `json:"id_width"`     // assoc.IDWidth over all variants
}

// Whole is the section of all blocks with the given traits.
func (x *Index) Whole(traits ...Trait) []TraitSection {
	return []TraitSection{{To: len(x.Blocks), Traits: traits}}
}

// appendVariant writes a variant's line: chromosome, position, ID, REF, ALT,
// counts of hom-ref, het, hom-alt, missing, and the check sum of each plane.
func appendVariant(dst []byte, v *genomics.Variant, t *tally) []byte {
	dst = append(append(dst, v.Chrom...), '\t')
	dst = append(strconv.AppendInt(dst, int64(v.Pos), 10), '\t')
	dst = append(append(dst, v.ID...), '\t')
	dst = append(append(dst, v.Ref...), '\t')
	dst = append(dst, v.Alt...)
	for _, c := range t.counts {
		dst = strconv.AppendInt(append(dst, '\t'), int64(c), 10)
	}
	for _, c := range t.check {
		dst = strconv.AppendUint(append(dst, '\t'), c, 10)
	}
	return append(dst, '\n')
}

func parseVariant(line string, v *genomics.Variant, t *tally) error {
	fields := strings.Split(line, "\t")
	if len(fields) != 5+len(t.counts)+len(t.check) {
		return fmt.Errorf("%d columns, expected %d", len(fields), 5+len(t.counts)+len(t.check))
	}
	pos, err := strconv.Atoi(fields[1])
	if err != nil {
		return err
	}
	*v = genomics.Variant{Chrom: fields[0], Pos: pos, ID: fields[2], Ref: fields[3], Alt: fields[4]}
	for i := range t.counts {
		if t.counts[i], err = strconv.Atoi(fields[5+i]); err != nil {
			return err
		}
	}
	for i := range t.check {
		if t.check[i], err = strconv.ParseUint(fields[5+len(t.counts)+i], 10, 64); err != nil {
			return err
		}
	}
	return nil
}

// An IndexReader streams an index file.
type IndexReader struct {
	Index
	path  string
	file  *os.File
	zstd  *zstd.Decoder
	lines *bufio.Reader
	read  int
}

// OpenIndex opens an index and reads its header. The cohort must be for one of the
// purposes, if any are given.
func OpenIndex(path string, purposes ...Purpose) (*IndexReader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r := &IndexReader{path: path, file: f}
	if r.zstd, err = zstd.NewReader(f, zstd.WithDecoderConcurrency(1)); err != nil {
		f.Close()
		return nil, err
	}
	r.lines = bufio.NewReaderSize(r.zstd, 1<<20)
	line, err := r.lines.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &r.Index)
	}
	switch {
	case err != nil:
		err = r.damaged(err)
	case !r.Params.Valid():
		err = r.damaged(errors.New("it has no parameter set"))
	case r.Genotypes.validate() != nil:
		err = r.damaged(r.Genotypes.validate())
	case r.Purpose.validate() != nil:
		err = r.damaged(r.Purpose.validate())
	case r.Purpose.fits(r.Params) != nil:
		err = r.damaged(r.Purpose.fits(r.Params))
	case r.Version != 1:
		err = fmt.Errorf("%s: format version %d; this program reads version 1", path, r.Version)
	case r.Purpose == GWAS && len(r.CheckKey) != len(r.Samples) || len(r.Blocks) != (r.Variants+r.Params.N()-1)/r.Params.N():
		err = r.damaged(errors.New("sizes in the header do not agree"))
	default:
		err = r.Purpose.need(path, purposes)
	}
	if err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func (r *IndexReader) damaged(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%s: not a cohort index, or damaged (%w)", r.path, err)
}

// nextBlock reads the variants of the next block.
func (r *IndexReader) nextBlock() (*block, error) {
	n := min(r.Params.N(), r.Variants-r.read)
	if n == 0 {
		return nil, io.EOF
	}
	b := &block{samples: len(r.Samples), variants: make([]genomics.Variant, n), tallies: make([]tally, n)}
	for j := range n {
		line, err := r.lines.ReadString('\n')
		if err != nil {
			return nil, r.damaged(err)
		}
		if err := parseVariant(strings.TrimSuffix(line, "\n"), &b.variants[j], &b.tallies[j]); err != nil {
			return nil, r.damaged(fmt.Errorf("variant %d: %w", r.read+j+1, err))
		}
	}
	r.read += n
	if r.read == r.Variants {
		if _, err := r.lines.ReadByte(); !errors.Is(err, io.EOF) {
			return nil, r.damaged(errors.New("something follows the last variant"))
		}
	}
	return b, nil
}

// Close closes the file.
func (r *IndexReader) Close() error {
	if r.zstd != nil {
		r.zstd.Close()
	}
	return r.file.Close()
}
