package score

import (
	"errors"
	"fmt"
	"io"
	"math"

	"genoveil/genomics"
)

// Limits say which integers a parameter set computes with.
type Limits struct {
	Answer int64 // largest absolute answer
	Norm   int64 // largest 2-norm of the weights of a score
	Steps  int   // of a dosage of one: 1 for calls, 1000 for dosages in thousandths
}

// Fixed is one score in fixed point. An answer, the integer
//
//	Σ_j Alt[j]·v_j + Σ_j Missing[j]·m_j + Constant
//
// with v in steps, is a score times 2^Exponent·Steps.
type Fixed struct {
	Exponent int
	Steps    int
	Alt      []int64 // one a variant
	Missing  []int64
	Constant int64
	Vanished int // weights that rounding made zero
}

// largestWeight bounds single weights.
const largestWeight = 1 << 40

// ErrNoFrequency reports weights that lack what a missing call counts.
var ErrNoFrequency = errors.New("no allele frequency")

// Fix rounds a score's weights to integers, as finely as the limits allow, and adds
// the intercept to the constant. missing says whether a variant may have a missing
// call; where it may not, the weight of m is zero.
func (m *Model) Fix(score int, intercept float64, limits Limits, missing func(variant int) bool) (*Fixed, error) {
	alt, constant := m.Alt[score], m.Constant[score]+intercept
	onMissing := make([]float64, len(alt))
	unknown, square, total := 0, 0.0, math.Abs(constant)
	for j, beta := range alt {
		if missing(j) {
			onMissing[j] = m.Missing[score][j] * float64(limits.Steps)
		}
		if math.IsNaN(onMissing[j]) {
			unknown++
		}
		square += beta*beta + onMissing[j]*onMissing[j]
		total += math.Abs(beta) + math.Abs(onMissing[j])/float64(limits.Steps) // m is one, v up to Steps
	}
	if unknown > 0 {
		return nil, fmt.Errorf("%s: %w for %d weights of variants that may have missing calls; give --read-freq, or --no-mean-imputation to count no effect allele", m.Names[score], ErrNoFrequency, unknown)
	}
	if math.IsInf(square, 0) || math.IsInf(total, 0) {
		return nil, fmt.Errorf("%s: the weights are too large", m.Names[score])
	}
	f := &Fixed{Steps: limits.Steps}
	if square > 0 || total > 0 {
		// One more than can be right, and down from there: rounding decides.
		f.Exponent = 1 + int(math.Floor(min(
			math.Log2(float64(limits.Norm))-math.Log2(square)/2,
			math.Log2(float64(limits.Answer))-math.Log2(total)-math.Log2(float64(limits.Steps)))))
	}
	for ; ; f.Exponent-- {
		if f.Exponent < -1000 {
			return nil, fmt.Errorf("%s: the weights do not fit the parameter set", m.Names[score])
		}
		if f.Exponent <= 1000 && f.round(alt, onMissing, constant, limits) {
			return f, nil
		}
	}
}

// round rounds to multiples of 2^-Exponent and says whether the limits hold.
func (f *Fixed) round(alt, missing []float64, constant float64, limits Limits) bool {
	answer, square := 0.0, 0.0
	whole := func(x float64) int64 {
		r := math.RoundToEven(math.Ldexp(x, f.Exponent))
		if !(math.Abs(r) < largestWeight) {
			answer = math.Inf(1)
			return 0
		}
		square += r * r
		return int64(r)
	}
	f.Alt, f.Missing, f.Vanished = make([]int64, len(alt)), make([]int64, len(alt)), 0
	for j := range alt {
		f.Alt[j], f.Missing[j] = whole(alt[j]), whole(missing[j])
		if alt[j] != 0 && f.Alt[j] == 0 {
			f.Vanished++
		}
		answer += math.Abs(float64(f.Alt[j]))*float64(f.Steps) + math.Abs(float64(f.Missing[j]))
	}
	c := math.RoundToEven(math.Ldexp(constant, f.Exponent) * float64(f.Steps))
	answer += math.Abs(c)
	// A part in 2^40 for what floats round: they add 2^26 numbers at most.
	const room = 1 - 0x1p-26
	if answer > room*float64(limits.Answer) || math.Sqrt(square) > room*float64(limits.Norm) {
		return false
	}
	f.Constant = int64(c)
	return true
}

// Value is the score that an answer stands for.
func (f *Fixed) Value(answer int64) float64 {
	return math.Ldexp(float64(answer)/float64(f.Steps), -f.Exponent)
}

// Answers computes the answers of all samples from calls: what the encrypted way has
// to equal.
func (f *Fixed) Answers(src genomics.Source) ([]int64, error) {
	answers := f.constants(len(src.Samples()))
	row := make(genomics.Row, genomics.RowLen(len(answers)))
	return answers, f.each(func(v *genomics.Variant) error { return src.Next(v, row) }, func(j int) {
		for i := range answers {
			switch g := row.At(i); g {
			case genomics.Missing:
				answers[i] += f.Missing[j]
			default:
				answers[i] += f.Alt[j] * (int64(g) - 1)
			}
		}
	})
}

// DosageAnswers does the same from dosages.
func (f *Fixed) DosageAnswers(src genomics.DosageSource) ([]int64, error) {
	answers := f.constants(len(src.Samples()))
	row := make(genomics.DosageRow, len(answers))
	return answers, f.each(func(v *genomics.Variant) error { return src.NextDosages(v, row) }, func(j int) {
		for i, d := range row {
			if d == genomics.MissingDosage {
				answers[i] += f.Missing[j]
			} else {
				answers[i] += f.Alt[j] * (int64(d) - genomics.MaxDosage/2)
			}
		}
	})
}

func (f *Fixed) constants(samples int) []int64 {
	answers := make([]int64, samples)
	for i := range answers {
		answers[i] = f.Constant
	}
	return answers
}

// each reads all variants, of which there must be as many as weights.
func (f *Fixed) each(next func(v *genomics.Variant) error, add func(j int)) error {
	for j := 0; ; j++ {
		var v genomics.Variant
		err := next(&v)
		if errors.Is(err, io.EOF) && j == len(f.Alt) {
			return nil
		}
		if err != nil {
			return err
		}
		if j == len(f.Alt) {
			return fmt.Errorf("more variants than the %d weights", j)
		}
		add(j)
	}
}
