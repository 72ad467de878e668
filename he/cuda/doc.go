// Package cuda is the evaluation engine on NVIDIA GPUs: he.Engine and he.Scorer over
// the kernels of kernels/cuda. It returns the same residues as every other engine.
package cuda
