package vcf

import (
	"fmt"
	"strconv"
	"strings"

	"genoveil/genomics"
)

// A variantRow is one variant with its genotypes spelled out.
type variantRow struct {
	genomics.Variant
	Genotypes string // one of "012." per sample
}

// A content is all that a source yields.
type content struct {
	Samples  []string
	Variants []variantRow
	Skipped  map[string]int
}

// readSlowly is the reader's slow twin: it holds the whole text and splits it.
func readSlowly(text string) (content, error) {
	c := content{Skipped: map[string]int{}}
	all := strings.Split(text, "\n")
	if all[len(all)-1] == "" {
		all = all[:len(all)-1]
	}
	for i, line := range all {
		columns := strings.Split(strings.TrimSuffix(line, "\r"), "\t")
		var err error
		switch {
		case c.Samples == nil && strings.HasPrefix(line, "##"):
		case c.Samples == nil:
			c.Samples, err = slowHeader(columns)
		default:
			err = c.slowRecord(columns)
		}
		if err != nil {
			return c, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	if c.Samples == nil {
		return c, fmt.Errorf("no header")
	}
	return c, nil
}

func slowHeader(columns []string) ([]string, error) {
	const fixed = "#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT "
	if len(columns) < 10 || strings.Join(columns[:9], " ")+" " != fixed {
		return nil, fmt.Errorf("bad header")
	}
	seen := map[string]bool{"": true}
	for _, name := range columns[9:] {
		if seen[name] {
			return nil, fmt.Errorf("sample %q twice", name)
		}
		seen[name] = true
	}
	return columns[9:], nil
}

func (c *content) slowRecord(columns []string) error {
	if len(columns) != 9+len(c.Samples) {
		return fmt.Errorf("wrong number of columns")
	}
	pos, err := strconv.ParseUint(columns[1], 10, 31)
	if err != nil || len(columns[1]) > 10 {
		return fmt.Errorf("bad POS")
	}
	v := genomics.Variant{Chrom: columns[0], Pos: int(pos), ID: columns[2], Ref: columns[3], Alt: columns[4]}
	if v.Chrom == "" || v.Chrom[0] == '#' || v.ID == "" {
		return fmt.Errorf("bad CHROM or ID")
	}
	keys := strings.Split(columns[8], ":")
	place := -1
	for i := len(keys) - 1; i >= 0; i-- {
		if keys[i] == "GT" {
			place = i
		}
	}
	skip := ""
	switch {
	case strings.Contains(v.Alt, ","):
		skip = multiAllelic
	case v.Alt == ".":
		skip = noAlt
	case v.Alt == "*":
		skip = spanningDeletion
	case strings.ContainsAny(v.Alt, "<[]."):
		skip = symbolicAlt
	case place < 0:
		skip = noGT
	}
	if skip != "" {
		c.Skipped[skip]++
		return nil
	}
	if place > 0 {
		return fmt.Errorf("GT is not first")
	}
	for _, allele := range []string{v.Ref, v.Alt} {
		if allele == "" || strings.Trim(allele, "ACGTNacgtn") != "" {
			return fmt.Errorf("bad allele")
		}
	}
	var genotypes strings.Builder
	for _, column := range columns[9:] {
		g, err := slowCall(strings.Split(column, ":")[0])
		if err != nil {
			return err
		}
		genotypes.WriteByte(g)
	}
	c.Variants = append(c.Variants, variantRow{v, genotypes.String()})
	return nil
}

func slowCall(call string) (byte, error) {
	alleles := strings.Split(strings.ReplaceAll(call, "|", "/"), "/")
	if len(alleles) > 2 {
		return 0, fmt.Errorf("ploidy")
	}
	sum, missing := 0, false
	for _, a := range alleles {
		digits := strings.TrimLeft(a, "0")
		switch {
		case a == ".":
			missing = true
		case a == "" || digits != "" && digits != "1":
			return 0, fmt.Errorf("bad allele index")
		case digits == "1":
			sum++
		}
	}
	if missing {
		return '.', nil
	}
	return "012"[sum*2/len(alleles)], nil
}
