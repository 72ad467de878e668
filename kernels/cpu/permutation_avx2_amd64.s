//go:build !noasm

#include "textflag.h"

// func permuteAVX2(dst, src, vectors, orders *uint32, n int)
//
// 16 words in two halves. Like the 16 words, each half comes from one aligned group
// of 8: half of the source or the other, as the first word of the order says.
// VPERMD takes no more than the lower three bits of an order's words.
TEXT ·permuteAVX2(SB), NOSPLIT, $0-40
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
	MOVL (R8)(BX*1), R9
	ANDL $8, R9
	ADDL R9, AX            // the half that the first words come from
	VMOVDQU (R8)(BX*1), Y0
	VMOVDQU 32(R8)(BX*1), Y1
	VPERMD (SI)(AX*4), Y0, Y0
	XORL $8, AX
	VPERMD (SI)(AX*4), Y1, Y1
	VMOVDQU Y0, (DI)
	VMOVDQU Y1, 32(DI)
	ADDQ $4, DX
	ADDQ $64, DI
	SUBQ $16, CX
	JNZ  vector
	VZEROUPPER
	RET
