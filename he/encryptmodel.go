package he

import "fmt"

// A ModelEncryptor encrypts models under the secret key. It is not safe for concurrent
// use.
type ModelEncryptor struct {
	*encryption
	params ScoreParams
}

// NewModelEncryptor prepares encryption under sk with a set for encrypted models.
func NewModelEncryptor(params ScoreParams, sk *SecretKey) (*ModelEncryptor, error) {
	if !params.PrivateModel() {
		return nil, fmt.Errorf("the parameter set is not for encrypted models")
	}
	encryption, err := newEncryption(params.Chain(), params.Chain().Sums, sk)
	if err != nil {
		return nil, err
	}
	return &ModelEncryptor{encryption, params}, nil
}

// EncryptWeights encrypts the polynomial of up to N weights of an encrypted model
// (WeightPolynomial), one a position of a block and plane, under a fresh seed. Each
// is at most MaxNorm in absolute value, or it fails.
func (e *ModelEncryptor) EncryptWeights(weights []int64) (SeededCiphertext, error) {
	if err := checkWeights(weights, e.params.N(), e.params.MaxNorm()); err != nil {
		return SeededCiphertext{}, err
	}
	polynomial := WeightPolynomial(weights, e.params.N())
	return e.encryptSeeded(polynomial, e.params.ModelScale())
}

// EncryptConstant encrypts the constant of an encrypted model for ScoreParams.AddConstant.
// |c| ≤ MaxAnswer or it fails.
func (e *ModelEncryptor) EncryptConstant(c int64) (SeededCiphertext, error) {
	if limit := e.params.MaxAnswer(); c > limit || c < -limit {
		return SeededCiphertext{}, fmt.Errorf("a constant is outside ±%d, the largest answer", limit)
	}
	return e.encryptSeeded([]int64{c}, e.params.Scale())
}
