package score

import (
	"bufio"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/shareddata"
	"genoveil/genomics/vcf"
)

var writeModel = flag.String("write-model", "", "write the simulated model to this file, for recording PLINK's answers (testdata/README.md)")

// readVariants returns the variants, and their frequencies as 'plink2 --freq' writes
// them.
func readVariants(t *testing.T, path string) ([]genomics.Variant, Frequencies) {
	t.Helper()
	src, err := vcf.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	row := make(genomics.Row, genomics.RowLen(len(src.Samples())))
	var variants []genomics.Variant
	afreq := []byte("#CHROM\tID\tREF\tALT\tALT_FREQS\tOBS_CT\n")
	for {
		var v genomics.Variant
		err := src.Next(&v, row)
		if errors.Is(err, io.EOF) {
			frequencies, _, err := parseFrequencies(linesOf("computed", strings.NewReader(string(afreq))))
			if err != nil {
				t.Fatal(err)
			}
			return variants, frequencies
		}
		if err != nil {
			t.Fatal(err)
		}
		variants = append(variants, v)
		c := row.Count(len(src.Samples()))
		afreq = fmt.Appendf(afreq, "%s\t%s\t%s\t%s\t", v.Chrom, v.ID, v.Ref, v.Alt)
		afreq = strconv.AppendFloat(afreq, float64(c.AltAlleles())/float64(2*c.Called()), 'g', 6, 64)
		afreq = fmt.Appendf(afreq, "\t%d\n", 2*c.Called())
	}
}

// simulatedModel is a --score table of 10,000 weights on the variants, either
// allele being the effect allele.
func simulatedModel(variants []genomics.Variant) string {
	r := rand.New(rand.NewPCG(6, 10000))
	chosen := r.Perm(len(variants))[:10000]
	var table strings.Builder
	table.WriteString("ID\tA1\tBETA\n")
	for _, j := range chosen {
		v := variants[j]
		effect := []string{v.Ref, v.Alt}[r.IntN(2)]
		fmt.Fprintf(&table, "%s\t%s\t%.6f\n", v.ID, effect, float64(r.IntN(2e6)-1e6)/1e7)
	}
	return table.String()
}

// TestPLINK compares scores in fixed point with what PLINK 2 recorded, which has six
// digits.
func TestPLINK(t *testing.T) {
	data := shareddata.Dir(t, "hapmap3")
	genotypes := filepath.Join(data, "hapmap3.vcf.gz")
	variants, frequencies := readVariants(t, genotypes)
	simulated := filepath.Join(t.TempDir(), "simulated.txt")
	if err := os.WriteFile(simulated, []byte(simulatedModel(variants)), 0o644); err != nil {
		t.Fatal(err)
	}
	if *writeModel != "" {
		if err := os.WriteFile(*writeModel, []byte(simulatedModel(variants)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		weights, recorded string
		matched           int
	}{
		{filepath.Join(data, "causal.txt"), "testdata/causal.sscore.gz", 8},
		{simulated, "testdata/simulated.sscore.gz", 10000},
	} {
		file, err := Read(test.weights, nil)
		if err != nil {
			t.Fatal(err)
		}
		model, reports, err := Match([]*File{file}, variants, MeanImputation{Frequencies: frequencies})
		if err != nil {
			t.Fatal(err)
		}
		if reports[0].Matched != test.matched || reports[0].Flipped != 0 {
			t.Errorf("%s: %+v", test.weights, reports[0])
		}
		fixed, err := model.Fix(0, 0, Limits{Answer: 1 << 46, Norm: 1 << 33, Steps: 1}, func(int) bool { return true })
		if err != nil {
			t.Fatal(err)
		}
		src, err := vcf.Open(genotypes, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		answers, err := fixed.Answers(src)
		if err != nil {
			t.Fatal(err)
		}
		want := recordedSums(t, test.recorded)
		mean, square := 0.0, 0.0
		for _, sample := range src.Samples() {
			mean += want[sample] / float64(len(answers))
			square += want[sample] * want[sample] / float64(len(answers))
		}
		sd, worst := math.Sqrt(square-mean*mean), 0.0
		for i, sample := range src.Samples() {
			s, ok := want[sample]
			if !ok {
				t.Fatalf("%s lacks %s", test.recorded, sample)
			}
			difference := math.Abs(fixed.Value(answers[i]) - s)
			if limit := 5e-6*math.Abs(s) + 1e-6*sd; difference > limit {
				t.Errorf("%s, %s: %v, PLINK has %v", test.recorded, sample, fixed.Value(answers[i]), s)
			} else {
				worst = max(worst, difference/limit)
			}
		}
		t.Logf("%s: 2^-%d, largest difference %.3f of what is allowed", test.recorded, fixed.Exponent, worst)
	}
}

// recordedSums reads IID and the last column.
func recordedSums(t *testing.T, path string) map[string]float64 {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]float64{}
	scanner := bufio.NewScanner(text)
	for scanner.Scan() {
		fields := strings.Fields(scanner.Text())
		if strings.HasPrefix(fields[0], "#") {
			continue
		}
		if sums[fields[0]], err = strconv.ParseFloat(fields[len(fields)-1], 64); err != nil {
			t.Fatal(err)
		}
	}
	return sums
}
