package kernels_test

import (
	"testing"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"

	"genoveil/he"
)

// BenchmarkEncrypt encrypts a chunk of 64 samples under the secret key modulo
// three primes. Ours starts from genotypes; Lattigo's from a plaintext that is
// scaled and transformed, without the seeds, and so has less to do.
func BenchmarkEncrypt(b *testing.B) {
	p := params(b)
	const samples = he.ChunkSamples
	b.Run("ours", func(b *testing.B) {
		sk, err := he.GenerateSecret(p.Chain())
		if err != nil {
			b.Fatal(err)
		}
		encryptor, err := he.NewEncryptor(p.PlaneParams, sk)
		if err != nil {
			b.Fatal(err)
		}
		r := random()
		dosages := make([]int32, p.N())
		for i := range dosages {
			dosages[i] = r.Int32N(3) - 1
		}
		var chunk he.EncryptedChunk
		for b.Loop() {
			if err := encryptor.EncryptChunk(&chunk, samples, func(_ int, values []int32) { copy(values, dosages) }); err != nil {
				b.Fatal(err)
			}
		}
		per(b, samples, "ciphertext")
	})
	b.Run("Lattigo", func(b *testing.B) {
		literal := rlwe.ParametersLiteral{LogN: p.Chain().LogN, NTTFlag: true}
		for _, q := range p.Chain().Sums {
			literal.Q = append(literal.Q, uint64(q))
		}
		lp, err := rlwe.NewParametersFromLiteral(literal)
		if err != nil {
			b.Fatal(err)
		}
		encryptor := rlwe.NewEncryptor(lp, rlwe.NewKeyGenerator(lp).GenSecretKeyNew())
		plaintext := rlwe.NewPlaintext(lp, lp.MaxLevel())
		fill(random(), lp.RingQ(), plaintext.Value)
		out := rlwe.NewCiphertext(lp, 1, lp.MaxLevel())
		for b.Loop() {
			for range samples {
				if err := encryptor.Encrypt(plaintext, out); err != nil {
					b.Fatal(err)
				}
			}
		}
		per(b, samples, "ciphertext")
	})
}
