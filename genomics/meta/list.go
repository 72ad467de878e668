package meta

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"genoveil/genomics/chrom"
	"genoveil/genomics/text"
)

// A Build is a human genome assembly that positions refer to.
type Build int

const (
	GRCh37 Build = 37
	GRCh38 Build = 38
)

func (b Build) String() string { return "GRCh" + strconv.Itoa(int(b)) }

// A Variant is one of a study's list.
type Variant struct {
	ID    string
	Chrom chrom.Key
	Pos37 int // 0 where it has no place on this build
	Pos38 int
	Ref   string
	Alt   string
	AF    float64 // of ALT in the ancestry that was read; NaN where it is not known
}

// A List has the variants of a study, in a compact form.
type List struct {
	name   string
	texts  []byte   // ID, REF and ALT of each variant, with a tab after each
	starts []uint32 // of a variant's texts
	chroms []chrom.Key
	chrom  []uint8 // number in chroms
	pos37  []int32
	pos38  []int32
	af     []float64
}

const (
	listKind    = "a list of variants"
	maxListLine = 1 << 16
	maxVariants = 1 << 27 // 134 million; imputed studies have 10 to 40
	maxChroms   = 255
)

var listColumns = []string{"ID", "CHR", "POS37", "POS38", "REF", "ALT"}

// afPrefix stands before the name of an ancestry in the header.
const afPrefix = "AF_"

// OpenList reads a list: a table with the columns ID, CHR, POS37, POS38, REF, ALT and
// AF_ANCESTRY of one or several ancestries. A dot stands for a position or frequency that
// there is not. The frequency that is read is that of the named ancestry.
func OpenList(path, ancestry string) (*List, error) {
	lines, err := text.Open(path, maxListLine, listKind)
	if err != nil {
		return nil, err
	}
	defer lines.Close()
	return readList(lines, ancestry)
}

// ReadList reads a list as OpenList does; name stands for it in errors.
func ReadList(name string, data io.Reader, ancestry string) (*List, error) {
	return readList(text.NewLines(name, data, maxListLine, listKind), ancestry)
}

func readList(lines *text.Lines, ancestry string) (*List, error) {
	line, err := lines.Next()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: empty; %s begins with %s and %sANCESTRY", lines.Name(), listKind, strings.Join(listColumns, " "), afPrefix)
	}
	if err != nil {
		return nil, err
	}
	header := strings.Fields(string(line))
	if len(header) < len(listColumns) || !slices.Equal(header[:len(listColumns)], listColumns) {
		return nil, lines.Errorf("the columns of %s are %s and %sANCESTRY", listKind, strings.Join(listColumns, " "), afPrefix)
	}
	af := slices.Index(header, afPrefix+ancestry)
	if af < len(listColumns) {
		return nil, lines.Errorf("no column %s%s of the frequencies in this ancestry", afPrefix, ancestry)
	}
	l := &List{name: lines.Name()}
	numbers := chromNumbers{numbers: map[chrom.Key]uint8{}}
	var fields [][]byte
	for {
		line, err := lines.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		fields = fields[:0]
		for field := range bytes.FieldsSeq(line) {
			fields = append(fields, field)
		}
		if len(fields) == 0 {
			continue
		}
		if len(fields) != len(header) {
			return nil, lines.Errorf("%d columns, the header has %d", len(fields), len(header))
		}
		if len(l.starts) == maxVariants || len(l.texts) > math.MaxUint32-maxListLine {
			return nil, lines.Errorf("more variants than a list can have")
		}
		if err := l.add(lines, fields, fields[af], &numbers); err != nil {
			return nil, err
		}
	}
	if len(l.starts) == 0 {
		return nil, fmt.Errorf("%s: no variants", lines.Name())
	}
	return l, l.checkTwice()
}

// chromNumbers numbers chromosomes. Most variants are on that of the one before.
type chromNumbers struct {
	numbers map[chrom.Key]uint8
	name    []byte // of the last one
	number  uint8
}

// of is the number of a chromosome, by its name in a line.
func (c *chromNumbers) of(l *List, lines *text.Lines, name []byte) (uint8, error) {
	if bytes.Equal(name, c.name) {
		return c.number, nil
	}
	key := chrom.Parse(string(name)).Whole()
	number, ok := c.numbers[key]
	if !ok {
		if len(l.chroms) == maxChroms {
			return 0, lines.Errorf("more than %d chromosomes", maxChroms)
		}
		number = uint8(len(l.chroms))
		c.numbers[key] = number
		l.chroms = append(l.chroms, key)
	}
	c.name, c.number = append(c.name[:0], name...), number
	return number, nil
}

func (l *List) add(lines *text.Lines, fields [][]byte, af []byte, numbers *chromNumbers) error {
	number, err := numbers.of(l, lines, fields[1])
	if err != nil {
		return err
	}
	var pos [2]int
	for i := range pos {
		if field := string(fields[2+i]); field != "." {
			if pos[i], err = strconv.Atoi(field); err != nil || pos[i] < 1 || pos[i] > math.MaxInt32 {
				return lines.Errorf("the position %.40q is not a whole number of 1 or more, or a dot", field)
			}
		}
	}
	ref, alt := fields[4], fields[5]
	if !isBases(ref) || !isBases(alt) || bytes.Equal(ref, alt) {
		return lines.Errorf("REF and ALT are two different sequences of A, C, G and T, not %.40q and %.40q", ref, alt)
	}
	frequency := math.NaN()
	if string(af) != "." {
		if frequency, err = strconv.ParseFloat(string(af), 64); err != nil || !(frequency >= 0 && frequency <= 1) {
			return lines.Errorf("the frequency %.40q is not between 0 and 1, or a dot", af)
		}
	}
	l.starts = append(l.starts, uint32(len(l.texts)))
	for _, field := range [...][]byte{fields[0], ref, alt} {
		l.texts = append(append(l.texts, field...), '\t')
	}
	l.chrom = append(l.chrom, number)
	l.pos37, l.pos38 = append(l.pos37, int32(pos[0])), append(l.pos38, int32(pos[1]))
	l.af = append(l.af, frequency)
	return nil
}

func isBases(allele []byte) bool {
	for _, base := range allele {
		if base != 'A' && base != 'C' && base != 'G' && base != 'T' {
			return false
		}
	}
	return len(allele) > 0
}

// Len is the number of variants.
func (l *List) Len() int { return len(l.starts) }

// Variant returns a variant, by its number from 0.
func (l *List) Variant(i int) Variant {
	id, ref, alt := l.text(i)
	return Variant{
		ID: string(id), Chrom: l.chroms[l.chrom[i]], Pos37: int(l.pos37[i]), Pos38: int(l.pos38[i]),
		Ref: string(ref), Alt: string(alt), AF: l.af[i],
	}
}

// AF is the frequency of a variant's ALT.
func (l *List) AF(i int) float64 { return l.af[i] }

// text returns a variant's texts where they lie.
func (l *List) text(i int) (id, ref, alt []byte) {
	rest := l.texts[l.starts[i]:]
	id, rest, _ = bytes.Cut(rest, []byte{'\t'})
	ref, rest, _ = bytes.Cut(rest, []byte{'\t'})
	alt, _, _ = bytes.Cut(rest, []byte{'\t'})
	return id, ref, alt
}

func (l *List) positions(b Build) []int32 {
	if b == GRCh37 {
		return l.pos37
	}
	return l.pos38
}

// comparePlaces orders variants by their places on a build.
func (l *List) comparePlaces(pos []int32, i, j int32) int {
	return cmp.Or(cmp.Compare(l.chrom[i], l.chrom[j]), cmp.Compare(pos[i], pos[j]), cmp.Compare(i, j))
}

// byPlace returns the variants in the order of their places on a build.
func (l *List) byPlace(b Build) []int32 {
	pos := l.positions(b)
	order := l.numbers()
	slices.SortFunc(order, func(i, j int32) int { return l.comparePlaces(pos, i, j) })
	return order
}

// byID returns the variants in the order of their IDs.
func (l *List) byID() []int32 {
	order := l.numbers()
	slices.SortFunc(order, func(i, j int32) int {
		a, _, _ := l.text(int(i))
		b, _, _ := l.text(int(j))
		return cmp.Or(bytes.Compare(a, b), cmp.Compare(i, j))
	})
	return order
}

func (l *List) numbers() []int32 {
	all := make([]int32, l.Len())
	for i := range all {
		all[i] = int32(i)
	}
	return all
}

// at returns the part of order, one by place, that is at a position.
func (l *List) at(order, pos []int32, number uint8, at int32) []int32 {
	compare := func(i int32) int { return cmp.Or(cmp.Compare(l.chrom[i], number), cmp.Compare(pos[i], at)) }
	from := sort.Search(len(order), func(k int) bool { return compare(order[k]) >= 0 })
	to := from
	for to < len(order) && compare(order[to]) == 0 {
		to++
	}
	return order[from:to]
}

// withID returns the part of order, one by ID, that has an ID.
func (l *List) withID(order []int32, id string) []int32 {
	compare := func(i int32) int {
		own, _, _ := l.text(int(i))
		return strings.Compare(string(own), id)
	}
	from := sort.Search(len(order), func(k int) bool { return compare(order[k]) >= 0 })
	to := from
	for to < len(order) && compare(order[to]) == 0 {
		to++
	}
	return order[from:to]
}

// checkTwice refuses a list in which a variant occurs twice, on either build.
func (l *List) checkTwice() error {
	for _, b := range []Build{GRCh37, GRCh38} {
		pos := l.positions(b)
		order := l.byPlace(b)
		for first := 0; first < len(order); {
			next := first + 1
			for next < len(order) && l.chrom[order[next]] == l.chrom[order[first]] && pos[order[next]] == pos[order[first]] {
				next++
			}
			if pos[order[first]] > 0 {
				if err := l.checkAlleles(b, order[first:next]); err != nil {
					return err
				}
			}
			first = next
		}
	}
	return nil
}

// checkAlleles refuses variants at one position with the same alleles.
func (l *List) checkAlleles(b Build, site []int32) error {
	if len(site) == 1 {
		return nil
	}
	seen := map[[2]string]bool{}
	for _, i := range site {
		v := l.Variant(int(i))
		if alleles := [2]string{v.Ref, v.Alt}; seen[alleles] {
			return fmt.Errorf("%s: %s %s>%s occurs twice at %s:%d on %v", l.name, v.ID, v.Ref, v.Alt, v.Chrom, l.positions(b)[i], b)
		} else {
			seen[alleles] = true
		}
	}
	return nil
}
