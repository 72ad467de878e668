package meta

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

// ForestWords is the number of words of a slot: what one site shows of one variant. A slot
// has one writer and zeros of all others, so the sum of words is what was written, and
// numbers stand as they are, without a fixed point.
const ForestWords = 4

// EncodeForest writes a site's slot: β, its standard error, N and the frequency. What the
// site does not have gives zeros.
func EncodeForest(words []uint64, e *Estimate) error {
	clear(words[:ForestWords])
	if !e.Present {
		return nil
	}
	if err := checkForest(e); err != nil {
		return err
	}
	words[0], words[1], words[2], words[3] = math.Float64bits(e.Beta), math.Float64bits(e.SE), uint64(e.N), math.Float64bits(e.AF)
	return nil
}

// DecodeForest reads a slot. It refuses what no table has, as it is where two wrote it.
func DecodeForest(words []uint64) (Estimate, error) {
	beta, se, n, af := words[0], words[1], words[2], words[3]
	if beta|se|n|af == 0 {
		return Estimate{}, nil
	}
	if n > math.MaxInt32 {
		return Estimate{}, fmt.Errorf("%d samples: %w", n, ErrImpossible)
	}
	e := Estimate{Beta: math.Float64frombits(beta), SE: math.Float64frombits(se), AF: math.Float64frombits(af), N: int32(n), Info: float32(math.NaN()), Present: true}
	if err := checkForest(&e); err != nil {
		return Estimate{}, fmt.Errorf("%w: %w", err, ErrImpossible)
	}
	e.LogP = pvalue.Normal(e.Beta / e.SE)
	return e, nil
}

func checkForest(e *Estimate) error {
	// Far from where w² would be no float64.
	const most = 1e60
	switch z := e.Beta / e.SE; {
	case !(math.Abs(e.Beta) <= most):
		return fmt.Errorf("an effect of %g", e.Beta)
	case !(e.SE >= 1/most && e.SE <= most):
		return fmt.Errorf("a standard error of %g", e.SE)
	case !(math.Abs(z) <= maxZ):
		return fmt.Errorf("an effect of %g standard errors", z)
	case e.N < 1:
		return errors.New("no number of samples")
	case !(e.AF >= 0 && e.AF <= 1):
		return errors.New("no allele frequency")
	}
	return nil
}

// AddUp is the total of estimates in the clear, weighted by their standard errors.
func AddUp(estimates []Estimate) Total {
	var t Total
	for i := range estimates {
		e := &estimates[i]
		if !e.Present {
			continue
		}
		w := 1 / (e.SE * e.SE)
		one := Total{
			Sites: 1, Samples: int(e.N), Cases: int(e.Cases), Alleles: int(math.RoundToEven(e.alleles())), Effective: int(math.RoundToEven(e.effective())),
			Info: math.NaN(), W: w, WBeta: w * e.Beta, WFreq: w * e.AF, WBeta2: w * e.Beta * e.Beta, W2: w * w,
		}
		if e.Info >= 0 {
			one.Info, one.InfoSites = float64(e.Info), 1
		}
		t = t.Plus(&one)
	}
	return t
}

// A ForestWriter writes each site's estimate of a few variants, and below them that of all.
type ForestWriter struct {
	w     *bufio.Writer
	sites []string
}

// allSites stands for the site in the line of all.
const allSites = "ALL"

// NewForestWriter begins a table for sites of these names.
func NewForestWriter(w io.Writer, sites []string) (*ForestWriter, error) {
	f := &ForestWriter{bufio.NewWriter(w), sites}
	_, err := f.w.WriteString("MarkerName\tAllele1\tAllele2\tSite\tEffect\tStdErr\tP\tN\tFreq1\tHetISq\tHetChiSq\tHetDf\tHetPVal\n")
	return f, err
}

// Write writes a variant's lines. Estimates are those of the sites, in their order; a site
// without one has no line.
func (f *ForestWriter) Write(v Variant, estimates []Estimate) error {
	if len(estimates) != len(f.sites) {
		return fmt.Errorf("variant %s has %d estimates of %d sites", v.ID, len(estimates), len(f.sites))
	}
	for i := range estimates {
		if e := &estimates[i]; e.Present {
			r := Result{Effect: e.Beta, StdErr: e.SE, LogP: e.LogP, Freq: e.AF, HetISq: math.NaN()}
			if err := f.line(v, f.sites[i], int(e.N), &r); err != nil {
				return err
			}
		}
	}
	t := AddUp(estimates)
	if t.Samples == 0 {
		return nil
	}
	r := (&Study{}).Result(&t)
	return f.line(v, allSites, t.Samples, &r)
}

func (f *ForestWriter) line(v Variant, site string, n int, r *Result) error {
	line := []byte(strings.Join([]string{v.ID, strings.ToLower(v.Alt), strings.ToLower(v.Ref), site}, "\t"))
	line = appendNumber(append(line, '\t'), r.Effect, 'g', 6)
	line = appendNumber(append(line, '\t'), r.StdErr, 'g', 6)
	line = pvalue.Append(append(line, '\t'), -r.LogP*math.Ln10, 4)
	line = strconv.AppendInt(append(line, '\t'), int64(n), 10)
	line = appendNumber(append(line, '\t'), r.Freq, 'f', 4)
	if math.IsNaN(r.HetISq) {
		line = append(line, "\tNA\tNA\tNA\tNA"...)
	} else {
		line = appendNumber(append(line, '\t'), r.HetISq, 'f', 1)
		line = appendNumber(append(line, '\t'), r.HetChiSq, 'f', 3)
		line = strconv.AppendInt(append(line, '\t'), int64(r.HetDf), 10)
		line = appendNumber(append(line, '\t'), r.HetP, 'g', 4)
	}
	_, err := f.w.Write(append(line, '\n'))
	return err
}

// Flush writes out what is buffered. It is to be called after the last variant.
func (f *ForestWriter) Flush() error { return f.w.Flush() }
