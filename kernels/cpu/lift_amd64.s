//go:build !noasm

#include "textflag.h"
#include "vectors_amd64.h"

// Elementwise routines: n is a multiple of 16. A factor stands in Z30, its companion
// in Z29.

#define MULTIPLY(a, r, t) SHOUP512(a, Z30, Z29, Z29, r, t)

// func liftAVX512(dst, src *uint32, n int, top, shift uint32)
TEXT ·liftAVX512(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	BROADCAST(top+24(FP), Z28)
	BROADCAST(shift+28(FP), Z27)

loop:
	VMOVDQU32 (SI), Z0
	VPCMPUD $6, Z28, Z0, K2 // above top
	VPADDD Z27, Z0, K2, Z0
	VMOVDQU32 Z0, (DI)
	ADDQ $64, SI
	ADDQ $64, DI
	SUBQ $16, CX
	JNZ  loop
	VZEROUPPER
	RET

// func mulAddLiftAVX512(dst, src *uint32, n int, top, shift, w, ws, q uint32)
TEXT ·mulAddLiftAVX512(SB), NOSPLIT, $0-44
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	BROADCAST(top+24(FP), Z28)
	BROADCAST(shift+28(FP), Z27)
	BROADCAST(w+32(FP), Z30)
	BROADCAST(ws+36(FP), Z29)
	BROADCAST(q+40(FP), Z31)
	VPADDD Z31, Z31, Z26
	EVEN

loop:
	VMOVDQU32 (SI), Z0
	VMOVDQU32 (DI), Z1
	VPCMPUD $6, Z28, Z0, K2
	VPADDD Z27, Z0, K2, Z0
	MULTIPLY(Z1, Z2, Z3)
	VPADDD Z2, Z0, Z0
	BELOW(Z26, Z0, Z1)
	VMOVDQU32 Z0, (DI)
	ADDQ $64, SI
	ADDQ $64, DI
	SUBQ $16, CX
	JNZ  loop
	VZEROUPPER
	RET

// func divideOutAVX512(dst, a, r *uint32, n int, w, ws, q uint32)
TEXT ·divideOutAVX512(SB), NOSPLIT, $0-44
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ r+16(FP), DX
	MOVQ n+24(FP), CX
	BROADCAST(w+32(FP), Z30)
	BROADCAST(ws+36(FP), Z29)
	BROADCAST(q+40(FP), Z31)
	EVEN

loop:
	VMOVDQU32 (SI), Z0
	VPADDD Z31, Z0, Z0
	VPSUBD (DX), Z0, Z0
	MULTIPLY(Z0, Z1, Z2)
	BELOW(Z31, Z1, Z2)
	VMOVDQU32 Z1, (DI)
	ADDQ $64, SI
	ADDQ $64, DX
	ADDQ $64, DI
	SUBQ $16, CX
	JNZ  loop
	VZEROUPPER
	RET

// QUOTIENT: 16 words from offset `at` on, stored with MOVE.
#define QUOTIENT(MOVE, at, x, v, t) \
	VMOVDQU32 at(SI), x     \
	VPADDD Z31, x, x        \
	VPSUBD at(DX), x, x     \
	MULTIPLY(x, v, t)        \
	BELOW(Z31, v, t)        \
	MOVE v, at(DI)

// func divideOutTilesAVX512(dst *uint32, stride int, a, r *uint32, n int, w, ws, q uint32)
//
// Tiles that are aligned go past the caches: what is written in tiles is written
// long before it is read.
TEXT ·divideOutTilesAVX512(SB), NOSPLIT, $0-52
	MOVQ dst+0(FP), DI
	MOVQ stride+8(FP), R8
	SHLQ $2, R8
	MOVQ a+16(FP), SI
	MOVQ r+24(FP), DX
	MOVQ n+32(FP), CX
	BROADCAST(w+40(FP), Z30)
	BROADCAST(ws+44(FP), Z29)
	BROADCAST(q+48(FP), Z31)
	EVEN
	CMPQ R8, $256
	JEQ  tile             // a row, which is read at once
	MOVQ DI, AX
	ORQ  R8, AX
	TESTQ $63, AX
	JNZ  tile

past:
	QUOTIENT(VMOVNTDQ, 0, Z0, Z1, Z2)
	QUOTIENT(VMOVNTDQ, 64, Z4, Z5, Z6)
	QUOTIENT(VMOVNTDQ, 128, Z8, Z9, Z10)
	QUOTIENT(VMOVNTDQ, 192, Z12, Z13, Z14)
	ADDQ $256, SI
	ADDQ $256, DX
	ADDQ R8, DI
	SUBQ $64, CX
	JNZ  past
	SFENCE
	VZEROUPPER
	RET

tile:
	QUOTIENT(VMOVDQU32, 0, Z0, Z1, Z2)
	QUOTIENT(VMOVDQU32, 64, Z4, Z5, Z6)
	QUOTIENT(VMOVDQU32, 128, Z8, Z9, Z10)
	QUOTIENT(VMOVDQU32, 192, Z12, Z13, Z14)
	ADDQ $256, SI
	ADDQ $256, DX
	ADDQ R8, DI
	SUBQ $64, CX
	JNZ  tile
	VZEROUPPER
	RET

// func scaleAVX512(dst, a *uint32, n int, w, ws, q uint32)
TEXT ·scaleAVX512(SB), NOSPLIT, $0-36
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ n+16(FP), CX
	BROADCAST(w+24(FP), Z30)
	BROADCAST(ws+28(FP), Z29)
	BROADCAST(q+32(FP), Z31)
	EVEN

loop:
	VMOVDQU32 (SI), Z0
	MULTIPLY(Z0, Z1, Z2)
	BELOW(Z31, Z1, Z2)
	VMOVDQU32 Z1, (DI)
	ADDQ $64, SI
	ADDQ $64, DI
	SUBQ $16, CX
	JNZ  loop
	VZEROUPPER
	RET

// func addAVX512(dst, a, b *uint32, n int, q uint32)
TEXT ·addAVX512(SB), NOSPLIT, $0-36
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ b+16(FP), DX
	MOVQ n+24(FP), CX
	BROADCAST(q+32(FP), Z31)

loop:
	VMOVDQU32 (SI), Z0
	VPADDD (DX), Z0, Z0
	BELOW(Z31, Z0, Z1)
	VMOVDQU32 Z0, (DI)
	ADDQ $64, SI
	ADDQ $64, DX
	ADDQ $64, DI
	SUBQ $16, CX
	JNZ  loop
	VZEROUPPER
	RET
