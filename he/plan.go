package he

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"

	"genoveil/kernels/cpu"
	"genoveil/kernels/cpu/sampling"
)

// The bound on the decoding error. For n samples with |v| ≤ V, |ρ| ≤ B, the
// error of a sum before rounding has variance at most
//
//	n·( Δg²·N·V²·σr²·C  +  Δr²·B²·σ²  +  N·σ²·σr² )
//
// where σ is the error of a plane ciphertext, σr that of an expanded column
// constant, and C ≤ MaxKeyFactor bounds how much one frequency of the secret
// can stand out (SecretKey.Factor): the rounding error of an expanded constant
// contains r·s with r white and s the secret, and a plane with a constant part
// lines up with one frequency of it.
const (
	// MinMargin is the least distance, in standard deviations, from the grid to
	// the decision boundary. 9.95 makes a wrong rounding over 2^35 decoded
	// coefficients as likely as 2^-40.1, 14.5 as 2^-120.9, which an argument for
	// publishing decrypted values asks for (docs/security.md).
	MinMargin = 14.5

	// RejectMargin is the distance from the grid, in standard deviations, beyond
	// which a decoded coefficient is refused as damaged.
	RejectMargin = 9.95

	// MaxKeyFactor bounds C. Key generation draws again above it (one key in a
	// hundred at N = 8192).
	MaxKeyFactor = 13.0
)

// errorSigma is the standard deviation of a fresh plane or column error.
var errorSigma = math.Sqrt(sampling.BinomialPairs / 2.0)

// columnSigma bounds the standard deviation σr of an expanded constant. Dropping
// a prime rounds both components: variance 1/12 each, the second times s, whose
// 2N/3 non-zero coefficients are taken with 5 % to spare. What expansion added
// is divided by the dropped prime: a key-switch has variance at most
// digits·N·(q²/12)·σ²/P² plus its own rounding, a child has that of seven, and a
// step multiplies the constant coefficient's error by 8. With steps of 1, 3, 3, 3
// and 3 levels that is a factor of 4^12 + 7·(4^9 + 4^6 + 4^3 + 1) < N² on the
// variance, so N on the deviation bounds it.
func (c Chain) columnSigma() float64 {
	n := float64(c.N())
	rounding := (1 + 1.05*2*n/3) / 12
	digits := float64(len(c.Sums) + len(c.Dropped))
	keySwitch := digits*n/12*errorSigma*errorSigma + rounding
	drop := 1.0
	for _, q := range c.Dropped {
		drop *= float64(q)
	}
	amplified := n * math.Sqrt(keySwitch+errorSigma*errorSigma) / drop
	return math.Sqrt(rounding + amplified*amplified)
}

// ErrorBound is the standard deviation that bounds the error of a sum over n
// samples, in units of the last bit before the scales are divided away.
func (p SumParams) ErrorBound(n int) float64 {
	N, V, B := float64(p.N()), float64(p.maxPlane), float64(p.maxColumn)
	dg, dr := toFloat(p.planeScale), float64(p.columnScale)
	sr := p.chain.columnSigma()
	return math.Sqrt(float64(n) * (dg*dg*N*V*V*sr*sr*MaxKeyFactor + dr*dr*B*B*errorSigma*errorSigma + N*errorSigma*errorSigma*sr*sr))
}

// Margin is the distance from the grid to the decision boundary, in standard
// deviations of the error bound, for a full batch.
func (p SumParams) Margin() float64 {
	return toFloat(p.Scale()) / 2 / p.ErrorBound(p.batch)
}

func toFloat(x *big.Int) float64 {
	f, _ := new(big.Float).SetInt(x).Float64()
	return f
}

// checkExact verifies that every sum over a batch decodes exactly.
func (p SumParams) checkExact() error {
	largest := big.NewInt(int64(p.batch))
	largest.Mul(largest, big.NewInt(p.maxPlane)).Mul(largest, big.NewInt(p.maxColumn))
	span := new(big.Int).Lsh(largest, 1)
	span.Add(span, big.NewInt(1)).Mul(span, p.Scale())
	if largest.BitLen() > 62 || span.Cmp(p.modulus) >= 0 {
		return fmt.Errorf("sums over %d samples of values up to %d and %d do not fit a modulus of %d bits", p.batch, p.maxPlane, p.maxColumn, p.modulus.BitLen())
	}
	if m := p.Margin(); !(m >= MinMargin) { // also if it is not a number
		return fmt.Errorf("sums over %d samples would be only %.1f standard deviations from a wrong rounding; %.1f are required", p.batch, m, MinMargin)
	}
	return nil
}

// planLogN is the ring that Plan uses: head-room for key-switching at 128 bits
// of security and more; the cost per plane value does not depend on it.
const planLogN = 13

// Plan chooses the set for sums over n samples of plane values up to V
// and column values up to B in absolute value: the fewest primes for which a
// batch holds at least one packed column's worth of samples (N), then the
// largest batch up to n, then the scales that leave the most margin.
//
// It refuses, with the reason, what no set inside the 128-bit row of the
// Homomorphic Encryption Standard can sum exactly.
func Plan(n int, V, B int64) (SumParams, error) {
	if n < 1 || V < 1 || B < 1 {
		return SumParams{}, fmt.Errorf("cannot plan for %d samples, plane values up to %d and column values up to %d: all must be at least 1", n, V, B)
	}
	const maxValue = 1 << 40 // keeps products of bounds inside 64 bits with the smallest batch
	if V > maxValue || B > maxValue || bits.Len64(uint64(V))+bits.Len64(uint64(B))+planLogN > 62 {
		return SumParams{}, fmt.Errorf("plane values up to %d times column values up to %d are too large to sum exactly; quantise them more coarsely", V, B)
	}
	primes := PrimesBelow(1<<cpu.MaxModulusBits, planLogN, 16)
	var refusal error
	for count := 2; count+2 <= len(primes); count++ {
		chain := Chain{LogN: planLogN, Sums: primes[:count], Dropped: primes[count : count+1], Switches: primes[count+1 : count+2]}
		if chain.Security() < 128 {
			break
		}
		N := chain.N()
		for tiles := (n + N - 1) / N; tiles >= 1; tiles-- {
			// Try the batch that is wanted, then smaller ones, quickly downwards.
			p, err := planBatch(chain, tiles*N, V, B)
			if err == nil {
				return p, nil
			}
			refusal = err
			if tiles > 64 {
				tiles = tiles * 7 / 8
			}
		}
	}
	return SumParams{}, fmt.Errorf("no parameter set with 128 bits of security sums plane values up to %d times column values up to %d: %w", V, B, refusal)
}

// planBatch sets the scales for a chain and batch. Their product is the largest
// that the modulus allows; their ratio makes the two leading terms of the error
// equal.
func planBatch(chain Chain, batch int, V, B int64) (SumParams, error) {
	span := big.NewInt(int64(batch))
	span.Mul(span, big.NewInt(V)).Mul(span, big.NewInt(B)).Lsh(span, 1).Add(span, big.NewInt(1))
	room, _ := new(big.Float).SetInt(new(big.Int).Div(product(chain.Sums), span)).Float64()
	ratio := float64(B) * errorSigma / (float64(V) * chain.columnSigma() * math.Sqrt(float64(chain.N())*MaxKeyFactor))
	plane := math.Floor(math.Sqrt(room * ratio))
	column := math.Floor(math.Sqrt(room / ratio))
	if plane < 2 || column < 2 || plane > 1<<62 || column > 1<<62 {
		return SumParams{}, fmt.Errorf("a modulus of %d primes leaves no room for %d samples", len(chain.Sums), batch)
	}
	// One part in 2^40 below the rounded values keeps the product under the
	// modulus although floats were used.
	shrink := 1 - 0x1p-40
	l := literal{
		Chain:       chain,
		PlaneScale:  new(big.Int).SetUint64(uint64(plane * shrink)),
		ColumnScale: uint64(column * shrink),
		MaxPlane:    V,
		MaxColumn:   B,
		Batch:       batch,
	}
	return l.sums()
}

// PrimesBelow returns the count largest primes below limit that are 1 modulo
// 2^(logN+1), in falling order.
func PrimesBelow(limit uint32, logN, count int) []uint32 {
	step := uint32(2) << logN
	var primes []uint32
	for q := (limit-2)/step*step + 1; q > step && len(primes) < count; q -= step {
		if big.NewInt(int64(q)).ProbablyPrime(0) {
			primes = append(primes, q)
		}
	}
	return primes
}
