package private

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
	"genoveil/he"
	"genoveil/pipeline/chunkfile"
	"genoveil/pipeline/format"
)

// An Index is what the owner keeps of a cohort: who and what is in it, and the
// secret key of the check. The file is zstd-compressed text: this header as one
// line of JSON, then one line a variant, so that it streams.
type Index struct {
	Version     int                   `json:"version"`
	CohortID    string                `json:"cohort_id"`
	Cohort      chunkfile.Fingerprint `json:"cohort"`
	KeyID       format.KeyID          `json:"key_id"`
	Params      he.Params             `json:"params"`
	Genotypes   format.Encoding       `json:"genotypes"`
	Purpose     format.Purpose        `json:"purpose,omitempty"`
	Samples     []string              `json:"samples"`
	Sexes       Sexes                 `json:"sexes,omitempty"`      // of the samples; empty where none was given
	CheckID     string                `json:"check_id,omitempty"`   // only for GWAS: of the keys of the check
	CheckKey    he.MaskKey            `json:"check_keys,omitempty"` // only for GWAS
	Checks      []uint64              `json:"checks,omitempty"`     // points of the checks drawn with these keys
	Retired     bool                  `json:"retired,omitempty"`    // kept for queries of before the check was renewed
	Blocks      []format.Block        `json:"blocks"`
	Chromosomes []ChromosomeRange     `json:"chromosomes,omitempty"` // from version 3 on
	Variants    int                   `json:"variants"`
	MissingRate float64               `json:"missing_rate"` // share of missing genotypes
	IDWidth     int                   `json:"id_width"`     // assoc.IDWidth over all variants

	OldCheckKey []uint64 `json:"check_key,omitempty"` // of version 1: one κ
}

// IndexVersion is what this program writes. Version 1 had one κ, so its check can be
// bypassed (docs/security.md). Versions before 3 had no sexes: their cohorts have every
// call as one of two copies.
const IndexVersion = 3

// CountsCopies says whether the cohort was made with regard to how many copies of a
// chromosome samples have.
func (x *Index) CountsCopies() bool { return x.Version >= 3 }

// Ploidy is that of a chromosome in the cohort.
func (x *Index) Ploidy(chromosome string) genomics.Ploidy {
	if !x.CountsCopies() {
		return genomics.Diploid
	}
	return genomics.PloidyOf(chromosome)
}

// An IndexBlock is what the index says of a block's variants.
type IndexBlock struct {
	Variants []genomics.Variant
	Tallies  []Tally
}

// A Tally is what the owner keeps of a variant's genotypes: how many of each
// (of dosages: called, their sum in thousandths, 0, missing), and the check sum
// of each plane of the encoding.
type Tally struct {
	Counts genomics.Counts
	Males  genomics.Counts // those of males, on X and Y
	Check  [3][he.Masks]uint64
}

// appendVariant writes a variant's line: chromosome, position, ID, REF, ALT,
// counts of hom-ref, het, hom-alt, missing, the same of males on X and Y, and the check
// sum of each plane.
func appendVariant(dst []byte, v *genomics.Variant, t *Tally, version int) []byte {
	dst = append(append(dst, v.Chrom...), '\t')
	dst = append(strconv.AppendInt(dst, int64(v.Pos), 10), '\t')
	dst = append(append(dst, v.ID...), '\t')
	dst = append(append(dst, v.Ref...), '\t')
	dst = append(dst, v.Alt...)
	counts := t.Counts[:]
	if bySex(version, v.Chrom) {
		counts = append(counts, t.Males[:]...)
	}
	for _, c := range counts {
		dst = strconv.AppendInt(append(dst, '\t'), int64(c), 10)
	}
	for _, plane := range t.Check {
		for _, c := range plane {
			dst = strconv.AppendUint(append(dst, '\t'), c, 10)
		}
	}
	return append(dst, '\n')
}

// Lines are the variants' lines, compressed, for an index of a version.
func (b *IndexBlock) Lines(version int) ([]byte, error) {
	var lines []byte
	for i := range b.Variants {
		lines = appendVariant(lines, &b.Variants[i], &b.Tallies[i], version)
	}
	return Compress(lines)
}

// bySex says whether an index of a version has counts of males for a chromosome.
func bySex(version int, chromosome string) bool {
	return version >= 3 && genomics.PloidyOf(chromosome).BySex()
}

// parseVariant reads a variant's line of an index of a version.
func parseVariant(line string, v *genomics.Variant, t *Tally, version int) error {
	masks := he.Masks
	if version == 1 {
		masks = 1
	}
	fields := strings.Split(line, "\t")
	var counts []*int
	for i := range t.Counts {
		counts = append(counts, &t.Counts[i])
	}
	if bySex(version, fields[0]) {
		for i := range t.Males {
			counts = append(counts, &t.Males[i])
		}
	}
	if expected := 5 + len(counts) + masks*len(t.Check); len(fields) != expected {
		return fmt.Errorf("%d columns, expected %d", len(fields), expected)
	}
	pos, err := strconv.Atoi(fields[1])
	if err != nil {
		return err
	}
	*v = genomics.Variant{Chrom: fields[0], Pos: pos, ID: fields[2], Ref: fields[3], Alt: fields[4]}
	for i, n := range counts {
		if *n, err = strconv.Atoi(fields[5+i]); err != nil {
			return err
		}
	}
	for i, field := range fields[5+len(counts):] {
		if t.Check[i/masks][i%masks], err = strconv.ParseUint(field, 10, 64); err != nil {
			return err
		}
	}
	return nil
}

// An IndexReader streams an index file.
type IndexReader struct {
	Index
	Path  string
	file  *os.File
	zstd  *zstd.Decoder
	lines *bufio.Reader
	read  int
}

// OpenIndex opens an index and reads its header. The cohort must be for one of the
// purposes, if any are given.
func OpenIndex(path string, purposes ...format.Purpose) (*IndexReader, error) {
	r, err := OpenAnyIndex(path)
	if err != nil {
		return nil, err
	}
	if r.Version == 1 && r.Purpose == format.GWAS {
		err = fmt.Errorf("%s: was made by a version whose check a compute site can bypass; make it a new one with 'genoveil encrypt genotypes --renew-check' and the flags that the cohort was encrypted with (nothing is encrypted again), and see \"Versions before\" in docs/security.md", path)
	} else {
		err = r.Purpose.Need(path, purposes)
	}
	if err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// OpenAnyIndex opens an index of any version.
func OpenAnyIndex(path string) (*IndexReader, error) {
	f, err := chunkfile.OpenFile(path)
	if err != nil {
		return nil, err
	}
	r := &IndexReader{Path: path, file: f}
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
	if r.Version < 1 || r.Version > IndexVersion {
		r.Close()
		return nil, fmt.Errorf("%s: format version %d; this program reads versions 1 to %d", path, r.Version, IndexVersion)
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
	if err := cmp.Or(x.Genotypes.Validate(), x.Purpose.Validate(), x.Purpose.Fits(x.Params)); err != nil {
		return err
	}
	if len(x.Blocks) != (x.Variants+x.Params.N()-1)/x.Params.N() || x.Purpose == format.GWAS && (keys != len(x.Samples) || min(len(x.CheckID), 1) != ids) {
		return errors.New("sizes in the header do not agree")
	}
	if len(x.Sexes) != 0 && len(x.Sexes) != len(x.Samples) {
		return errors.New("it does not have a sex for every sample")
	}
	if x.Version >= 3 && len(x.Chromosomes) == 0 && len(x.Blocks) > 0 {
		return errors.New("it does not list its chromosomes")
	}
	for _, c := range x.Chromosomes {
		if c.From < 0 || c.From >= c.To || c.To > len(x.Blocks) {
			return errors.New("a chromosome is outside its blocks")
		}
	}
	return nil
}

func (r *IndexReader) damaged(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%s: not a cohort index, or damaged (%w)", r.Path, err)
}

// NextBlock reads the variants of the next block.
func (r *IndexReader) NextBlock() (*IndexBlock, error) {
	n := min(r.Params.N(), r.Variants-r.read)
	if n == 0 {
		return nil, io.EOF
	}
	b := &IndexBlock{Variants: make([]genomics.Variant, n), Tallies: make([]Tally, n)}
	for j := range n {
		line, err := r.lines.ReadString('\n')
		if err != nil {
			return nil, r.damaged(err)
		}
		if err := parseVariant(strings.TrimSuffix(line, "\n"), &b.Variants[j], &b.Tallies[j], r.Version); err != nil {
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

func Compress(text []byte) ([]byte, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	defer encoder.Close()
	return encoder.EncodeAll(text, nil), nil
}
