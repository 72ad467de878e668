//go:build !noasm

#include "textflag.h"
#include "vectors_amd64.h"

// Elementwise routines: n is a multiple of 16, taken as two vectors. A factor stands
// in Y14, its companion in Y13.

#define MULTIPLY(a, r, t) SHOUP256(a, Y14, Y13, Y13, r, t)

// LIFT: 8 words; those above top, which is in Y12, grow by Y11. Residues are below
// 2^28, so that the comparison may take them for signed.
#define LIFT(at, x, t1) \
	VMOVDQU  at(SI), x      \
	VPCMPGTD Y12, x, t1     \
	VPAND    Y11, t1, t1    \
	VPADDD   t1, x, x

// func liftAVX2(dst, src *uint32, n int, top, shift uint32)
TEXT ·liftAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	BROADCAST(top+24(FP), Y12)
	BROADCAST(shift+28(FP), Y11)

loop:
	LIFT(0, Y0, Y1)
	LIFT(32, Y2, Y3)
	VMOVDQU Y0, (DI)
	VMOVDQU Y2, 32(DI)
	ADDQ $64, SI
	ADDQ $64, DI
	SUBQ $16, CX
	JNZ  loop
	VZEROUPPER
	RET

#define MULADDLIFT(at, x, v, t1, t2) \
	LIFT(at, x, t1)         \
	VMOVDQU at(DI), v       \
	MULTIPLY(v, t1, t2)     \
	VPADDD t1, x, x         \
	BELOW(Y10, x, t1)       \
	VMOVDQU x, at(DI)

// func mulAddLiftAVX2(dst, src *uint32, n int, top, shift, w, ws, q uint32)
TEXT ·mulAddLiftAVX2(SB), NOSPLIT, $0-44
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	BROADCAST(top+24(FP), Y12)
	BROADCAST(shift+28(FP), Y11)
	BROADCAST(w+32(FP), Y14)
	BROADCAST(ws+36(FP), Y13)
	BROADCAST(q+40(FP), Y15)
	VPADDD Y15, Y15, Y10

loop:
	MULADDLIFT(0, Y0, Y1, Y2, Y3)
	MULADDLIFT(32, Y4, Y5, Y6, Y7)
	ADDQ $64, SI
	ADDQ $64, DI
	SUBQ $16, CX
	JNZ  loop
	VZEROUPPER
	RET

// QUOTIENT: 8 words from offset `at` on, stored with MOVE.
#define QUOTIENT(MOVE, at, x, v, t) \
	VPADDD at(SI), Y15, x   \
	VPSUBD at(DX), x, x     \
	MULTIPLY(x, v, t)       \
	BELOW(Y15, v, t)        \
	MOVE v, at(DI)

// TILE: 64 words.
#define TILE(MOVE) \
	QUOTIENT(MOVE, 0, Y0, Y1, Y2)     \
	QUOTIENT(MOVE, 32, Y3, Y4, Y5)    \
	QUOTIENT(MOVE, 64, Y6, Y7, Y8)    \
	QUOTIENT(MOVE, 96, Y9, Y10, Y11)  \
	QUOTIENT(MOVE, 128, Y0, Y1, Y2)   \
	QUOTIENT(MOVE, 160, Y3, Y4, Y5)   \
	QUOTIENT(MOVE, 192, Y6, Y7, Y8)   \
	QUOTIENT(MOVE, 224, Y9, Y10, Y11) \
	ADDQ $256, SI                     \
	ADDQ $256, DX                     \
	ADDQ R8, DI                       \
	SUBQ $64, CX

// func divideOutAVX2(dst, a, r *uint32, n int, w, ws, q uint32)
TEXT ·divideOutAVX2(SB), NOSPLIT, $0-44
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ r+16(FP), DX
	MOVQ n+24(FP), CX
	BROADCAST(w+32(FP), Y14)
	BROADCAST(ws+36(FP), Y13)
	BROADCAST(q+40(FP), Y15)

loop:
	QUOTIENT(VMOVDQU, 0, Y0, Y1, Y2)
	QUOTIENT(VMOVDQU, 32, Y3, Y4, Y5)
	ADDQ $64, SI
	ADDQ $64, DX
	ADDQ $64, DI
	SUBQ $16, CX
	JNZ  loop
	VZEROUPPER
	RET

// func divideOutTilesAVX2(dst *uint32, stride int, a, r *uint32, n int, w, ws, q uint32)
//
// Aligned tiles go past the caches, as in divideOutTilesAVX512.
TEXT ·divideOutTilesAVX2(SB), NOSPLIT, $0-52
	MOVQ dst+0(FP), DI
	MOVQ stride+8(FP), R8
	SHLQ $2, R8
	MOVQ a+16(FP), SI
	MOVQ r+24(FP), DX
	MOVQ n+32(FP), CX
	BROADCAST(w+40(FP), Y14)
	BROADCAST(ws+44(FP), Y13)
	BROADCAST(q+48(FP), Y15)

	CMPQ R8, $256
	JEQ  tile             // a row, which is read at once
	MOVQ DI, AX
	ORQ  R8, AX
	TESTQ $63, AX
	JNZ  tile

past:
	TILE(VMOVNTDQ)
	JNZ  past
	SFENCE
	VZEROUPPER
	RET

tile:
	TILE(VMOVDQU)
	JNZ  tile
	VZEROUPPER
	RET

#define PRODUCT(at, x, v, t) \
	VMOVDQU at(SI), x       \
	MULTIPLY(x, v, t)       \
	BELOW(Y15, v, t)        \
	VMOVDQU v, at(DI)

// func scaleAVX2(dst, a *uint32, n int, w, ws, q uint32)
TEXT ·scaleAVX2(SB), NOSPLIT, $0-36
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ n+16(FP), CX
	BROADCAST(w+24(FP), Y14)
	BROADCAST(ws+28(FP), Y13)
	BROADCAST(q+32(FP), Y15)

loop:
	PRODUCT(0, Y0, Y1, Y2)
	PRODUCT(32, Y3, Y4, Y5)
	ADDQ $64, SI
	ADDQ $64, DI
	SUBQ $16, CX
	JNZ  loop
	VZEROUPPER
	RET

#define SUM(at, x, t1) \
	VMOVDQU at(SI), x       \
	VPADDD  at(DX), x, x    \
	BELOW(Y15, x, t1)       \
	VMOVDQU x, at(DI)

// func addAVX2(dst, a, b *uint32, n int, q uint32)
TEXT ·addAVX2(SB), NOSPLIT, $0-36
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ b+16(FP), DX
	MOVQ n+24(FP), CX
	BROADCAST(q+32(FP), Y15)

loop:
	SUM(0, Y0, Y1)
	SUM(32, Y2, Y3)
	ADDQ $64, SI
	ADDQ $64, DX
	ADDQ $64, DI
	SUBQ $16, CX
	JNZ  loop
	VZEROUPPER
	RET
