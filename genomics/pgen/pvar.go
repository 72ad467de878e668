package pgen

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"genoveil/genomics"
	"genoveil/genomics/ahead"
	"genoveil/genomics/text"
)

// A pvar reads a file of variants: .pvar, which is a VCF without genotypes, or .bim.
type pvar struct {
	*text.Lines
	columns
	chrom, pos, id, ref, alt int // places of the columns
	most                     int // columns to be looked at
	info                     int // place of INFO, 0 where it is not there
	declared                 genomics.QualityHeader
	quality                  string // key of INFO that Variant.Quality is read from, or ""
	first                    []byte // a line that is read already, where there is no header
	last                     string // chromosome, so that its string is made once
	number                   int    // of the variant read last, from 1
	oddPos                   bool   // its position is no number of VCF
}

const kindOfPvar = "a .pvar file"

func openPvar(path string) (*pvar, error) {
	lines, err := text.Open(path, genomics.MaxLine, kindOfPvar)
	if err != nil {
		return nil, err
	}
	p, err := newPvar(lines)
	if err != nil {
		lines.Close()
		return nil, err
	}
	return p, nil
}

func newPvar(lines *text.Lines) (*pvar, error) {
	p := &pvar{Lines: lines}
	return p, p.readHeader()
}

// readHeader reads the lines that begin with # up to that with the columns' names.
func (p *pvar) readHeader() error {
	for {
		line, err := p.Next()
		switch {
		case err == io.EOF && p.Number() == 0:
			return fmt.Errorf("%s is empty", p.Name())
		case err == io.EOF:
			return fmt.Errorf("%s: no #CHROM line before the end; is it %s?", p.Name(), kindOfPvar)
		case err != nil:
			return err
		case bytes.HasPrefix(line, []byte("#CHROM")):
			return p.readNames(line)
		case bytes.HasPrefix(line, []byte("#")):
			p.declared.Read(line)
			continue
		case p.Number() > 1:
			return p.Errorf("no #CHROM line comes before this line; add it")
		}
		// Without a header the columns are those of a .bim file.
		switch n := p.cut(line, 6); n {
		case 6: // CHROM ID CM POS ALT REF
			p.chrom, p.id, p.pos, p.alt, p.ref, p.most = 0, 1, 3, 4, 5, 6
		case 5: // CHROM ID POS ALT REF
			p.chrom, p.id, p.pos, p.alt, p.ref, p.most = 0, 1, 2, 3, 4, 5
		default:
			return p.Errorf("%d columns; a file without a #CHROM line has 5 or 6", n)
		}
		p.first = slices.Clone(line)
		return nil
	}
}

// readNames reads the line with the columns' names.
func (p *pvar) readNames(line []byte) error {
	p.cut(line, math.MaxInt)
	places := map[string]int{}
	for i, name := range p.fields {
		if string(name) == "FORMAT" { // of a VCF, with the samples behind it
			break
		}
		if _, ok := places[string(name)]; ok {
			return p.Errorf("column %s is there twice; keep one of them", name)
		}
		places[string(name)] = i
	}
	for _, want := range []struct {
		name  string
		place *int
	}{{"#CHROM", &p.chrom}, {"POS", &p.pos}, {"ID", &p.id}, {"REF", &p.ref}, {"ALT", &p.alt}} {
		place, ok := places[want.name]
		if !ok {
			return p.Errorf("column %s is missing", want.name)
		}
		*want.place = place
		p.most = max(p.most, place+1)
	}
	p.info = places["INFO"]
	return nil
}

// nextVariant reads the next variant into v, and how many ALT alleles it has.
func (p *pvar) nextVariant(v *genomics.Variant) (alts int, err error) {
	line := p.first
	if line == nil {
		if line, err = p.NextRow(); err != nil {
			return 0, err
		}
	}
	p.first = nil
	if n := p.cut(line, p.most); n < p.most {
		return 0, p.Errorf("%d columns instead of %d", n, p.most)
	}
	if line[0] == '#' {
		return 0, p.Errorf("a header line among the variants; delete it")
	}
	pos, err := strconv.Atoi(string(p.fields[p.pos]))
	p.oddPos = err != nil || pos > math.MaxInt32
	if string(p.fields[p.chrom]) != p.last {
		p.last = string(p.fields[p.chrom])
	}
	p.number++
	*v = genomics.Variant{Chrom: p.last, Pos: pos, ID: string(p.fields[p.id]), Ref: string(p.fields[p.ref]), Alt: string(p.fields[p.alt])}
	if p.quality != "" {
		v.Quality = genomics.QualityOf(p.fields[p.info], p.quality)
	}
	// PLINK writes unknown alleles as 0 or a dot.
	if v.Alt == "0" {
		v.Alt = "."
	}
	if v.Ref == "0" || v.Ref == "." {
		v.Ref = "N"
	}
	return 1 + strings.Count(v.Alt, ","), nil
}

// readQuality has variants' imputation quality read from the first of some keys of INFO
// that the header declares, and returns that.
func (p *pvar) readQuality(keys []string) (key string, err error) {
	if p.info == 0 {
		return "", fmt.Errorf("%s has no column INFO", p.Name())
	}
	if p.quality, err = p.declared.Choose(p.Name(), keys); err == nil {
		p.most = max(p.most, p.info+1)
	}
	return p.quality, err
}

// skip says why the variant read last is passed over, if it is.
func (p *pvar) skip(v *genomics.Variant) ahead.Skip {
	odd := func(reason, format string, args ...any) ahead.Skip {
		return ahead.Skip{Reason: reason, Detail: fmt.Sprintf("line %d: ", p.Number()) + fmt.Sprintf(format, args...)}
	}
	switch {
	case p.oddPos:
		return odd(genomics.OddPlace, "POS %.20q is not a whole number from 0 to %d", p.fields[p.pos], math.MaxInt32)
	case v.Pos < 0:
		return ahead.Skip{Reason: negativePos}
	}
	if reason := genomics.SkipAlt(v.Alt); reason != "" {
		return ahead.Skip{Reason: reason}
	}
	for _, allele := range []string{v.Ref, v.Alt} {
		if !genomics.IsSequence(allele) {
			return odd(genomics.OddAlleles, "%.20q", allele)
		}
	}
	return ahead.Skip{}
}

// countVariants reads a file of variants to its end, to find errors before any work is
// done; no further than one more than the most.
func countVariants(path string, most int) (int, error) {
	p, err := openPvar(path)
	if err != nil {
		return 0, err
	}
	defer p.Close()
	var v genomics.Variant
	for p.number <= most {
		if _, err := p.nextVariant(&v); err == io.EOF {
			break
		} else if err != nil {
			return 0, err
		}
	}
	return p.number, nil
}
