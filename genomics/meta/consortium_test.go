package meta

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"genoveil/genomics/pvalue"
	"genoveil/genomics/sumstats"
)

// A cohortRow is a row as a cohort's program prints it: alleles of its own orientation and
// strand, and a position on its own build.
type cohortRow struct {
	chrom, id, effect, other string
	pos, n, cases            int
	beta, se, p, eaf         float64
}

// programs print a header and rows.
var programs = []struct {
	name   string
	header string
	row    func(r *cohortRow) string
}{
	{"REGENIE", "CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ N N_CASES N_CONTROLS TEST BETA SE CHISQ LOG10P EXTRA", func(r *cohortRow) string {
		return fmt.Sprintf("%s %d %s %s %s %.17g %d %d %d ADD %.17g %.17g 1 %.17g NA", r.chrom, r.pos, r.id, r.other, r.effect, r.eaf, r.n, r.cases, r.n-r.cases, r.beta, r.se, -math.Log10(r.p))
	}},
	{"REGENIE --htp", "Name\tChr\tPos\tRef\tAlt\tTrait\tCohort\tModel\tEffect\tLCI_Effect\tUCI_Effect\tPval\tAAF\tNum_Cases\tNum_Controls\tInfo", func(r *cohortRow) string {
		return fmt.Sprintf("%s\t%s\t%d\t%s\t%s\tT\tC\tADD-WGR-FIRTH\t%.17g\t%.17g\t%.17g\t%.17g\t%.17g\t%d\t%d\tMAC=5", r.id, r.chrom, r.pos, r.other, r.effect,
			math.Exp(r.beta), math.Exp(r.beta-1.959963984540054*r.se), math.Exp(r.beta+1.959963984540054*r.se), r.p, r.eaf, r.cases, r.n-r.cases)
	}},
	{"SAIGE", "CHR POS MarkerID Allele1 Allele2 AC_Allele2 AF_Allele2 BETA SE p.value N_case N_ctrl", func(r *cohortRow) string {
		return fmt.Sprintf("chr%s %d %s %s %s 1 %.17g %.17g %.17g %.17g %d %d", r.chrom, r.pos, r.id, r.other, r.effect, r.eaf, r.beta, r.se, r.p, r.cases, r.n-r.cases)
	}},
	{"PLINK 2", "#CHROM\tPOS\tID\tREF\tALT\tA1\tA1_FREQ\tTEST\tOBS_CT\tOR\tLOG(OR)_SE\tZ_STAT\tP\tERRCODE", func(r *cohortRow) string {
		return fmt.Sprintf("%s\t%d\t%s\t%s\t%s\t%s\t%.17g\tADD\t%d\t%.17g\t%.17g\t1\t%.17g\t.", r.chrom, r.pos, r.id, r.effect, r.other, r.effect, r.eaf, r.n, math.Exp(r.beta), r.se, r.p)
	}},
	{"GWAS-SSF", "chromosome\tbase_pair_location\teffect_allele\tother_allele\tbeta\tstandard_error\teffect_allele_frequency\tp_value\tn", func(r *cohortRow) string {
		return fmt.Sprintf("%s\t%d\t%s\t%s\t%.17g\t%.17g\t%.17g\t%.17g\t%d", r.chrom, r.pos, r.effect, r.other, r.beta, r.se, r.eaf, r.p, r.n)
	}},
	{"METAL", "MarkerName\tAllele1\tAllele2\tFreq1\tEffect\tStdErr\tP-value\tDirection", func(r *cohortRow) string {
		return fmt.Sprintf("%s\t%s\t%s\t%.17g\t%.17g\t%.17g\t%.17g\t+", r.id, strings.ToLower(r.effect), strings.ToLower(r.other), r.eaf, r.beta, r.se, r.p)
	}},
}

// TestConsortium: twelve cohorts with tables of six programs, on both builds, with alleles
// either way round and on either strand, give the meta-analysis of their estimates.
func TestConsortium(t *testing.T) {
	const variants = 400
	random := rand.New(rand.NewPCG(7, 7))
	alleles := [][2]string{{"A", "G"}, {"C", "A"}, {"A", "T"}, {"G", "C"}, {"GA", "G"}, {"T", "TCA"}}
	table := "ID CHR POS37 POS38 REF ALT AF_ALL\n"
	for i := range variants {
		a := alleles[i%len(alleles)]
		f := 0.02 + 0.26*random.Float64()
		table += fmt.Sprintf("v%d %s %d %d %s %s %.6f\n", i, []string{"1", "2", "X"}[i%3], 1000+7*i, 5_000_000+11*i, a[0], a[1], f)
	}
	l, err := ReadList("l", strings.NewReader(table), "ALL")
	if err != nil {
		t.Fatal(err)
	}
	s := &Study{Contributors: 12, N: 12 * 3000, Heterogeneity: true, FrequencySE: true}
	width := len(s.Words())
	sum := make([]uint64, variants*width)
	words := make([]uint64, variants*width)
	w, wb, wbb, wf := make([]float64, variants), make([]float64, variants), make([]float64, variants), make([]float64, variants)
	sites, samples := make([]int, variants), make([]int, variants)
	for cohort := range 12 {
		program := programs[cohort%len(programs)]
		build := []Build{GRCh37, GRCh38}[cohort/len(programs)]
		otherStrand := cohort%3 == 2
		n, cases := 1000+200*cohort, 300+10*cohort
		lines := []string{program.header}
		for _, i := range random.Perm(variants) {
			if random.IntN(10) == 0 {
				continue
			}
			v := l.Variant(i)
			f := v.AF * (0.8 + 0.4*random.Float64())
			r := cohortRow{chrom: string(v.Chrom), id: v.ID, effect: v.Alt, other: v.Ref, pos: v.Pos37, n: n, cases: cases, eaf: f}
			if build == GRCh38 {
				r.pos = v.Pos38
			}
			p := float64(cases) / float64(n)
			r.se = 1 / math.Sqrt(float64(n)*2*f*(1-f)*p*(1-p))
			r.beta = 0.1 + random.NormFloat64()*r.se
			r.p = math.Pow(10, -pvalue.Normal(r.beta/r.se))
			weight := 1 / (r.se * r.se)
			w[i], wb[i], wbb[i], wf[i] = w[i]+weight, wb[i]+weight*r.beta, wbb[i]+weight*r.beta*r.beta, wf[i]+weight*f
			sites[i], samples[i] = sites[i]+1, samples[i]+n
			if random.IntN(2) == 0 {
				r.effect, r.other, r.beta, r.eaf = r.other, r.effect, -r.beta, 1-r.eaf
			}
			if otherStrand && len(r.effect) == 1 && len(r.other) == 1 {
				r.effect, r.other = onOtherStrand(r.effect), onOtherStrand(r.other)
			}
			lines = append(lines, program.row(&r))
		}
		reader, err := sumstats.NewReader(program.name, strings.NewReader(strings.Join(lines, "\n")+"\n"), sumstats.Options{N: n, Cases: cases})
		if err != nil {
			t.Fatal(err)
		}
		if reader.Program() != program.name {
			t.Errorf("%s is taken for %s", program.name, reader.Program())
		}
		h, err := l.Harmonise(reader, build)
		if err != nil {
			t.Fatal(err)
		}
		if h.Found != len(lines)-1 || len(h.Skipped)+len(reader.Skipped()) > 0 || h.ByFrequency < 80 || (h.Complemented > 80) != otherStrand || h.Swapped < 100 {
			t.Errorf("%s: %d found, %v and %v left out, %d swapped, %d complemented", program.name, h.Found, h.Skipped, reader.Skipped(), h.Swapped, h.Complemented)
		}
		c := h.Card(l)
		if c.Program != program.name || c.Build != build || c.Rows != reader.Rows() || c.N != n || c.MedianN != n || c.Cases != cases {
			t.Errorf("%s: %+v", program.name, c)
		}
		if problems := h.Problems(&c, s); problems != nil {
			t.Errorf("%s: %q", program.name, problems)
		}
		if err := h.Encode(words, s, l, 0, variants, 1); err != nil {
			t.Fatal(err)
		}
		for i := range sum {
			sum[i] += words[i]
		}
	}
	for i := range variants {
		total, err := s.Decode(sum[i*width:][:width], l.AF(i))
		if err != nil {
			t.Fatal(err)
		}
		r := s.Result(&total)
		q := wbb[i] - wb[i]*wb[i]/w[i]
		for name, x := range map[string][2]float64{
			"z": {r.Z, wb[i] / math.Sqrt(w[i])}, "frequency": {r.Freq, wf[i] / w[i]}, "Q": {r.HetChiSq, q}, "SE": {r.StdErr, math.Sqrt(1 / w[i])},
			"sites": {float64(total.Sites), float64(sites[i])}, "N": {float64(total.Samples), float64(samples[i])},
		} {
			if math.Abs(x[0]-x[1]) > 1e-8*max(1, math.Abs(x[1])) {
				t.Errorf("%s: %s is %.12g, want %.12g", l.Variant(i).ID, name, x[0], x[1])
			}
		}
	}
}
