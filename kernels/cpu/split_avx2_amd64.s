//go:build !noasm

#include "textflag.h"
#include "vectors_amd64.h"

// Y15 = q, Y14 = 2q, Y13 = 4q.

// MULTIPLY: x = x·factor mod q in [0, 2q), for any word x; the factor's row is at
// R9 + at, its companion's 64 bytes on.
#define MULTIPLY(x, at, t1, t2) \
	VMOVSHDUP x, t2                \
	VMOVSHDUP at+64(R9), t1        \
	VPMULUDQ  t1, t2, t2           \
	VPMULUDQ  at+64(R9), x, t1     \
	VMOVSHDUP t1, t1               \
	VPBLENDD  $0xAA, t2, t1, t2    \
	VPMULLD   at(R9), x, x         \
	VPMULLD   Y15, t2, t2          \
	VPSUBD    t2, x, x

// BUTTERFLY: (x, y) = (x + y, x − y + bound), for y ≤ bound.
#define BUTTERFLY(x, y, bound, t1) \
	VPADDD bound, x, t1            \
	VPADDD y, x, x                 \
	VPSUBD y, t1, y

// PART: multiply by the row at R9 + at, reduce, store.
#define PART(x, at, place, t1, t2) \
	MULTIPLY(x, at, t1, t2)        \
	BELOW(Y15, x, t1)              \
	VMOVDQU x, place

// func split8AVX2(parts, images, factors *uint32, n, stride, imageStride, block int, q uint32)
//
// As split8AVX512, 8 positions at a time: R9 goes back and forth between the halves
// of the rows of factors, R14 bytes.
TEXT ·split8AVX2(SB), NOSPLIT, $0-60
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
	BROADCAST(q+56(FP), Y15)
	VPADDD Y15, Y15, Y14
	VPADDD Y14, Y14, Y13
	MOVQ $32, R14

block:
	MOVQ block+48(FP), CX
	SUBQ CX, R8

vector:
	LEAQ (SI)(R11*4), BX
	VMOVDQU (SI), Y0
	VMOVDQU (SI)(R11*1), Y1
	VMOVDQU (SI)(R11*2), Y2
	VMOVDQU (SI)(R13*1), Y3
	VMOVDQU (BX), Y4
	VMOVDQU (BX)(R11*1), Y5
	VMOVDQU (BX)(R11*2), Y6
	VMOVDQU (BX)(R13*1), Y7
	BUTTERFLY(Y0, Y4, Y15, Y8)
	BUTTERFLY(Y1, Y5, Y15, Y9)
	BUTTERFLY(Y2, Y6, Y15, Y10)
	BUTTERFLY(Y3, Y7, Y15, Y11)
	MULTIPLY(Y5, 0, Y8, Y9)
	MULTIPLY(Y6, 128, Y10, Y11)
	MULTIPLY(Y7, 256, Y8, Y9)
	BUTTERFLY(Y0, Y2, Y14, Y8)
	BUTTERFLY(Y1, Y3, Y14, Y9)
	BUTTERFLY(Y4, Y6, Y14, Y10)
	BUTTERFLY(Y5, Y7, Y14, Y11)
	MULTIPLY(Y3, 128, Y8, Y9)
	MULTIPLY(Y7, 128, Y10, Y11)
	BUTTERFLY(Y0, Y1, Y13, Y8)
	BUTTERFLY(Y2, Y3, Y13, Y9)
	BUTTERFLY(Y4, Y5, Y13, Y10)
	BUTTERFLY(Y6, Y7, Y13, Y11)
	BELOW(Y13, Y0, Y8)
	BELOW(Y14, Y0, Y8)
	BELOW(Y15, Y0, Y8)
	LEAQ (DI)(R10*4), DX
	VMOVDQU Y0, (DI)
	PART(Y1, 384, (DI)(R10*1), Y8, Y9)
	PART(Y2, 512, (DI)(R10*2), Y10, Y11)
	PART(Y3, 640, (DI)(R12*1), Y8, Y9)
	PART(Y4, 768, (DX), Y10, Y11)
	PART(Y5, 896, (DX)(R10*1), Y8, Y9)
	PART(Y6, 1024, (DX)(R10*2), Y10, Y11)
	PART(Y7, 1152, (DX)(R12*1), Y8, Y9)
	ADDQ $32, SI
	ADDQ $32, DI
	ADDQ R14, R9
	NEGQ R14
	SUBQ $8, CX
	JNZ  vector

	ADDQ $1280, R9
	TESTQ R8, R8
	JNZ  block
	VZEROUPPER
	RET
