package score

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWriteTable(t *testing.T) {
	for _, test := range []struct {
		name    string
		results []Result
		want    string
	}{
		// PLINK 2 --score cols=denom,scoreavgs,scoresums
		{"one", []Result{{Name: "A", Weights: 8, Sums: []float64{3.2, 0.45}}},
			"#IID\tDENOM\tA_AVG\tA_SUM\ns1\t16\t0.2\t3.2\ns2\t16\t0.028125\t0.45\n"},
		{"two alike", []Result{{Name: "A", Weights: 1, Sums: []float64{1e-7, -123456789}}, {Name: "B", Weights: 1, Sums: []float64{0, 1}}},
			"#IID\tDENOM\tA_AVG\tB_AVG\tA_SUM\tB_SUM\ns1\t2\t5e-08\t0\t1e-07\t0\ns2\t2\t-6.17284e+07\t0.5\t-1.23457e+08\t1\n"},
		{"two of different lengths, one with an intercept", []Result{
			{Name: "A", Weights: 1, Sums: []float64{1, 2}},
			{Name: "B", Weights: 2, Sums: []float64{0, math.Log(3)}, Intercept: true}},
			"#IID\tA_DENOM\tB_DENOM\tA_AVG\tA_SUM\tB_SUM\tB_LP\tB_PROB\ns1\t2\t4\t0.5\t1\t0\t0\t0.5\ns2\t2\t4\t1\t2\t1.09861\t1.09861\t0.75\n"},
		{"nobody knows how many weights", []Result{{Name: "A", Sums: []float64{0, -2}}},
			"#IID\tDENOM\tA_AVG\tA_SUM\ns1\t0\tNA\t0\ns2\t0\tNA\t-2\n"},
		{"covariates", []Result{{Name: "A", Weights: 1, Sums: []float64{1, 2}, Covariates: []float64{-1, math.NaN()}}},
			"#IID\tDENOM\tA_AVG\tA_SUM\tA_LP\tA_PROB\ns1\t2\t0.5\t1\t0\t0.5\ns2\t2\t1\t2\tNA\tNA\n"},
	} {
		var got strings.Builder
		if err := WriteTable(&got, []string{"s1", "s2"}, test.results); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, got.String()); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
	if err := WriteTable(&strings.Builder{}, []string{"s1"}, []Result{{Name: "A", Sums: []float64{1, 2}}}); err == nil {
		t.Error("a table of two values for one sample")
	}
}
