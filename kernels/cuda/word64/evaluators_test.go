//go:build cuda

package word64

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"genoveil/gpu"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/tuneinsight/lattigo/v5/schemes/bgv"
	"github.com/tuneinsight/lattigo/v5/schemes/ckks"
)

// An evaluator is what CKKS and BGV share.
type evaluator interface {
	AddNew(op0 *rlwe.Ciphertext, op1 rlwe.Operand) (*rlwe.Ciphertext, error)
	MulNew(op0 *rlwe.Ciphertext, op1 rlwe.Operand) (*rlwe.Ciphertext, error)
	MulRelinNew(op0 *rlwe.Ciphertext, op1 rlwe.Operand) (*rlwe.Ciphertext, error)
	Rescale(op0, opOut *rlwe.Ciphertext) error
	Automorphism(ctIn *rlwe.Ciphertext, galEl uint64, opOut *rlwe.Ciphertext) error
	DropLevel(op0 *rlwe.Ciphertext, levels int)
}

// TestCKKS and TestBGV: what Lattigo's evaluators do with real keys and ciphertexts, at some levels.
func TestCKKS(t *testing.T) {
	for _, c := range []struct {
		logN       int
		logQ, logP []int
	}{{10, []int{55, 45, 45}, []int{60}}, {11, []int{60, 45, 45, 45, 45, 45}, []int{61, 61}}, {12, []int{60, 40, 40, 40}, []int{61, 61, 61}}} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			params, err := ckks.NewParametersFromLiteral(ckks.ParametersLiteral{LogN: c.logN, LogQ: c.logQ, LogP: c.logP, LogDefaultScale: 40})
			if err != nil {
				t.Fatal(err)
			}
			r := rand.New(rand.NewPCG(5, 64))
			values := make([]complex128, params.MaxSlots())
			for i := range values {
				values[i] = complex(r.Float64(), r.Float64())
			}
			plain := ckks.NewPlaintext(params, params.MaxLevel())
			if err := ckks.NewEncoder(params).Encode(values, plain); err != nil {
				t.Fatal(err)
			}
			kgen := rlwe.NewKeyGenerator(params)
			sk, keys := newKeys(kgen, params.GaloisElement(3))
			evaluate(t, params.Parameters, ckks.NewEvaluator(params, keys), keys, rlwe.NewEncryptor(params, sk), plain, params.GaloisElement(3))
		})
	}
}

func TestBGV(t *testing.T) {
	for _, c := range []struct {
		logN       int
		logQ, logP []int
	}{{10, []int{54, 54, 54}, []int{55}}, {11, []int{60, 60, 45, 60, 60}, []int{61, 61}}} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			params, err := bgv.NewParametersFromLiteral(bgv.ParametersLiteral{LogN: c.logN, LogQ: c.logQ, LogP: c.logP, PlaintextModulus: 65537})
			if err != nil {
				t.Fatal(err)
			}
			r := rand.New(rand.NewPCG(6, 64))
			values := make([]uint64, params.MaxSlots())
			for i := range values {
				values[i] = r.Uint64N(65537)
			}
			plain := bgv.NewPlaintext(params, params.MaxLevel())
			if err := bgv.NewEncoder(params).Encode(values, plain); err != nil {
				t.Fatal(err)
			}
			kgen := rlwe.NewKeyGenerator(params)
			sk, keys := newKeys(kgen, params.GaloisElement(3))
			evaluate(t, params.Parameters, bgv.NewEvaluator(params, keys), keys, rlwe.NewEncryptor(params, sk), plain, params.GaloisElement(3))
		})
	}
}

func newKeys(kgen *rlwe.KeyGenerator, galois uint64) (*rlwe.SecretKey, *rlwe.MemEvaluationKeySet) {
	sk := kgen.GenSecretKeyNew()
	return sk, rlwe.NewMemEvaluationKeySet(kgen.GenRelinearizationKeyNew(sk), kgen.GenGaloisKeyNew(galois, sk))
}

// evaluate compares two ciphertexts at a time, at some levels.
func evaluate(t *testing.T, params rlwe.Parameters, eval evaluator, keys *rlwe.MemEvaluationKeySet, encryptor *rlwe.Encryptor,
	plain *rlwe.Plaintext, galois uint64) {
	b := newBed(t, params)
	relinearization, err := keys.GetRelinearizationKey()
	b.Must(err)
	galoisKey, err := keys.GetGaloisKey(galois)
	b.Must(err)
	relin, rotate := b.key(&relinearization.GadgetCiphertext), b.key(&galoisKey.GadgetCiphertext)
	for _, level := range []int{params.MaxLevel(), params.MaxLevel() - 1, 1} {
		var as, bs, sums, triples, products, images, quotients []uint64
		into := func(words *[]uint64, ct *rlwe.Ciphertext, err error) {
			t.Helper()
			b.Must(err)
			*words = append(*words, flat(ct.Level(), ct.Value...)...)
		}
		for range 2 {
			fresh := func() *rlwe.Ciphertext {
				ct, err := encryptor.EncryptNew(plain)
				b.Must(err)
				eval.DropLevel(ct, ct.Level()-level)
				return ct
			}
			x, y := fresh(), fresh()
			into(&as, x, nil)
			into(&bs, y, nil)
			sum, err := eval.AddNew(x, y)
			into(&sums, sum, err)
			triple, err := eval.MulNew(x, y)
			into(&triples, triple, err)
			product, err := eval.MulRelinNew(x, y)
			into(&products, product, err)
			image := rlwe.NewCiphertext(params, 1, level)
			err = eval.Automorphism(x, galois, image)
			into(&images, image, err)
			quotient := rlwe.NewCiphertext(params, 1, level)
			err = eval.Rescale(product, quotient)
			into(&quotients, quotient, err)
		}
		scratch := b.scratch(4, level)
		check := func(want []uint64, what string, f func(out gpu.Words) error) {
			t.Helper()
			out := b.zeros(len(want))
			b.Must(f(out))
			b.equal(out, want, fmt.Sprintf("level %d, %s", level, what))
		}
		x := b.array(as)
		check(sums, "sum", func(out gpu.Words) error { return b.ring.Add(b.Stream, out, x, b.array(bs), level+1) })
		check(products, "product", func(out gpu.Words) error {
			return b.switcher.Relinearize(b.Stream, out, b.array(triples), relin, scratch, 2, level)
		})
		check(images, "image", func(out gpu.Words) error {
			return b.switcher.Automorphism(b.Stream, out, x, galois, rotate, scratch, 2, level)
		})
		check(quotients, "quotient", func(out gpu.Words) error {
			return b.switcher.Rescale(b.Stream, out, b.array(products), scratch, 4, level)
		})
	}
}
