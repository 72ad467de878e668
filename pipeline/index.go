package pipeline

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"

	"genoveil/genomics"
	"genoveil/genomics/test"
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
	CheckID     string                `json:"check_id,omitempty"`   // only for GWAS: of the keys of the check
	CheckKey    he.MaskKey            `json:"check_keys,omitempty"` // only for GWAS
	Checks      []uint64              `json:"checks,omitempty"`     // points of the checks drawn with these keys
	Retired     bool                  `json:"retired,omitempty"`    // kept for queries of before the check was renewed
	Blocks      []Block               `json:"blocks"`
	Variants    int                   `json:"variants"`
	MissingRate float64               `json:"missing_rate"` // share of missing genotypes
	IDWidth     int                   `json:"id_width"`     // assoc.IDWidth over all variants

	OldCheckKey []uint64 `json:"check_key,omitempty"` // of version 1: one κ
}

// indexVersion is what this program writes. Version 1 had one κ, so its check can be
// bypassed (docs/security.md).
const indexVersion = 2

// An indexBlock is what the index says of a block's variants.
type indexBlock struct {
	variants []genomics.Variant
	tallies  []tally
}

// A tally is what the owner keeps of a variant's genotypes: how many of each
// (of dosages: called, their sum in thousandths, 0, missing), and the check sum
// of each plane of the encoding.
type tally struct {
	counts genomics.Counts
	check  [3][he.Masks]uint64
}

// Whole is the section of all blocks with the given traits.
func (x *Index) Whole(traits ...test.Trait) []TraitSection {
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
	for _, plane := range t.check {
		for _, c := range plane {
			dst = strconv.AppendUint(append(dst, '\t'), c, 10)
		}
	}
	return append(dst, '\n')
}

// lines are the variants' lines, compressed.
func (b *indexBlock) lines() ([]byte, error) {
	var lines []byte
	for i := range b.variants {
		lines = appendVariant(lines, &b.variants[i], &b.tallies[i])
	}
	return compress(lines)
}

// parseVariant reads a variant's line with check sums of so many κ.
func parseVariant(line string, v *genomics.Variant, t *tally, masks int) error {
	fields := strings.Split(line, "\t")
	if expected := 5 + len(t.counts) + masks*len(t.check); len(fields) != expected {
		return fmt.Errorf("%d columns, expected %d", len(fields), expected)
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
	for i, field := range fields[5+len(t.counts):] {
		if t.check[i/masks][i%masks], err = strconv.ParseUint(field, 10, 64); err != nil {
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
	r, err := openIndex(path)
	if err != nil {
		return nil, err
	}
	if r.Version == 1 && r.Purpose == GWAS {
		err = fmt.Errorf("%s: was made by a version whose check a compute site can bypass; make it a new one with 'genoveil encrypt genotypes --renew-check' and the flags that the cohort was encrypted with (nothing is encrypted again), and see \"Versions before\" in docs/security.md", path)
	} else {
		err = r.Purpose.need(path, purposes)
	}
	if err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// openIndex opens an index of any version.
func openIndex(path string) (*IndexReader, error) {
	f, err := chunkfile.OpenFile(path)
	if err != nil {
		return nil, err
	}
	r := &IndexReader{path: path, file: f}
	if r.zstd, err = zstd.NewReader(f, zstd.WithDecoderConcurrency(1)); err != nil {
		f.Close()
		return nil, err
	}
	r.lines = bufio.NewReaderSize(r.zstd, 1<<20)
	line, err := r.header()
	if err == nil {
		err = json.Unmarshal(line, &r.Index)
	}
	if err == nil {
		err = r.validate()
	}
	if err != nil {
		r.Close()
		return nil, r.damaged(err)
	}
	if r.Version < 1 || r.Version > indexVersion {
		r.Close()
		return nil, fmt.Errorf("%s: format version %d; this program reads versions 1 and %d", path, r.Version, indexVersion)
	}
	return r, nil
}

// maxPacked bounds what an index unpacks its header to, in multiples of the file: identifiers
// that count up take a tenth, keys of the check a half.
const maxPacked = 100

// header reads the header's line.
func (r *IndexReader) header() (line []byte, err error) {
	info, err := r.file.Stat()
	if err != nil {
		return nil, err
	}
	for limit := 1<<20 + maxPacked*info.Size(); ; {
		piece, err := r.lines.ReadSlice('\n')
		line = append(line, piece...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
		if int64(len(line)) > limit {
			return nil, errors.New("its header is too long for a file of this size")
		}
	}
}

// validate checks the header.
func (x *Index) validate() error {
	keys, ids := len(x.CheckKey), 1
	if x.Version == 1 {
		keys, ids = len(x.OldCheckKey), 0
	}
	if !x.Params.Valid() {
		return errors.New("it has no parameter set")
	}
	if err := cmp.Or(x.Genotypes.validate(), x.Purpose.validate(), x.Purpose.fits(x.Params)); err != nil {
		return err
	}
	if len(x.Blocks) != (x.Variants+x.Params.N()-1)/x.Params.N() || x.Purpose == GWAS && (keys != len(x.Samples) || min(len(x.CheckID), 1) != ids) {
		return errors.New("sizes in the header do not agree")
	}
	return nil
}

func (r *IndexReader) damaged(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%s: not a cohort index, or damaged (%w)", r.path, err)
}

// nextBlock reads the variants of the next block.
func (r *IndexReader) nextBlock() (*indexBlock, error) {
	n := min(r.Params.N(), r.Variants-r.read)
	if n == 0 {
		return nil, io.EOF
	}
	b := &indexBlock{variants: make([]genomics.Variant, n), tallies: make([]tally, n)}
	masks := he.Masks
	if r.Version == 1 {
		masks = 1
	}
	for j := range n {
		line, err := r.lines.ReadString('\n')
		if err != nil {
			return nil, r.damaged(err)
		}
		if err := parseVariant(strings.TrimSuffix(line, "\n"), &b.variants[j], &b.tallies[j], masks); err != nil {
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
