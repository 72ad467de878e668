package vcf

import (
	"errors"
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
	Noted    map[string]int
}

// A slowFormat says how records are read.
type slowFormat struct {
	keys    []string // at least one of which a record has; if not, it is skipped
	without string   // for this reason
	field   []string // of dosages: a record has one of these, or calls stand for them
	note    string   // which is noted, by this reason

	// spell spells a sample out, and notes what is odd.
	spell func(keys []string, values map[string]string, noted map[string]int) (string, error)
}

// readSlowly is the reader's slow twin: it holds the whole text and splits it.
func readSlowly(text string) (content, error) {
	return slowFile(text, slowFormat{keys: []string{"GT"}, without: noGT, spell: func(_ []string, values map[string]string, noted map[string]int) (string, error) {
		g, err := slowCall(values["GT"], noted)
		return string(g), err
	}})
}

// errHalf ends the reading. Other errors of a call skip its record, for the reason that
// they are.
var errHalf = errors.New("half-call")

func slowFile(text string, f slowFormat) (content, error) {
	c := content{Skipped: map[string]int{}, Noted: map[string]int{}}
	all := strings.Split(text, "\n")
	open := all[len(all)-1] != ""
	named := false // the field, in the header
	if all[len(all)-1] == "" {
		all = all[:len(all)-1]
	}
	for i, line := range all {
		columns := strings.Split(strings.TrimSuffix(line, "\r"), "\t")
		var err error
		switch {
		case c.Samples == nil && strings.HasPrefix(line, "##"):
			for _, field := range f.field[:min(1, len(f.field))] {
				named = named || regexp.MustCompile("^##FORMAT=<ID="+field+"(,|$)").MatchString(line)
			}
		case c.Samples == nil:
			c.Samples, err = slowHeader(columns)
		default:
			bad := c.Skipped[oddCall]
			err = c.slowRecord(columns, f, named)
			if last := open && i == len(all)-1; last && c.Skipped[oddCall] > bad {
				err = fmt.Errorf("cut call")
			} else if last && err == nil {
				c.Noted[noLineEnd]++
			}
		}
		if err != nil {
			return c, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	if c.Samples == nil {
		return c, fmt.Errorf("no header")
	}
	if n := len(c.Variants); f.field != nil && n > 0 && c.Noted[f.note] == n {
		return c, fmt.Errorf("no dosages")
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
		if seen[name] || strings.Contains(name, " ") {
			return nil, fmt.Errorf("sample %q twice, or with a blank", name)
		}
		seen[name] = true
	}
	return columns[9:], nil
}

func (c *content) slowRecord(columns []string, f slowFormat, named bool) error {
	noted := map[string]int{}
	if strings.HasPrefix(columns[0], "#") {
		return fmt.Errorf("header")
	}
	if n := len(columns); n == 10+len(c.Samples) && columns[n-1] == "" {
		columns = columns[:n-1]
		noted[extraTab]++
	}
	if len(columns) != 9+len(c.Samples) {
		return fmt.Errorf("wrong number of columns")
	}
	pos, errPos := strconv.ParseUint(columns[1], 10, 31)
	v := genomics.Variant{Chrom: columns[0], Pos: int(pos), ID: columns[2], Ref: columns[3], Alt: columns[4]}
	keys := strings.Split(columns[8], ":")
	isOdd := func(allele string) bool { return allele == "" || strings.Trim(allele, "ACGTNacgtn") != "" }
	skip := ""
	ambiguous := f.field != nil && !slices.Contains(keys, "GT") && slices.Contains(keys, "DS") && slices.Contains(f.field, "DS") &&
		regexp.MustCompile("(?i)^(chr)?(0?[XYM]|MT|2[346])$").MatchString(v.Chrom)
	if ambiguous && slices.Contains(f.field, "HDS") && slices.Contains(keys, "HDS") {
		ambiguous = false // where DS stands for a missing HDS, it is not read
		for i, key := range keys {
			keys[i] = strings.TrimPrefix(key, "DS")
		}
	}
	switch {
	case errPos != nil || len(columns[1]) > 10 || v.Chrom == "" || v.ID == "" || strings.Contains(v.Chrom+v.ID, " "):
		skip = genomics.OddPlace
	case strings.Contains(v.Alt, ","):
		skip = genomics.MultiAllelic
	case v.Alt == ".":
		skip = genomics.NoAlt
	case v.Alt == "*":
		skip = genomics.SpanningDeletion
	case strings.ContainsAny(v.Alt, "<[]."):
		skip = genomics.SymbolicAlt
	case slices.Index(keys, "GT") > 0:
		skip = lateGT
	case !anyOf(f.keys, keys):
		skip = f.without
	case ambiguous:
		skip = noScale
	case isOdd(v.Ref) || isOdd(v.Alt):
		skip = genomics.OddAlleles
	}
	var genotypes strings.Builder
	for _, column := range columns[9:] {
		if skip != "" {
			break
		}
		values := map[string]string{}
		for i, value := range strings.Split(column, ":") {
			if i < len(keys) && slices.Index(keys, keys[i]) == i {
				values[keys[i]] = value
			}
		}
		spelled, err := f.spell(keys, values, noted)
		if err == errHalf {
			return err
		}
		if err != nil {
			skip = err.Error()
		}
		genotypes.WriteString(spelled)
	}
	if skip != "" {
		c.Skipped[skip]++
		return nil
	}
	if f.field != nil && !anyOf(f.field, keys) {
		noted[f.note]++
		if !named && c.Noted[f.note] == len(c.Variants) {
			return fmt.Errorf("no dosages")
		}
	}
	for reason, n := range noted {
		c.Noted[reason] += n
	}
	c.Variants = append(c.Variants, variantRow{v, genotypes.String()})
	return nil
}

func anyOf(some, all []string) bool {
	return slices.ContainsFunc(some, func(s string) bool { return slices.Contains(all, s) })
}

func slowCall(call string, noted map[string]int) (byte, error) {
	alleles := strings.Split(strings.ReplaceAll(call, "|", "/"), "/")
	sum, missing := 0, 0
	for _, a := range alleles {
		digits := strings.TrimLeft(a, "0")
		switch {
		case a == ".":
			missing++
		case a == "" || digits != "" && digits != "1":
			return 0, errors.New(oddCall)
		case digits == "1":
			sum++
		}
	}
	switch {
	case missing == len(alleles):
		return '.', nil
	case len(alleles) > 2:
		noted[polyploid]++
		return '.', nil
	case missing > 0:
		return '.', errHalf
	}
	return "012"[sum*2/len(alleles)], nil
}

// readDosagesSlowly is the twin of a DosageReader.
func readDosagesSlowly(text, field string) (content, error) {
	fields := []string{field}
	if field == "HDS" {
		fields = append(fields, "DS")
	}
	return slowFile(text, slowFormat{
		keys: append([]string{"GT"}, fields...), without: "neither " + field + " nor GT in FORMAT", field: fields, note: noField(field),
		spell: func(keys []string, values map[string]string, noted map[string]int) (string, error) {
			call, haploid := byte('.'), false
			var errCall error
			if gt, ok := values["GT"]; ok {
				before := noted[polyploid]
				if call, errCall = slowCall(gt, noted); errCall != nil && errCall != errHalf {
					return "", errCall
				}
				if noted[polyploid] > before {
					return " .", nil
				}
				haploid = !strings.ContainsAny(gt, "/|")
			}
			for _, field := range fields {
				value, ok := values[field]
				if !ok || missingValue.MatchString(value) {
					continue
				}
				spelled, err := map[string]func(string, bool) (string, error){"DS": slowDS, "GP": slowGP, "HDS": slowHDS}[field](value, haploid)
				if err != nil {
					err = errors.New(oddDosage(fields[0]))
				}
				return spelled, err
			}
			if errCall == nil && call != '.' && anyOf(fields, keys) {
				noted[noValue(field)]++
			}
			return map[byte]string{'0': " 0", '1': " 1000", '2': " 2000", '.': " ."}[call], errCall
		},
	})
}

func slowHDS(value string, haploid bool) (string, error) {
	texts := strings.Split(value, ",")
	if len(texts) > 2 || haploid && len(texts) == 2 {
		return "", fmt.Errorf("%d haplotypes", len(texts))
	}
	billion := big.NewRat(1e9, 1)
	sum := new(big.Rat)
	for _, text := range texts {
		p, err := slowNumber(text)
		if err != nil {
			return "", err
		}
		p.SetInt(nearest(p.Mul(p, billion)))
		if p.Sign() < 0 || p.Cmp(billion) > 0 {
			return "", fmt.Errorf("not a dosage")
		}
		sum.Add(sum, p)
	}
	if len(texts) == 1 {
		sum.Add(sum, sum)
	}
	return " " + nearest(sum.Quo(sum, big.NewRat(1e6, 1))).String(), nil
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
