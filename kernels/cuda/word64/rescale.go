//go:build cuda

package word64

import "genoveil/gpu"

// Rescale divides polynomials by their last prime (Lattigo's DivRoundByLastModulusNTT):
// out[p][row][N], rows 0 … level−1, of polys[p][row][N], rows 0 … level.
func (v *Switcher) Rescale(s *gpu.Stream, out, polys, scratch gpu.Words, count, level int) error {
	r, n := v.ring, v.ring.N
	if level < 1 || level >= v.q || count < 1 {
		panic("word64: a level that cannot be rescaled, or nothing to rescale")
	}
	r.check(out, count*level*n)
	r.check(polys, count*(level+1)*n)
	last, lifted := slice(scratch, 0, count*n), slice(scratch, count*n, count*(level+1)*n)
	if err := r.inverseRows(s, last, slice(polys, level*n, count*(level+1)*n), (level+1)*n, level, 1); err != nil {
		return err
	}
	if err := s.Launch("rescale_lift64", r.grid(level, count), lifted, last, r.table, r.Primes[level], n); err != nil {
		return err
	}
	if err := r.Forward(s, lifted, 0, level); err != nil {
		return err
	}
	inverses := slice(v.last, 2*level*v.q, 2*(level*v.q+level))
	return s.Launch("quotient64", r.grid(level, count), out, polys, (level+1)*n, lifted, inverses, r.table, gpu.Words{}, 0, 0, n)
}
