package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"strconv"

	"github.com/klauspost/compress/gzip"

	"genoveil/genomics/chrom"
	"genoveil/genomics/meta"
	"genoveil/genomics/pvalue"
)

const (
	cohortSize  = 20_000
	chromosomes = 22
	blockLen    = 1000 // variants that lie together on both builds
	inverted    = 40   // of so many blocks one is the other way round on GRCh37
)

var alleles = [][2]string{{"A", "C"}, {"A", "G"}, {"A", "G"}, {"C", "T"}, {"C", "T"}, {"G", "T"}, {"C", "A"}, {"G", "A"}, {"T", "C"}, {"A", "T"}, {"G", "C"}, {"A", "AT"}, {"GTC", "G"}}

// variants calls each for the variants of a list, which are the same for the same number. They
// are in the order of GRCh38. Most have the same order on GRCh37.
func variants(n int, each func(v *meta.Variant, r *rand.Rand) error) error {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	v := &meta.Variant{}
	per := (n + chromosomes - 1) / chromosomes
	var block [blockLen]int
	invert := false
	for i := range n {
		if k := i % per; k == 0 {
			v.Chrom, block[0] = chrom.Key(strconv.Itoa(1+i/per)), 10_000
		}
		k := i % per % blockLen
		if k == 0 { // positions of the block that begins
			invert = r.IntN(inverted) == 0
			at := block[blockLen-1]
			if i%per == 0 {
				at = block[0]
			}
			for j := range block {
				at += 1 + r.IntN(400)
				block[j] = at
			}
		}
		v.Pos38 = block[k]
		v.Pos37 = v.Pos38 + 5000
		if invert {
			v.Pos37 = block[0] + block[blockLen-1] - v.Pos38 + 5000
		}
		a := alleles[r.IntN(len(alleles))]
		v.Ref, v.Alt = a[0], a[1]
		v.ID = "rs" + strconv.Itoa(100_000_000+7*i)
		v.AF = 0.005 * math.Pow(100, r.Float64())
		if err := each(v, r); err != nil {
			return err
		}
	}
	return nil
}

// compressed writes a file through gzip.
func compressed(path string, write func(w io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	z, err := gzip.NewWriterLevel(f, gzip.BestSpeed)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(z, 1<<16)
	err = write(w)
	return errors.Join(err, w.Flush(), z.Close(), f.Close())
}

func writeList(path string, n int) error {
	return compressed(path, func(w io.Writer) error {
		l, err := meta.NewListWriter(w, []string{"all"})
		if err != nil {
			return err
		}
		err = variants(n, func(v *meta.Variant, _ *rand.Rand) error { return l.Write(*v, []float64{v.AF}) })
		return errors.Join(err, l.Flush())
	})
}

// writeTable writes a site's table as REGENIE does. A site lacks one variant of twenty, and
// has some with REF as the effect allele.
func writeTable(path string, n, site int) error {
	own := rand.New(rand.NewPCG(2, uint64(site)))
	size := float64(cohortSize)
	return compressed(path, func(w io.Writer) error {
		if _, err := io.WriteString(w, "CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ INFO N TEST BETA SE CHISQ LOG10P EXTRA\n"); err != nil {
			return err
		}
		var line []byte
		number := func(x float64) { line = strconv.AppendFloat(append(line, ' '), x, 'g', 6, 64) }
		return variants(n, func(v *meta.Variant, _ *rand.Rand) error {
			if own.IntN(20) == 0 {
				return nil
			}
			f := v.AF * (1 + 0.05*own.NormFloat64())
			se := 1 / math.Sqrt(2*f*(1-f)*size)
			z := own.NormFloat64()
			if v.Pos38%100 == 0 { // of effect at all sites
				z += 3
			}
			ref, alt := v.Ref, v.Alt
			if own.IntN(4) == 0 {
				ref, alt, f, z = alt, ref, 1-f, -z
			}
			line = append(append(append(line[:0], v.Chrom...), ' '), strconv.Itoa(v.Pos38)...)
			for _, text := range [...]string{v.ID, ref, alt} {
				line = append(append(line, ' '), text...)
			}
			number(f)
			number(0.9)
			line = append(strconv.AppendInt(append(line, ' '), cohortSize, 10), " ADD"...)
			number(z * se)
			number(se)
			number(z * z)
			number(pvalue.Normal(z))
			_, err := w.Write(append(line, " NA\n"...))
			return err
		})
	})
}

// writeRows writes the individuals of a site for a fit, with columns and a case status that
// depends on them.
func writeRows(path string, rows, columns, site int) error {
	r := rand.New(rand.NewPCG(3, uint64(site)))
	text := []byte("ID")
	for k := range columns {
		text = fmt.Appendf(text, "\tx%d", k+1)
	}
	text = append(text, "\ty\n"...)
	for i := range rows {
		text = fmt.Appendf(text, "S%d", i)
		sum := -0.5
		for k := range columns {
			x := r.NormFloat64()
			sum += x * 0.3 / float64(k+1)
			text = fmt.Appendf(text, "\t%.5f", x)
		}
		y := 0
		if r.Float64() < 1/(1+math.Exp(-sum)) {
			y = 1
		}
		text = fmt.Appendf(text, "\t%d\n", y)
	}
	return os.WriteFile(path, text, 0o600)
}
