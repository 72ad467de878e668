//go:build !noasm

#include "textflag.h"

// func permuteAVX512(dst, src, vectors, orders *uint32, n int)
TEXT ·permuteAVX512(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ vectors+16(FP), DX
	MOVQ orders+24(FP), R8
	MOVQ n+32(FP), CX

vector:
	MOVL (DX), AX
	MOVL AX, BX
	ANDL $15, BX           // order
	SHLL $6, BX
	ANDL $-16, AX          // source, in words
	VMOVDQU32 (R8)(BX*1), Z0
	VPERMD (SI)(AX*4), Z0, Z1
	VMOVDQU32 Z1, (DI)
	ADDQ $4, DX
	ADDQ $64, DI
	SUBQ $16, CX
	JNZ  vector
	VZEROUPPER
	RET
