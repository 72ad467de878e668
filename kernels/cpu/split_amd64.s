//go:build !noasm

#include "textflag.h"
#include "vectors_amd64.h"

// Z31 = q, Z30 = 2q, Z29 = 4q, K1 = even words.

// MULTIPLY: x = x·factor mod q in [0, 2q), for any word x; the factor's row is at
// R9 + at, its companion's 64 bytes on.
#define MULTIPLY(x, at, t1, t2, t3) \
	VPMULUDQ  at+64(R9), x, t1     \
	VMOVSHDUP x, t2                \
	VMOVSHDUP at+64(R9), t3        \
	VPMULUDQ  t3, t2, t2           \
	VMOVSHDUP t1, K1, t2           \
	VPMULLD   at(R9), x, x         \
	VPMULLD   Z31, t2, t2          \
	VPSUBD    t2, x, x

// BUTTERFLY: (x, y) = (x + y, x − y + bound), for y ≤ bound.
#define BUTTERFLY(x, y, bound, t1) \
	VPADDD bound, x, t1            \
	VPADDD y, x, x                 \
	VPSUBD y, t1, y

// PART: multiply by the row at R9 + at, reduce, store.
#define PART(x, at, place, t1, t2, t3) \
	MULTIPLY(x, at, t1, t2, t3)    \
	BELOW(Z31, x, t1)              \
	VMOVDQU32 x, place

// func split8AVX512(parts, images, factors *uint32, n, stride, imageStride, block int, q uint32)
//
// 16 positions of all eight images at a time. A discrete Fourier transform of
// size 8 with decimation in frequency leaves the parts in bit-reversed order.
TEXT ·split8AVX512(SB), NOSPLIT, $0-60
	MOVQ parts+0(FP), DI
	MOVQ images+8(FP), SI
	MOVQ factors+16(FP), R9
	MOVQ n+24(FP), R8
	MOVQ stride+32(FP), R10
	SHLQ $2, R10               // bytes from part to part
	LEAQ (R10)(R10*2), R12
	MOVQ imageStride+40(FP), R11
	SHLQ $2, R11               // bytes from image to image
	LEAQ (R11)(R11*2), R13
	BROADCAST(q+56(FP), Z31)
	VPADDD Z31, Z31, Z30
	VPADDD Z30, Z30, Z29
	EVEN

block:
	MOVQ block+48(FP), CX
	SUBQ CX, R8

vector:
	LEAQ (SI)(R11*4), BX
	VMOVDQU32 (SI), Z0
	VMOVDQU32 (SI)(R11*1), Z1
	VMOVDQU32 (SI)(R11*2), Z2
	VMOVDQU32 (SI)(R13*1), Z3
	VMOVDQU32 (BX), Z4
	VMOVDQU32 (BX)(R11*1), Z5
	VMOVDQU32 (BX)(R11*2), Z6
	VMOVDQU32 (BX)(R13*1), Z7
	BUTTERFLY(Z0, Z4, Z31, Z8)
	BUTTERFLY(Z1, Z5, Z31, Z9)
	BUTTERFLY(Z2, Z6, Z31, Z10)
	BUTTERFLY(Z3, Z7, Z31, Z11)
	MULTIPLY(Z5, 0, Z8, Z9, Z10)
	MULTIPLY(Z6, 128, Z11, Z12, Z13)
	MULTIPLY(Z7, 256, Z14, Z15, Z16)
	BUTTERFLY(Z0, Z2, Z30, Z8)
	BUTTERFLY(Z1, Z3, Z30, Z9)
	BUTTERFLY(Z4, Z6, Z30, Z10)
	BUTTERFLY(Z5, Z7, Z30, Z11)
	MULTIPLY(Z3, 128, Z8, Z9, Z10)
	MULTIPLY(Z7, 128, Z11, Z12, Z13)
	BUTTERFLY(Z0, Z1, Z29, Z14)
	BUTTERFLY(Z2, Z3, Z29, Z15)
	BUTTERFLY(Z4, Z5, Z29, Z16)
	BUTTERFLY(Z6, Z7, Z29, Z17)
	BELOW(Z29, Z0, Z8)
	BELOW(Z30, Z0, Z8)
	BELOW(Z31, Z0, Z8)
	LEAQ (DI)(R10*4), DX
	VMOVDQU32 Z0, (DI)
	PART(Z1, 384, (DI)(R10*1), Z8, Z9, Z10)
	PART(Z2, 512, (DI)(R10*2), Z11, Z12, Z13)
	PART(Z3, 640, (DI)(R12*1), Z14, Z15, Z16)
	PART(Z4, 768, (DX), Z8, Z9, Z10)
	PART(Z5, 896, (DX)(R10*1), Z11, Z12, Z13)
	PART(Z6, 1024, (DX)(R10*2), Z14, Z15, Z16)
	PART(Z7, 1152, (DX)(R12*1), Z8, Z9, Z10)
	ADDQ $64, SI
	ADDQ $64, DI
	SUBQ $16, CX
	JNZ  vector

	ADDQ $1280, R9
	TESTQ R8, R8
	JNZ  block
	VZEROUPPER
	RET
