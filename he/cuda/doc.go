// Package cuda is he.Engine, he.Scorer and he.ChunkEncryptor on NVIDIA GPUs, over the
// kernels of kernels/cuda. Engine and scorer return the same residues as every other.
package cuda
