package rowtest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"

	"genoveil/genomics"
)

// BED returns the files of a PLINK 1 fileset with the rows' calls, which are those of whole
// dosages, and missing elsewhere.
func BED(samples []string, rows []Row) (bed, bim, fam string) {
	var out strings.Builder
	out.WriteString("\x6c\x1b\x01")
	var lines strings.Builder
	for _, r := range rows {
		row := make(genomics.Row, genomics.RowLen(len(samples)))
		for i, d := range r.Dosages {
			code := byte(1)
			switch d {
			case 0:
				code = 3
			case genomics.MaxDosage / 2:
				code = 2
			case genomics.MaxDosage:
				code = 0
			}
			row.Set(i, code)
		}
		out.Write(row)
		fmt.Fprintf(&lines, "%s\t%s\t0\t%d\t%s\t%s\n", r.Chrom, r.ID, r.Pos, r.Alt, r.Ref)
	}
	for _, name := range samples {
		fam += "f " + name + " 0 0 0 -9\n"
	}
	return out.String(), lines.String(), fam
}

// PGEN returns the files of a PLINK 2 fileset with the rows' dosages. Calls are those of
// whole dosages, and missing elsewhere.
func PGEN(samples []string, rows []Row) (pgen, pvar, psam string) {
	var out bytes.Buffer
	out.WriteString("\x6c\x1b\x03")
	out.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(rows))))
	out.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(samples))))
	out.WriteByte(0x40)
	var lines strings.Builder
	lines.WriteString("#CHROM\tPOS\tID\tREF\tALT\n")
	for _, r := range rows {
		fmt.Fprintf(&lines, "%s\t%d\t%s\t%s\t%s\n", r.Chrom, r.Pos, r.ID, r.Ref, r.Alt)
		calls := make(genomics.Row, genomics.RowLen(len(samples)))
		var steps []byte
		for i, d := range r.Dosages {
			call, step := genomics.Missing, uint16(0xffff)
			if d != genomics.MissingDosage {
				step = uint16((uint32(d)*16384 + 500) / 1000)
				if d%1000 == 0 {
					call = genomics.Genotype(d / 1000)
				}
			}
			calls.Set(i, call)
			steps = binary.LittleEndian.AppendUint16(steps, step)
		}
		out.Write(calls)
		out.Write(steps)
	}
	return out.String(), lines.String(), "#IID\n" + strings.Join(samples, "\n") + "\n"
}

// BGEN returns a BGEN file with the rows' dosages, in probabilities of 16 bits, and its
// .sample file.
func BGEN(samples []string, rows []Row) (bgen, sample string) {
	var out bytes.Buffer
	put16 := func(n int) { out.Write(binary.LittleEndian.AppendUint16(nil, uint16(n))) }
	put32 := func(n int) { out.Write(binary.LittleEndian.AppendUint32(nil, uint32(n))) }
	put32(20)
	put32(20)
	put32(len(rows))
	put32(len(samples))
	out.WriteString("bgen")
	put32(2 << 2)
	for _, r := range rows {
		for _, text := range []string{"", r.ID, r.Chrom} {
			put16(len(text))
			out.WriteString(text)
		}
		put32(r.Pos)
		alleles := append([]string{r.Ref}, strings.Split(r.Alt, ",")...)
		put16(len(alleles))
		for _, allele := range alleles {
			put32(len(allele))
			out.WriteString(allele)
		}
		put32(10 + 5*len(samples))
		put32(len(samples))
		put16(2)
		out.WriteString("\x02\x02")
		for _, d := range r.Dosages {
			ploidy := byte(2)
			if d == genomics.MissingDosage {
				ploidy |= 0x80
			}
			out.WriteByte(ploidy)
		}
		out.WriteString("\x00\x10")
		for _, d := range r.Dosages {
			alt := (65535*int(min(d, genomics.MaxDosage)) + 500) / 1000
			homRef := max(0, 65535-alt)
			put16(homRef)
			put16(2*65535 - 2*homRef - alt)
		}
	}
	sample = "ID_1 ID_2 missing\n0 0 0\n"
	for _, name := range samples {
		sample += "f " + name + " 0\n"
	}
	return out.String(), sample
}
