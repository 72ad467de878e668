package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/zeebo/xxh3"

	"genoveil/benchmarks/internal/process"
	"genoveil/genomics"
	"genoveil/genomics/bed"
	"genoveil/genomics/bgen"
	"genoveil/genomics/pgen"
	"genoveil/genomics/vcf"
)

// rows are what was read of a file.
type rows struct {
	Variants int
	Hash     string // of positions, alleles and genotypes
	Sum      int64  // of dosages, in thousandths
}

func readRows(path string) (r rows, err error) {
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	return r, err
}

// readFile reads all rows of a file, and writes what they are to out, if that is given.
func readFile(reader, path, out string) error {
	if out == "" {
		return read(reader, path, func(*genomics.Variant, genomics.Row, genomics.DosageRow) {})
	}
	var r rows
	h := xxh3.New()
	var text []byte
	err := read(reader, path, func(v *genomics.Variant, calls genomics.Row, dosages genomics.DosageRow) {
		r.Variants++
		text = append(fmt.Appendf(text[:0], "%d %s %s\n", v.Pos, v.Ref, v.Alt), calls...)
		for _, d := range dosages {
			text = binary.LittleEndian.AppendUint16(text, d)
		}
		h.Write(text)
		r.Sum += dosages.Count().Sum
	})
	if err != nil {
		return err
	}
	r.Hash = fmt.Sprintf("%x", h.Sum128().Bytes())
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return os.WriteFile(out, line, 0o644)
}

func read(reader, path string, visit func(*genomics.Variant, genomics.Row, genomics.DosageRow)) (err error) {
	sample := strings.TrimSuffix(path, ".bgen") + ".sample"
	var calls genomics.Source
	var dosages genomics.DosageSource
	switch reader {
	case "vcf":
		calls, err = vcf.Open(path, nil)
	case "vcf-ds":
		dosages, err = vcf.OpenDosages(path, nil, "DS")
	case "bed":
		calls, err = bed.Open(path)
	case "pgen":
		calls, err = pgen.Open(path)
	case "pgen-ds":
		dosages, err = pgen.OpenDosages(path)
	case "bgen":
		calls, err = bgen.Open(path, sample, bgen.RefFirst)
	case "bgen-ds":
		dosages, err = bgen.OpenDosages(path, sample, bgen.RefFirst)
	default:
		err = fmt.Errorf("there is no reader %q", reader)
	}
	if err != nil {
		return err
	}
	var v genomics.Variant
	if calls != nil {
		defer calls.Close()
		row := make(genomics.Row, genomics.RowLen(len(calls.Samples())))
		for err = calls.Next(&v, row); err == nil; err = calls.Next(&v, row) {
			visit(&v, row, nil)
		}
	} else {
		defer dosages.Close()
		row := make(genomics.DosageRow, len(dosages.Samples()))
		for err = dosages.NextDosages(&v, row); err == nil; err = dosages.NextDosages(&v, row) {
			visit(&v, nil, row)
		}
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// sameRows demands that all formats have the same rows. Eight bits do not hold dosages: each
// is within 1/255 then, and so is their mean.
func (b *bench) sameRows() error {
	var first [2]*format
	for _, f := range b.formats {
		out := b.path(f.reader + ".rows")
		if _, err := process.Run(b.ctx, 0, b.self, "-read", f.reader, b.path(f.file), out); err != nil {
			return err
		}
		var err error
		if f.rows, err = readRows(out); err != nil {
			return err
		}
		kind := 0
		if f.dosages {
			kind = 1
		}
		if first[kind] == nil {
			first[kind] = f
		}
		one := first[kind]
		switch {
		case f.rows.Variants != one.rows.Variants || f.rows.Variants == 0:
			return fmt.Errorf("%s has %d variants, %s has %d", f.name, f.rows.Variants, one.name, one.rows.Variants)
		case f.rounded && math.Abs(float64(f.rows.Sum-one.rows.Sum))/b.genotypes > 1000.0/255:
			return fmt.Errorf("dosages of %s and %s differ on average", f.name, one.name)
		case !f.rounded && f.rows != one.rows:
			return fmt.Errorf("rows of %s and %s differ: %v, %v", f.name, one.name, f.rows, one.rows)
		}
	}
	return nil
}
