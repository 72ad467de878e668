//go:build !amd64 || noasm

package cpu

// Forward transforms a in place. Input in [0, 2q), output in [0, q).
func (t *NTT) Forward(a []uint32) { t.forwardGeneric(a) }

// Inverse undoes Forward in place. Input in [0, 2q), output in [0, q).
func (t *NTT) Inverse(a []uint32) { t.inverseGeneric(a) }
