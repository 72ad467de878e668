package glm

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"genoveil/genomics"
	"genoveil/genomics/chrom"
	"genoveil/genomics/text"
)

// Loco holds whole-genome predictions of a trait that leave out one chromosome
// each, as REGENIE's step 1 writes them to a .loco file. With the prediction of
// a variant's chromosome as offset, polygenic effects and relatedness are
// accounted for.
type Loco struct {
	file        string
	predictions map[int][]float64 // chromosome, then sample
}

// ReadLoco reads a .loco file, plain or compressed: a header "FID_IID id id …", then
// one row a chromosome, its number and the predictions, NA where there is none.
//
// The file joins family and sample with an underscore, so an ID belongs to the
// sample whose name it ends with after an underscore, or is. Where several names
// fit, the one with itself or 0 as family is meant. Samples (distinct) that are
// not in the file have no predictions.
//
// It is an error when the file is not of this form, an ID is ambiguous, a sample
// or a chromosome comes twice, or none of the samples is in it.
func ReadLoco(path string, samples []string) (*Loco, error) {
	lines, err := text.Open(path, genomics.MaxLine, locoKind)
	if err != nil {
		return nil, err
	}
	defer lines.Close()
	return readLoco(lines, samples)
}

// locoKind is what the file is in errors.
const locoKind = "a .loco file of REGENIE"

func readLoco(lines *text.Lines, samples []string) (*Loco, error) {
	file := lines.Name()
	l := &Loco{file: file, predictions: map[int][]float64{}}
	var header []string
	var places []int // of each field of a row among the samples, or -1
	for {
		line, err := lines.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		fields := strings.Fields(string(line))
		switch {
		case len(fields) == 0 && places != nil:
			continue
		case len(fields) == 0:
			return nil, noLocoHeader(file)
		case places == nil:
			header = fields
			places, err = locoHeader(fields, samples)
		default:
			err = l.addRow(fields, header, places, len(samples))
		}
		if err != nil {
			return nil, lines.Errorf("%w", err)
		}
	}
	if places == nil {
		return nil, noLocoHeader(file)
	}
	if len(l.predictions) == 0 {
		return nil, fmt.Errorf("%s: no chromosome follows the header", file)
	}
	return l, nil
}

func noLocoHeader(file string) error {
	return fmt.Errorf("%s, line 1: no header; it must begin with FID_IID, as REGENIE's step 1 writes it", file)
}

func locoHeader(fields, samples []string) ([]int, error) {
	if fields[0] != "FID_IID" {
		return nil, fmt.Errorf("begins with %.40q; the header must begin with FID_IID, as REGENIE's step 1 writes it", fields[0])
	}
	index := make(map[string]int, len(samples))
	for i, s := range samples {
		index[s] = i
	}
	places := make([]int, len(fields))
	found := make(map[int]string, len(samples))
	for k, id := range fields[1:] {
		i, err := locoSample(id, index)
		if err != nil {
			return nil, err
		}
		places[k+1] = i
		if i < 0 {
			continue
		}
		if other, twice := found[i]; twice {
			return nil, fmt.Errorf("%.40q and %.40q are both sample %.40q", other, id, samples[i])
		}
		found[i] = id
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("none of the %d samples of the cohort is among the %d of the file", len(samples), len(fields)-1)
	}
	return places, nil
}

// locoSample finds the sample that an ID means, -1 for none.
func locoSample(id string, index map[string]int) (int, error) {
	match, several := -1, false
	for at := 0; ; {
		if i, ok := index[id[at:]]; ok {
			name := id[at:]
			if id == name+"_"+name || id == "0_"+name {
				return i, nil
			}
			several = several || match >= 0
			match = i
		}
		next := strings.IndexByte(id[at:], '_')
		if next < 0 {
			break
		}
		at += next + 1
	}
	if several {
		return 0, fmt.Errorf("%.40q ends like several samples' names; rename them, or make the file with families of 0", id)
	}
	return match, nil
}

// maxPrediction is beyond all traits, and its square times any number of samples is a
// number.
const maxPrediction = 1e100

func (l *Loco) addRow(fields, header []string, places []int, samples int) error {
	if len(fields) != len(header) {
		return fmt.Errorf("%d fields where the header has %d", len(fields), len(header))
	}
	number := locoChromosome(fields[0])
	if number == 0 {
		return fmt.Errorf("begins with %.40q, which is not a chromosome number", fields[0])
	}
	if l.predictions[number] != nil {
		return fmt.Errorf("chromosome %d occurs twice", number)
	}
	row := make([]float64, samples)
	for i := range row {
		row[i] = math.NaN()
	}
	for k, field := range fields[1:] {
		i := places[k+1]
		if i < 0 || field == "NA" {
			continue
		}
		v, err := strconv.ParseFloat(field, 64)
		if err != nil || !finite(v) {
			return fmt.Errorf("%.40q is not a number (chromosome %d, field %d)", field, number, k+2)
		}
		if math.Abs(v) > maxPrediction {
			return fmt.Errorf("the prediction of %.40q for chromosome %d is %.40q, which no trait has (more than %g); run REGENIE's step 1 again", header[k+1], number, field, maxPrediction)
		}
		row[i] = v
	}
	l.predictions[number] = row
	return nil
}

// locoChromosome is REGENIE's number of a chromosome, 0 for none: 23 stands for
// everything on X.
func locoChromosome(name string) int {
	key := chrom.Parse(name)
	if onX(key) {
		return 23
	}
	if n, ok := key.Number(); ok && n <= 22 {
		return n
	}
	return 0
}

// Check refuses chromosomes of which there is no prediction.
func (l *Loco) Check(chromosomes []string) error {
	var without []string
	for _, chromosome := range chromosomes {
		if l.predictions[locoChromosome(chromosome)] == nil {
			without = append(without, chromosome)
		}
	}
	const shown = 30
	switch n := len(without); {
	case n == 0:
		return nil
	case n == 1:
		return fmt.Errorf("%s has no prediction for chromosome %s; leave the chromosome out, or run REGENIE's step 1 with it", l.file, without[0])
	case n > shown:
		without = append(without[:shown], fmt.Sprintf("and %d more", n-shown))
	}
	return fmt.Errorf("%s has no prediction for the chromosomes %s; leave them out, or run REGENIE's step 1 with them", l.file, strings.Join(without, ", "))
}

// Offset returns the predictions that leave out a chromosome, one a sample, NaN
// where there is none: the offset of FitLinear or FitLogistic.
func (l *Loco) Offset(chromosome string) ([]float64, error) {
	if err := l.Check([]string{chromosome}); err != nil {
		return nil, err
	}
	return l.predictions[locoChromosome(chromosome)], nil
}
