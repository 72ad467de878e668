//go:build cuda

package cuda

import (
	"math/bits"

	"genoveil/gpu"
)

// Rescale divides polynomials by their last prime (Lattigo's DivRoundByLastModulusNTT): out[p][row][N], rows 0 … level−1, of
// polys[p][row][N], rows 0 … level.
func (v *Switcher64) Rescale(s *gpu.Stream, out, polys, scratch gpu.Words, count, level int) error {
	r, n := v.ring, v.ring.N
	if level < 1 || level >= v.q || count < 1 {
		panic("cuda: a level that cannot be rescaled, or nothing to rescale")
	}
	r.check64(out, count*level*n)
	r.check64(polys, count*(level+1)*n)
	last, lifted := slice64(scratch, 0, count*n), slice64(scratch, count*n, count*(level+1)*n)
	q := r.Primes[level]
	nInv := montgomery64(inverseMod(uint64(n), q), q)
	modulus := v.moduli.Slice(8*level, 8*(level+1))
	roots := slice64(v.roots, level*n, (level+1)*n)
	from, stride := slice64(polys, level*n, count*(level+1)*n), (level+1)*n
	// The first pass takes the stages that do not fill another.
	stages := (r.LogN-1)%4 + 1
	for t := 0; t < r.LogN; t, stages = t+stages, 4 {
		g := gpu.Grid{Blocks: [3]int{ceil(n, 4096), count}, Threads: [3]int{256}}
		err := s.Launch("rescale_stages64", g, last, from, stride, roots, modulus, nInv, t, stages, r.LogN)
		if err != nil {
			return err
		}
		from, stride = last, n
	}
	if err := s.Launch("rescale_lift64", r.grid64(level, count), lifted, last, v.moduli, q/2, n); err != nil {
		return err
	}
	if err := r.Forward(s, lifted, 0, level); err != nil {
		return err
	}
	inverses := slice64(v.last, 2*level*v.q, 2*(level*v.q+level))
	return s.Launch("quotient64", r.grid64(level, count), out, polys, (level+1)*n, lifted, inverses, v.moduli, gpu.Words{}, 0, 0, n)
}

// inverseRoots are the powers of the inverses of the ring's roots modulo its first primes, in
// bit-reversed order and Montgomery form.
func (r *Ring64) inverseRoots(d *gpu.Device, s *gpu.Stream, count int) ([]uint64, error) {
	x := make([]uint64, count*r.N)
	for i := range count {
		x[i*r.N+1] = 1
	}
	w, err := write64(d, s, x)
	if err != nil {
		return nil, err
	}
	defer d.Free(w)
	if err := r.Forward(s, w, 0, count); err != nil {
		return nil, err
	}
	values := make([]uint32, 2*len(x))
	if err := s.Read(values, w); err != nil {
		return nil, err
	}
	for i, q := range r.Primes[:count] {
		// The first value of X is the root.
		root := uint64(values[2*i*r.N]) | uint64(values[2*i*r.N+1])<<32
		inverse, power := inverseMod(root, q), montgomery64(1, q)
		for j := range r.N {
			x[i*r.N+int(bits.Reverse64(uint64(j))>>(64-r.LogN))] = power
			power = mulMod(power, inverse, q)
		}
	}
	return x, nil
}
