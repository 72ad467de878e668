package joint

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"genoveil/genomics/pvalue"
)

// digits are those of the numbers of a table.
const digits = 10

// WriteTable writes the coefficients of a complete fit, with the columns that R's
// broom::tidy has: terms of summary(lm), summary(glm) or summary(coxph). P is of Student's t
// in a linear model and of the normal distribution in others, also where it is below the
// smallest float64.
func (f *Fit) WriteTable(w io.Writer) error {
	table, err := f.Table()
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	out.WriteString("term\testimate\tstd.error\tstatistic\tp.value\n")
	for _, c := range table {
		statistic := c.Estimate / c.SE
		line := []byte(c.Name)
		for _, x := range []float64{c.Estimate, c.SE, statistic} {
			line = strconv.AppendFloat(append(line, '\t'), x, 'g', digits, 64)
		}
		logP := pvalue.LogNormal(statistic)
		if c.DF > 0 {
			logP = pvalue.LogStudent(statistic, c.DF)
		}
		line = pvalue.Append(append(line, '\t'), logP, digits)
		out.Write(append(line, '\n'))
	}
	return out.Flush()
}

// WriteWeights writes the coefficients of a complete fit as a table of weights, in the form
// of PLINK's --score: ID, allele and weight. Columns are named ID_ALLELE, as PLINK names
// numbers of alleles, and are such numbers. The intercept is no weight.
func (f *Fit) WriteWeights(w io.Writer) error {
	table, err := f.Table()
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	out.WriteString("ID\tA1\tWEIGHT\n")
	weights := 0
	for _, c := range table {
		if c.Name == intercept {
			continue
		}
		id, allele, ok := variant(c.Name)
		if !ok {
			return fmt.Errorf("column %.40q is no number of alleles, so that it has no weight in a score; such columns are named ID_ALLELE, as rs123_A", c.Name)
		}
		if math.IsNaN(c.Estimate) || math.IsInf(c.Estimate, 0) {
			return fmt.Errorf("column %.40q has no finite coefficient", c.Name)
		}
		weights++
		line := append([]byte(id), '\t')
		line = append(append(line, allele...), '\t')
		out.Write(append(strconv.AppendFloat(line, c.Estimate, 'g', -1, 64), '\n'))
	}
	if weights == 0 {
		return errors.New("the model has no columns, so that there are no weights")
	}
	return out.Flush()
}

// variant splits the name of a column at its last underscore: IDs may have others.
func variant(name string) (id, allele string, ok bool) {
	at := strings.LastIndexByte(name, '_')
	if at < 0 {
		return "", "", false
	}
	id, allele = name[:at], name[at+1:]
	// The table's fields are between blanks.
	ok = id != "" && allele != "" && strings.Trim(allele, "ACGT") == "" && len(strings.Fields(id)) == 1 && strings.TrimSpace(id) == id
	return id, allele, ok
}
