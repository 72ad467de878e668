package vcf

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// fixedColumns are the columns before the samples.
var fixedColumns = []string{"#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"}

// readHeader reads the header up to and with the #CHROM line.
func (r *records) readHeader() error {
	for {
		line, err := r.nextLine()
		switch {
		case err == io.EOF:
			return fmt.Errorf("%s: no #CHROM line before the end; is it a VCF file?", r.name)
		case err != nil:
			return err
		case bytes.HasPrefix(line, []byte("##")):
			continue
		case bytes.HasPrefix(line, []byte("#CHROM")):
			return r.readColumnNames(string(line))
		case r.lines.number == 1 && bytes.HasPrefix(line, []byte("BCF\x02")):
			return fmt.Errorf("%s is a BCF file; convert it with bcftools view -Oz -o FILE.vcf.gz", r.name)
		case r.lines.number == 1 && !bytes.HasPrefix(line, []byte("#")):
			return fmt.Errorf("%s does not begin with a VCF header", r.name)
		default:
			return r.errorf("expected a ## line or the #CHROM line")
		}
	}
}

func (r *records) readColumnNames(line string) error {
	columns := strings.Split(line, "\t")
	for i, want := range fixedColumns {
		if i == len(columns) {
			break
		}
		if columns[i] != want {
			return r.errorf("column %d of the header is %q instead of %s (columns are separated by one tab)", i+1, columns[i], want)
		}
	}
	if len(columns) <= len(fixedColumns) {
		return r.errorf("the file has no genotype columns")
	}
	r.samples = columns[len(fixedColumns):]
	column := make(map[string]int, len(r.samples))
	for i, name := range r.samples {
		here := len(fixedColumns) + i + 1
		if name == "" {
			return r.errorf("column %d has no sample name", here)
		}
		if first, ok := column[name]; ok {
			return r.errorf("sample %q stands in column %d and again in column %d; give every sample its own name (bcftools reheader)", name, first, here)
		}
		column[name] = here
	}
	return nil
}
