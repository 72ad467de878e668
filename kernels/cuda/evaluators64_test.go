//go:build cuda

package cuda

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"genoveil/gpu"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/tuneinsight/lattigo/v5/schemes/bgv"
	"github.com/tuneinsight/lattigo/v5/schemes/ckks"
)

// An evaluator64 is what CKKS and BGV share.
type evaluator64 interface {
	AddNew(op0 *rlwe.Ciphertext, op1 rlwe.Operand) (*rlwe.Ciphertext, error)
	MulNew(op0 *rlwe.Ciphertext, op1 rlwe.Operand) (*rlwe.Ciphertext, error)
	MulRelinNew(op0 *rlwe.Ciphertext, op1 rlwe.Operand) (*rlwe.Ciphertext, error)
	Rescale(op0, opOut *rlwe.Ciphertext) error
	Automorphism(ctIn *rlwe.Ciphertext, galEl uint64, opOut *rlwe.Ciphertext) error
	DropLevel(op0 *rlwe.Ciphertext, levels int)
}

// TestCKKS64 and TestBGV64: what Lattigo's evaluators do with real keys and ciphertexts, at some levels.
func TestCKKS64(t *testing.T) {
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
			sk, keys := keys64(kgen, params.GaloisElement(3))
			evaluate64(t, params.Parameters, ckks.NewEvaluator(params, keys), keys, rlwe.NewEncryptor(params, sk), plain, params.GaloisElement(3))
		})
	}
}

func TestBGV64(t *testing.T) {
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
			sk, keys := keys64(kgen, params.GaloisElement(3))
			evaluate64(t, params.Parameters, bgv.NewEvaluator(params, keys), keys, rlwe.NewEncryptor(params, sk), plain, params.GaloisElement(3))
		})
	}
}

func keys64(kgen *rlwe.KeyGenerator, galois uint64) (*rlwe.SecretKey, *rlwe.MemEvaluationKeySet) {
	sk := kgen.GenSecretKeyNew()
	return sk, rlwe.NewMemEvaluationKeySet(kgen.GenRelinearizationKeyNew(sk), kgen.GenGaloisKeyNew(galois, sk))
}

// evaluate64 compares two ciphertexts at a time, at some levels.
func evaluate64(t *testing.T, params rlwe.Parameters, eval evaluator64, keys *rlwe.MemEvaluationKeySet, encryptor *rlwe.Encryptor,
	plain *rlwe.Plaintext, galois uint64) {
	b := newBed64(t, params)
	relinearization, err := keys.GetRelinearizationKey()
	b.must(err)
	galoisKey, err := keys.GetGaloisKey(galois)
	b.must(err)
	relin, rotate := b.key(&relinearization.GadgetCiphertext), b.key(&galoisKey.GadgetCiphertext)
	for _, level := range []int{params.MaxLevel(), params.MaxLevel() - 1, 1} {
		var as, bs, sums, triples, products, images, quotients []uint64
		into := func(words *[]uint64, ct *rlwe.Ciphertext, err error) {
			t.Helper()
			b.must(err)
			*words = append(*words, flat(ct.Level(), ct.Value...)...)
		}
		for range 2 {
			fresh := func() *rlwe.Ciphertext {
				ct, err := encryptor.EncryptNew(plain)
				b.must(err)
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
			out := b.zeros64(len(want))
			b.must(f(out))
			b.equal64(out, want, fmt.Sprintf("level %d, %s", level, what))
		}
		x := b.array64(as)
		check(sums, "sum", func(out gpu.Words) error { return b.ring.Add(b.stream, out, x, b.array64(bs), level+1) })
		check(products, "product", func(out gpu.Words) error {
			return b.switcher.Relinearize(b.stream, out, b.array64(triples), relin, scratch, 2, level)
		})
		check(images, "image", func(out gpu.Words) error {
			return b.switcher.Automorphism(b.stream, out, x, galois, rotate, scratch, 2, level)
		})
		check(quotients, "quotient", func(out gpu.Words) error {
			return b.switcher.Rescale(b.stream, out, b.array64(products), scratch, 4, level)
		})
	}
}
