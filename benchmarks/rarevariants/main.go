// Command rarevariants measures the false-positive rate of the logistic score
// test for rare variants and few cases: with the normal distribution, and with
// the Poisson mid-P value that genomics/glm uses.
//
// It draws a covariate and cases, then variants in Hardy–Weinberg proportions that are
// independent of them. The table gives how often P is below 1e-4, divided by 1e-4. The
// aim is at most 2 everywhere, and at least 0.5 where alleles × share of cases ≥ 0.8, so
// that there is something to find. The command
//
//	go run ./benchmarks/rarevariants
//
// printed the following (20,000 samples, 1 % cases, 20 draws of the cases, 100,000
// variants each; two minutes on two cores; the standard error of a 1 is 0.07):
//
//	  MAF  alleles × share of cases  normal  mid-P
//	0.05%                       0.2   81.31   0.47
//	0.10%                       0.4   45.28   0.65
//	0.20%                       0.8   22.05   0.70
//	0.50%                       2.0   11.04   0.84
//	1.00%                       4.0    6.38   0.83
package main

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"sync"

	"genoveil/genomics/glm"
	"genoveil/genomics/pheno"
)

const nominal = 1e-4

var frequencies = []float64{0.0005, 0.001, 0.002, 0.005, 0.01}

func main() {
	samples := flag.Int("samples", 20_000, "number of `samples`")
	share := flag.Float64("cases", 0.01, "share of `cases`")
	draws := flag.Int("draws", 20, "how often the cases are drawn")
	variants := flag.Int("variants", 100_000, "variants of each frequency for each draw")
	flag.Parse()
	if err := run(*samples, *share, *draws, *variants); err != nil {
		fmt.Fprintln(os.Stderr, "rarevariants:", err)
		os.Exit(1)
	}
}

// A tally counts tests below the nominal level at one frequency.
type tally struct{ normal, midP int }

func run(samples int, share float64, draws, variants int) error {
	results := make([][]tally, draws)
	errs := make([]error, draws)
	var group sync.WaitGroup
	for d := range draws {
		group.Go(func() {
			results[d], errs[d] = draw(rand.New(rand.NewPCG(uint64(d), 0)), samples, share, variants)
		})
	}
	group.Wait()
	total := make([]tally, len(frequencies))
	for d := range draws {
		if errs[d] != nil {
			return errs[d]
		}
		for k, t := range results[d] {
			total[k].normal += t.normal
			total[k].midP += t.midP
		}
	}
	fmt.Println("   MAF  alleles × share of cases  normal  mid-P")
	expected := nominal * float64(draws) * float64(variants)
	for k, f := range frequencies {
		fmt.Printf("%5.2f%%  %24.1f  %6.2f  %5.2f\n", 100*f, 2*float64(samples)*f*share,
			float64(total[k].normal)/expected, float64(total[k].midP)/expected)
	}
	return nil
}

// draw draws covariate and cases once and tests variants of every frequency.
func draw(random *rand.Rand, samples int, share float64, variants int) ([]tally, error) {
	age, status := make([]float64, samples), make([]pheno.Status, samples)
	intercept := math.Log(share/(1-share)) - 0.125 // the covariate raises the mean odds by about e^0.125
	for i := range status {
		age[i] = random.NormFloat64()
		status[i] = pheno.Control
		if random.Float64() < 1/(1+math.Exp(-intercept-age[i]/2)) {
			status[i] = pheno.Case
		}
	}
	null, err := glm.FitLogistic(status, []glm.Covariate{{Name: "AGE", Values: age}}, nil)
	if err != nil {
		return nil, err
	}
	model := null.Model()
	out := make([]tally, len(frequencies))
	dosage := make([]int64, samples)
	for k, f := range frequencies {
		for range variants {
			carriers := genotype(random, dosage, f)
			r, err := model.Test(sums(model, dosage, carriers), 1)
			if err != nil {
				return nil, err
			}
			if r.P() < nominal {
				out[k].midP++
			}
			if math.Erfc(math.Abs(r.Z)/math.Sqrt2) < nominal {
				out[k].normal++
			}
			for _, i := range carriers {
				dosage[i] = 0
			}
		}
	}
	return out, nil
}

// genotype puts ALT alleles at frequency f on the samples' chromosomes and
// returns who has any.
func genotype(random *rand.Rand, dosage []int64, f float64) (carriers []int) {
	// The gaps between ALT alleles are geometric.
	gap := func() int { return int(math.Log(1-random.Float64()) / math.Log1p(-f)) }
	for at := gap(); at < 2*len(dosage); at += 1 + gap() {
		i := at / 2
		if dosage[i] == 0 {
			carriers = append(carriers, i)
		}
		dosage[i]++
	}
	return carriers
}

func sums(model *glm.Model, dosage []int64, carriers []int) []glm.Sums {
	out := make([]glm.Sums, len(model.Columns))
	for k, c := range model.Columns {
		for _, i := range carriers {
			x := int64(c.Values[i]) * dosage[i]
			out[k].Dosage += x
			out[k].Square += x * dosage[i]
		}
	}
	return out
}
