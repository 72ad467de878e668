package pipeline_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/score"
	"genoveil/genomics/shareddata"
	"genoveil/genomics/vcf"
	"genoveil/pipeline/format"
	"genoveil/pipeline/model"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/private"
)

// TestHapMap3Scores goes the whole way round on real genotypes, with hidden models in
// the set that users have, and with encrypted ones in a smaller ring: the decrypted answers of the causal variants and of 10,000 weights equal the
// plaintext ones exactly, and the tables those that PLINK 2 recorded
// (genomics/score/testdata) within its six digits.
func TestHapMap3Scores(t *testing.T) {
	data := shareddata.Dir(t, "hapmap3")
	genotypes := filepath.Join(data, "hapmap3.vcf.gz")
	for purpose, logN := range map[format.Purpose]int{format.Score: 13, format.PrivateModel: 10} {
		t.Run(purpose.String(), func(t *testing.T) {
			w := pipelinetest.NewScoreWorldIn(t, logN, purpose, format.HardCalls)
			w.Encrypt(open(t, genotypes))
			index, err := private.OpenIndex(w.Path("cohort.index"))
			w.Must(err)
			defer index.Close()
			variants, err := index.AllVariants(t.Context())
			w.Must(err)
			simulated := w.Path("simulated.txt")
			w.Must(os.WriteFile(simulated, simulatedModel(variants), 0o644))
			var files []*score.File
			for _, path := range []string{filepath.Join(data, "causal.txt"), simulated} {
				f, err := score.Read(path, nil)
				w.Must(err)
				f.Names = []string{strings.TrimSuffix(filepath.Base(path), ".txt")}
				files = append(files, f)
			}
			matched, _, err := score.Match(files, variants, score.MeanImputation{Frequencies: frequencies(w, genotypes)})
			w.Must(err)
			plain, err := model.FixModel(matched, w.ScoreParams(), format.HardCalls, index.Blocks, nil)
			w.Must(err)
			w.Score(w.Model(plain), "hapmap3", format.Whole)
			description, answers, err := w.Decrypt("hapmap3")
			w.Must(err)

			hasMissing := func(j int) bool { return slices.Contains(index.Blocks[j/w.Params.N()].Planes, format.Missing) }
			limits := score.Limits{Answer: w.ScoreParams().MaxAnswer(), Norm: w.ScoreParams().MaxNorm(), Steps: 1}
			for s, name := range description.Names {
				fixed, err := matched.Fix(s, 0, limits, hasMissing)
				w.Must(err)
				want, err := fixed.Answers(open(t, genotypes))
				w.Must(err)
				if !slices.Equal(answers[s], want) {
					t.Errorf("%s: decrypted answers differ from the plaintext", name)
				}
				recorded := recordedScores(t, filepath.Join("..", "genomics", "score", "testdata", name+".sscore.gz"))
				_, sd := meanAndSD(recorded)
				for i, sample := range index.Samples {
					value := math.Ldexp(float64(answers[s][i]), -description.Exponents[s])
					if want := recorded[sample]; math.Abs(value-want) > 5e-6*math.Abs(want)+1e-6*sd {
						t.Errorf("%s, %s: %v, PLINK has %v", name, sample, value, want)
					}
				}
			}
		})
	}
}

func open(t *testing.T, path string) genomics.Source {
	t.Helper()
	source, err := vcf.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { source.Close() })
	return source
}

// simulatedModel is the table of weights that genomics/score's TestPLINK makes, for
// which PLINK's answers are recorded.
func simulatedModel(variants []genomics.Variant) []byte {
	r := rand.New(rand.NewPCG(6, 10000))
	table := []byte("ID\tA1\tBETA\n")
	for _, j := range r.Perm(len(variants))[:10000] {
		v := variants[j]
		effect := []string{v.Ref, v.Alt}[r.IntN(2)]
		table = fmt.Appendf(table, "%s\t%s\t%.6f\n", v.ID, effect, float64(r.IntN(2e6)-1e6)/1e7)
	}
	return table
}

// frequencies are those that 'plink2 --freq' writes, with six digits.
func frequencies(w *pipelinetest.ScoreWorld, path string) score.Frequencies {
	source := open(w.T, path)
	samples := len(source.Samples())
	row := make(genomics.Row, genomics.RowLen(samples))
	table := []byte("#CHROM\tID\tREF\tALT\tALT_FREQS\tOBS_CT\n")
	var v genomics.Variant
	for source.Next(&v, row) == nil {
		c := row.Count(samples)
		table = fmt.Appendf(table, "%s\t%s\t%s\t%s\t%.6g\t%d\n", v.Chrom, v.ID, v.Ref, v.Alt, float64(c.AltAlleles())/float64(2*c.Called()), 2*c.Called())
	}
	w.Must(os.WriteFile(w.Path("x.afreq"), table, 0o644))
	f, _, err := score.ReadFrequencies(w.Path("x.afreq"))
	w.Must(err)
	return f
}

// recordedScores reads the samples and sums of an .sscore table.
func recordedScores(t *testing.T, path string) map[string]float64 {
	t.Helper()
	sums := map[string]float64{}
	for line := range strings.Lines(string(pipelinetest.Gunzip(t, path))) {
		fields := strings.Fields(line)
		if strings.HasPrefix(line, "#") {
			continue
		}
		x, err := strconv.ParseFloat(fields[len(fields)-1], 64)
		if err != nil {
			t.Fatal(err)
		}
		sums[fields[0]] = x
	}
	return sums
}

func meanAndSD(values map[string]float64) (mean, sd float64) {
	n, square := float64(len(values)), 0.0
	for _, x := range values {
		mean += x / n
		square += x * x / n
	}
	return mean, math.Sqrt(square - mean*mean)
}
