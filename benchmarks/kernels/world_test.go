package kernels_test

import (
	"math/rand/v2"
	"testing"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/tuneinsight/lattigo/v5/ring"

	"genoveil/he"
	"genoveil/pipeline/format"
)

// params is the set for a cohort of hard calls: N = 8192, three primes for sums,
// four for columns, one for key-switching.
func params(b *testing.B) he.SumParams {
	b.Helper()
	p, err := format.Plan(10_000, format.HardCalls)
	if err != nil {
		b.Fatal(err)
	}
	return p
}

// evaluator is Lattigo's with the same keys.
func evaluator(b *testing.B, keys *he.EvaluationKeys) (rlwe.Parameters, *rlwe.Evaluator) {
	b.Helper()
	p, set, err := keys.Lattigo()
	if err != nil {
		b.Fatal(err)
	}
	return p, rlwe.NewEvaluator(p, set)
}

// ciphertext is one of random residues.
func ciphertext(r *rand.Rand, p rlwe.Parameters, degree, level int) *rlwe.Ciphertext {
	ct := rlwe.NewCiphertext(p, degree, level)
	ct.IsNTT = true
	for _, poly := range ct.Value {
		fill(r, p.RingQ(), poly)
	}
	return ct
}

func fill(r *rand.Rand, rq *ring.Ring, poly ring.Poly) {
	for l, row := range poly.Coeffs {
		for i := range row {
			row[i] = r.Uint64N(rq.SubRings[l].Modulus)
		}
	}
}

func random() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// per reports the time of one of n equal parts of an operation.
func per(b *testing.B, n int, unit string) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/"+unit)
}
