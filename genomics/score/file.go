package score

import (
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"genoveil/genomics/text"
)

// A File is a scoring file: weights of one or several scores.
type File struct {
	Path    string
	Names   []string // of the scores
	Build   string   // genome assembly that positions refer to, as the file says; "" if it does not
	Weights []Weight

	// NoSequence counts the rows that were left out because their effect allele is not a
	// sequence of A, C, G and T, such as e4 or P; the first has FirstNoSequence in its line.
	NoSequence      int
	FirstNoSequence string
}

// A Weight is one line of a scoring file.
type Weight struct {
	Line      int
	Chrom     string
	Pos       int    // 0 where the file has none: then ID finds the variant
	ID        string // "" where the file has none
	Effect    string
	Other     string    // "" where the file has none
	Frequency float64   // of the effect allele, NaN where the file has none
	Values    []float64 // one a score
}

// Columns are the numbers of columns of a table, from 1, as PLINK's --score takes them:
// those of the variant's ID, the effect allele and the weights. Nil stands for 1, 2, and
// all from 3 on.
type Columns []int

// Read reads a scoring file of the PGS Catalog (formats 1.0 and 2.0, harmonised or
// not) or a PLINK --score table, plain or compressed. In a file of the Catalog's form,
// columns effect_weight_NAME are weights of further scores. In a table the columns are
// the variant's ID, the effect allele and a weight, and perhaps weights of further scores.
// If the first weight of its first line is no number, or the allele has the name of such
// a column, the line is a header and names the scores, as does a comment of as many
// fields before it. Columns are for tables alone.
//
// Positions of a harmonised file are its harmonised ones. Errors name the file and
// the line. Lines whose weight is not a simple multiple of the number of effect
// alleles (haplotypes, interactions, dominant and recessive effects) are errors: a
// score without them would be another one.
func Read(path string, columns Columns) (*File, error) {
	text, err := open(path, fileKind)
	if err != nil {
		return nil, err
	}
	defer text.Close()
	return parse(text, columns)
}

// fileKind is what the file is in errors.
const fileKind = "a scoring file"

func parse(r *lines, columns Columns) (*File, error) {
	path := r.Name()
	f := &File{Path: path}
	header, err := r.comments()
	if err != nil {
		return nil, err
	}
	if _, ok := find(strings.Split(r.text, "\t"), "effect_allele"); ok || header["format_version"] != "" {
		if columns != nil {
			return nil, fmt.Errorf("%s: is a scoring file of the PGS Catalog, whose columns have names; leave their numbers out", path)
		}
		err = f.parseCatalog(r, header)
	} else {
		err = f.parseTable(r, columns)
	}
	if err != nil {
		return nil, err
	}
	if len(f.Weights) == 0 && f.NoSequence > 0 {
		return nil, fmt.Errorf("%s: no weights; the effect alleles are not sequences of A, C, G and T (%s)", path, f.FirstNoSequence)
	}
	if len(f.Weights) == 0 {
		return nil, fmt.Errorf("%s: no weights", path)
	}
	return f, nil
}

// maxLine bounds the lines of all tables here.
const maxLine = 1 << 20

// lines walks over a file's lines.
type lines struct {
	*text.Lines
	text    string
	heading string // the last comment that is no #key=value
}

func open(path, kind string) (*lines, error) {
	l, err := text.Open(path, maxLine, kind)
	return &lines{Lines: l}, err
}

// next moves on to the next line that is not blank, or returns io.EOF.
func (l *lines) next() error {
	for {
		line, err := l.Next()
		if err != nil {
			return err
		}
		if l.text = strings.TrimRight(string(line), " \t\r"); l.text != "" {
			return nil
		}
	}
}

// comments reads the lines that begin with # and the one after, and returns what
// #key=value lines say.
func (l *lines) comments() (map[string]string, error) {
	header := map[string]string{}
	for {
		err := l.next()
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s: no weights", l.Name())
		}
		if err != nil {
			return nil, err
		}
		comment, ok := strings.CutPrefix(l.text, "#")
		if !ok {
			return header, nil
		}
		if key, value, ok := strings.Cut(comment, "="); ok {
			header[strings.TrimSpace(key)] = strings.TrimSpace(value)
		} else {
			l.heading = comment
		}
	}
}

// weight reads a weight: any finite number.
func (l *lines) weight(text string) (float64, error) {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, l.Errorf("the weight %q is not a finite number", text)
	}
	return x, nil
}

// addAllele returns an allele's letters, or counts a row that has none. Case does not
// matter.
func (f *File) addAllele(l *lines, text string) (allele string, ok bool) {
	allele = strings.ToUpper(text)
	if allele == "" || strings.Trim(allele, "ACGTN") != "" {
		if f.NoSequence++; f.NoSequence == 1 {
			f.FirstNoSequence = fmt.Sprintf("%.40q in line %d", text, l.Number())
		}
		return "", false
	}
	return allele, true
}

// frequency reads a frequency, NaN where there is none.
func (l *lines) frequency(text string) (float64, error) {
	if text == "" || text == "NA" || text == "." || strings.EqualFold(text, "nan") {
		return math.NaN(), nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !(f >= 0 && f <= 1) {
		return 0, l.Errorf("the frequency %q is not between 0 and 1", text)
	}
	return f, nil
}

// find returns the number of a column.
func find(columns []string, name string) (int, bool) {
	for i, c := range columns {
		if strings.TrimSpace(c) == name {
			return i, true
		}
	}
	return -1, false
}

// stem is a file's name without directory and endings.
func stem(path string) string {
	name, _, _ := strings.Cut(filepath.Base(path), ".")
	return name
}
