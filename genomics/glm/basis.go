package glm

import "math"

// orthonormalise returns a basis of the columns that is orthonormal under the
// weights (nil: all 1), and the triangle of coefficients: column j is
// Σ triangle[k][j]·basis[k] over k ≤ j. The first basis vector is the first
// column, scaled, so that it is constant when that is the intercept.
//
// It is Gram–Schmidt, done twice on every column, which is as orthogonal as
// Householder's method (Giraud, Langou, Rozložník, "The loss of orthogonality in
// the Gram–Schmidt orthogonalization process", 2005). The weights enter the inner
// product only, and the order of operations is fixed, so equal designs have
// equal bases to the last bit.
func orthonormalise(columns [][]float64, w []float64) (basis, triangle [][]float64) {
	basis = make([][]float64, len(columns))
	triangle = make([][]float64, len(columns))
	for j, column := range columns {
		triangle[j] = make([]float64, len(columns))
		v := append([]float64(nil), column...)
		for range 2 {
			for k := range j {
				c := dot(basis[k], v, w)
				triangle[k][j] += c
				axpy(v, -c, basis[k])
			}
		}
		norm := math.Sqrt(dot(v, v, w))
		triangle[j][j] = norm
		if norm > 0 {
			for i := range v {
				v[i] /= norm
			}
		}
		basis[j] = v
	}
	return basis, triangle
}

// dot is Σ a·b·w, or Σ a·b where w is nil.
func dot(a, b, w []float64) float64 {
	s := 0.0
	if w == nil {
		for i := range a {
			s += a[i] * b[i]
		}
		return s
	}
	for i := range a {
		s += a[i] * w[i] * b[i]
	}
	return s
}

// axpy adds c·x to y.
func axpy(y []float64, c float64, x []float64) {
	for i := range y {
		y[i] += c * x[i]
	}
}
