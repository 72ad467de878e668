package he_test

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"

	"genoveil/he"
	"genoveil/he/hetest"
)

// BenchmarkEncrypt encrypts planes of hard calls, and does the same with Lattigo:
// an encryption of zero under the secret key and the addition of the scaled plane.
// The tags noavx512 and noasm show other levels.
func BenchmarkEncrypt(b *testing.B) {
	params, err := he.Plan(65_536, 1, 4096)
	if err != nil {
		b.Fatal(err)
	}
	chain := params.Chain()
	values := make([]int32, chain.N())
	r := rand.New(rand.NewPCG(1, 1))
	for i := range values {
		values[i] = int32(r.IntN(3)) - 1
	}
	perGenotype := func(b *testing.B, samples int) {
		genotypes := float64(b.N) * float64(samples) * float64(chain.N())
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/genotypes, "ns/genotype")
	}

	b.Run("chunk", func(b *testing.B) {
		sk, err := he.GenerateSecret(chain)
		if err != nil {
			b.Fatal(err)
		}
		enc, err := he.NewEncryptor(params.PlaneParams, sk)
		if err != nil {
			b.Fatal(err)
		}
		var chunk he.EncryptedChunk
		for b.Loop() {
			err := enc.EncryptChunk(&chunk, he.ChunkSamples, func(_ int, v []int32) { copy(v, values) })
			if err != nil {
				b.Fatal(err)
			}
		}
		perGenotype(b, he.ChunkSamples)
	})

	b.Run("Lattigo", func(b *testing.B) {
		var q []uint64
		for _, p := range chain.Sums {
			q = append(q, uint64(p))
		}
		lattigo, err := rlwe.NewParametersFromLiteral(rlwe.ParametersLiteral{LogN: chain.LogN, Q: q, NTTFlag: true})
		if err != nil {
			b.Fatal(err)
		}
		ring := lattigo.RingQ()
		enc := rlwe.NewEncryptor(lattigo, rlwe.NewKeyGenerator(lattigo).GenSecretKeyNew())
		ct := rlwe.NewCiphertext(lattigo, 1, lattigo.MaxLevel())
		ct.IsNTT = true
		message := ring.NewPoly()
		for b.Loop() {
			for l, p := range q {
				scale := params.PlaneScale().Uint64() % p
				for j, v := range values {
					message.Coeffs[l][j] = (uint64(int64(v)+int64(p)) * scale) % p
				}
			}
			ring.NTT(message, message)
			if err := enc.EncryptZero(ct); err != nil {
				b.Fatal(err)
			}
			ring.Add(ct.Value[0], message, ct.Value[0])
		}
		perGenotype(b, 1)
	})
}

// TestEncryptsSoManyChunks starts four chunks where two at a time are allowed.
func TestEncryptsSoManyChunks(t *testing.T) {
	params := hetest.SumParams(t, 6, 1<<13)
	sk, err := he.GenerateSecret(params.Chain())
	if err != nil {
		t.Fatal(err)
	}
	single, err := he.NewEncryptor(params.PlaneParams, sk)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		e := single.ChunkEncryptor(2)
		begun, proceed := make(chan struct{}, 4), make(chan struct{})
		for range 4 {
			go func() {
				err := e.EncryptChunk(new(he.EncryptedChunk), 1, func(int, []int32) {
					begun <- struct{}{}
					<-proceed
				})
				if err != nil {
					t.Error(err)
				}
			}()
		}
		for _, want := range []int{2, 4} {
			synctest.Wait()
			if len(begun) != want {
				t.Errorf("%d chunks begun, expected %d", len(begun), want)
			}
			proceed <- struct{}{}
			proceed <- struct{}{}
		}
	})
}

func TestEncryptsChunks(t *testing.T) {
	for _, logN := range []int{6, 10} {
		hetest.EncryptsChunks(t, logN, func(params he.PlaneParams, sk *he.SecretKey) (he.ChunkEncryptor, error) {
			e, err := he.NewEncryptor(params, sk)
			if err != nil {
				return nil, err
			}
			return e.ChunkEncryptor(2), nil
		})
	}
}
