package rowtest

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"genoveil/genomics"
	"genoveil/genomics/text"
)

// PLINK returns what stands in a VCF that PLINK 2 wrote with --export vcf
// vcf-dosage=DS-force: genotypes, and dosages in parts of 1/16384, of which it writes as
// many decimals as tell them apart. A missing dosage is -1. Those of haploid calls are
// doubled.
func PLINK(path string) ([]Row, [][]int, error) {
	lines, err := text.Open(path, 1<<20, "a VCF file")
	if err != nil {
		return nil, nil, err
	}
	defer lines.Close()
	var rows []Row
	var dosages [][]int
	for {
		line, err := lines.Next()
		if err == io.EOF {
			return rows, dosages, nil
		}
		if err != nil {
			return nil, nil, err
		}
		if line[0] == '#' {
			continue
		}
		fields := strings.Split(string(line), "\t")
		row := Row{Variant: genomics.Variant{Chrom: fields[0], ID: fields[2], Ref: fields[3], Alt: fields[4]}}
		if row.Pos, err = strconv.Atoi(fields[1]); err != nil {
			return nil, nil, lines.Errorf("%w", err)
		}
		var of []int
		for _, column := range fields[9:] {
			gt, ds, _ := strings.Cut(column, ":")
			g, ok := genotypes[strings.ReplaceAll(gt, "|", "/")]
			if !ok {
				return nil, nil, lines.Errorf("%q", column)
			}
			row.Genotypes += g
			if ds == "." {
				of = append(of, -1)
				continue
			}
			d, err := strconv.ParseFloat(ds, 64)
			if err != nil {
				return nil, nil, lines.Errorf("%q: %w", column, err)
			}
			if !strings.ContainsAny(gt, "|/") {
				d *= 2
			}
			of = append(of, int(math.Round(d*16384)))
		}
		if len(of) == 0 {
			return nil, nil, fmt.Errorf("%s has no samples", path)
		}
		rows, dosages = append(rows, row), append(dosages, of)
	}
}

var genotypes = map[string]string{"0/0": "0", "0/1": "1", "1/0": "1", "1/1": "2", "./.": ".", "0": "0", "1": "2", ".": "."}
