package vcf

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"genoveil/genomics"
)

// A variantRow is one variant with its genotypes spelled out.
type variantRow struct {
	genomics.Variant
	Genotypes string // one of "012." per sample, or dosages with a blank before each
}

// A content is all that a source yields.
type content struct {
	Samples  []string
	Variants []variantRow
	Skipped  map[string]int
}

// readSlowly is the reader's slow twin: it holds the whole text and splits it.
func readSlowly(text string) (content, error) {
	return slowFile(text, []string{"GT"}, noGT, func(values map[string]string) (string, error) {
		g, err := slowCall(values["GT"])
		return string(g), err
	})
}

// slowFile reads a text in which every record has at least one of the keys; if
// not, it is skipped for the given reason. Spell spells a sample out.
func slowFile(text string, keys []string, without string, spell func(map[string]string) (string, error)) (content, error) {
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
			err = c.slowRecord(columns, keys, without, spell)
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

func (c *content) slowRecord(columns, wanted []string, without string, spell func(map[string]string) (string, error)) error {
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
	case !slices.ContainsFunc(keys, func(key string) bool { return slices.Contains(wanted, key) }):
		skip = without
	}
	if skip != "" {
		c.Skipped[skip]++
		return nil
	}
	if slices.Index(keys, "GT") > 0 {
		return fmt.Errorf("GT is not first")
	}
	for _, allele := range []string{v.Ref, v.Alt} {
		if allele == "" || strings.Trim(allele, "ACGTNacgtn") != "" {
			return fmt.Errorf("bad allele")
		}
	}
	var genotypes strings.Builder
	for _, column := range columns[9:] {
		values := map[string]string{}
		for i, value := range strings.Split(column, ":") {
			if i < len(keys) && slices.Index(keys, keys[i]) == i {
				values[keys[i]] = value
			}
		}
		spelled, err := spell(values)
		if err != nil {
			return err
		}
		genotypes.WriteString(spelled)
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

// readDosagesSlowly is the twin of a DosageReader of DS or GP.
func readDosagesSlowly(text, field string) (content, error) {
	return slowFile(text, []string{field, "GT"}, "neither "+field+" nor GT in FORMAT", func(values map[string]string) (string, error) {
		call, haploid := byte('.'), false
		if gt, ok := values["GT"]; ok {
			var err error
			if call, err = slowCall(gt); err != nil {
				return "", err
			}
			haploid = !strings.ContainsAny(gt, "/|")
		}
		value, ok := values[field]
		if !ok || missingValue.MatchString(value) {
			return map[byte]string{'0': " 0", '1': " 1000", '2': " 2000", '.': " ."}[call], nil
		}
		if field == "DS" {
			return slowDS(value, haploid)
		}
		return slowGP(value, haploid)
	})
}

func slowDS(value string, haploid bool) (string, error) {
	x, err := slowNumber(value)
	if err != nil {
		return "", err
	}
	x.Mul(x, big.NewRat(1000, 1))
	if haploid {
		x.Add(x, x)
	}
	d := nearest(x)
	if d.Sign() < 0 || d.Cmp(big.NewInt(2000)) > 0 {
		return "", fmt.Errorf("out of range")
	}
	return " " + d.String(), nil
}

func slowGP(value string, haploid bool) (string, error) {
	texts := strings.Split(value, ",")
	ploidy := 2
	if haploid {
		ploidy = 1
	}
	if len(texts) != ploidy+1 {
		return "", fmt.Errorf("%d probabilities", len(texts))
	}
	billion := big.NewRat(1e9, 1)
	sum, alleles := new(big.Rat), new(big.Rat)
	for i, text := range texts {
		p, err := slowNumber(text)
		if err != nil {
			return "", err
		}
		p.SetInt(nearest(p.Mul(p, billion)))
		if p.Sign() < 0 || p.Cmp(billion) > 0 {
			return "", fmt.Errorf("not a probability")
		}
		sum.Add(sum, p)
		alleles.Add(alleles, p.Mul(p, big.NewRat(int64(i), 1)))
	}
	if sum.Sign() == 0 {
		return " .", nil
	}
	if off := new(big.Rat).Sub(sum, billion); off.Abs(off).Cmp(big.NewRat(1e8, 1)) > 0 {
		return "", fmt.Errorf("sum is not 1")
	}
	alleles.Quo(alleles, sum)
	return " " + nearest(alleles.Mul(alleles, big.NewRat(int64(2000/ploidy), 1))).String(), nil
}

var missingValue = regexp.MustCompile(`^\.(,\.)*$`)

var number = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$`)

func slowNumber(text string) (*big.Rat, error) {
	x := new(big.Rat)
	if !number.MatchString(text) {
		return nil, fmt.Errorf("%q is not a number", text)
	}
	if _, ok := x.SetString(text); !ok {
		return nil, fmt.Errorf("%q is not a number to math/big", text)
	}
	return x, nil
}

// nearest is the whole number nearest to x, of two the one farther from zero.
func nearest(x *big.Rat) *big.Int {
	half := big.NewRat(int64(x.Sign()), 2)
	half.Add(x, half)
	return new(big.Int).Quo(half.Num(), half.Denom()) // Quo truncates
}
