package simulate

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"

	"genoveil/genomics/meta"
	"genoveil/genomics/pvalue"
)

// A Consortium is the data of several sites that tested the same variants for the same
// trait, and the list of these variants.
type Consortium struct {
	List   []byte            // with the frequencies of the ancestry "all"
	Tables map[string][]byte // of summary statistics, in REGENIE's columns, by site
	Rows   map[string][]byte // of individuals: IID, ldl, age, sex, prs
}

// bases are REF and ALT of a simulated variant. None is A/T or C/G.
var bases = [...][2]string{{"A", "C"}, {"A", "G"}, {"C", "A"}, {"C", "T"}, {"G", "A"}, {"G", "T"}, {"T", "C"}, {"T", "G"}}

// causalEvery is how many variants there are to one with an effect.
const causalEvery = 100

// NewConsortium simulates samples at each site, of the same population. Each site tests
// each variant by a linear regression of the trait; a tenth of the variants it lacks, and
// half of them have REF as the effect allele.
func NewConsortium(sites []string, samples, variants int, seed uint64) (*Consortium, error) {
	r := rand.New(rand.NewPCG(seed, 0))
	c := &Consortium{Tables: map[string][]byte{}, Rows: map[string][]byte{}}
	all := make([]meta.Variant, variants)
	effects := make([]float64, variants)
	var list bytes.Buffer
	w, err := meta.NewListWriter(&list, []string{"all"})
	if err != nil {
		return nil, err
	}
	for i := range all {
		b := bases[r.IntN(len(bases))]
		all[i] = meta.Variant{ID: fmt.Sprintf("rs%d", 1000+i), Chrom: "1", Pos37: 100 + 10*i, Pos38: 200 + 10*i, Ref: b[0], Alt: b[1], AF: 0.05 + 0.9*r.Float64()}
		if i%causalEvery == 0 {
			effects[i] = 0.25 * r.NormFloat64()
		}
		if err := w.Write(all[i], []float64{all[i].AF}); err != nil {
			return nil, err
		}
	}
	if err := w.Flush(); err != nil {
		return nil, err
	}
	c.List = list.Bytes()
	for _, site := range sites {
		c.Tables[site], c.Rows[site] = simulateSite(r, site, samples, all, effects)
	}
	return c, nil
}

// simulateSite simulates individuals, and tests what they have.
func simulateSite(r *rand.Rand, site string, samples int, all []meta.Variant, effects []float64) (table, rows []byte) {
	genotypes := make([][]float64, len(all))
	score := make([]float64, samples)
	for i, v := range all {
		genotypes[i] = make([]float64, samples)
		for k := range genotypes[i] {
			for range 2 {
				if r.Float64() < v.AF {
					genotypes[i][k]++
				}
			}
			score[k] += effects[i] * (genotypes[i][k] - 2*v.AF)
		}
	}
	trait := make([]float64, samples)
	rows = []byte("IID\tldl\tage\tsex\tprs\n")
	for k := range trait {
		age, sex := 50+10*r.NormFloat64(), float64(r.IntN(2))
		trait[k] = 3 + 0.02*(age-50) + 0.3*sex + score[k] + r.NormFloat64()
		rows = fmt.Appendf(rows, "%s-%d\t%.4f\t%.1f\t%g\t%.4f\n", site, k+1, trait[k], age, sex, score[k])
	}
	table = []byte("CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ N BETA SE LOG10P\n")
	for i, v := range all {
		swapped, lacks := r.IntN(2) == 1, r.IntN(10) == 0
		beta, se, f := regress(trait, genotypes[i])
		if lacks || !(se > 0) {
			continue
		}
		if swapped {
			v.Ref, v.Alt, beta, f = v.Alt, v.Ref, -beta, 1-f
		}
		logP := pvalue.LogStudent(beta/se, float64(samples-2))
		table = fmt.Appendf(table, "%s %d %s %s %s %.6g %d %.6g %.6g %.6g\n", v.Chrom, v.Pos38, v.ID, v.Ref, v.Alt, f, samples, beta, se, -logP/math.Ln10)
	}
	return table, rows
}

// regress is a linear regression on one column: its coefficient, the standard error, and
// half of the column's mean.
func regress(y, x []float64) (beta, se, f float64) {
	n := float64(len(x))
	var sx, sy, sxx, sxy, syy float64
	for k := range x {
		sx, sy = sx+x[k], sy+y[k]
		sxx, sxy, syy = sxx+x[k]*x[k], sxy+x[k]*y[k], syy+y[k]*y[k]
	}
	sxx, sxy, syy = sxx-sx*sx/n, sxy-sx*sy/n, syy-sy*sy/n
	beta = sxy / sxx
	return beta, math.Sqrt((syy - beta*sxy) / (n - 2) / sxx), sx / n / 2
}
