//go:build !noasm

#include "textflag.h"

// Constants for each 32-bit lane or byte.
DATA coins<>+0(SB)/4, $0x3ff      // coins of a half word
DATA coins<>+4(SB)/4, $21         // coin pairs
DATA coins<>+8(SB)/4, $0x0f0f0f0f
DATA coins<>+12(SB)/4, $0x01010101
DATA coins<>+16(SB)/4, $0x00010001
GLOBL coins<>(SB), RODATA|NOPTR, $20

// Heads in four coins.
DATA heads<>+0(SB)/8, $0x0302020102010100
DATA heads<>+8(SB)/8, $0x0403030203020201
GLOBL heads<>(SB), RODATA|NOPTR, $16

// func binomialAVX512(dst *int32, words, halves *byte, n int)
TEXT ·binomialAVX512(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ words+8(FP), SI
	MOVQ halves+16(FP), DX
	MOVQ n+24(FP), CX
	VPBROADCASTD coins<>+0(SB), Z30
	VPBROADCASTD coins<>+4(SB), Z31

values:
	VPMOVZXWD (DX), Z1
	VPANDD    Z30, Z1, Z1
	VPOPCNTD  (SI), Z0
	VPOPCNTD  Z1, Z1
	VPADDD    Z1, Z0, Z0
	VPSUBD    Z31, Z0, Z0
	VMOVDQU32 Z0, (DI)
	ADDQ $64, DI
	ADDQ $64, SI
	ADDQ $32, DX
	SUBQ $16, CX
	JNZ  values
	VZEROUPPER
	RET

// func binomialAVX2(dst *int32, words, halves *byte, n int)
//
// Heads in half bytes come from a table within a register; at most 16 in a byte of
// the word and the half word together.
TEXT ·binomialAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ words+8(FP), SI
	MOVQ halves+16(FP), DX
	MOVQ n+24(FP), CX
	VPBROADCASTD   coins<>+0(SB), Y15
	VPBROADCASTD   coins<>+4(SB), Y14
	VPBROADCASTD   coins<>+8(SB), Y13
	VPBROADCASTD   coins<>+12(SB), Y12
	VPBROADCASTD   coins<>+16(SB), Y11
	VBROADCASTI128 heads<>(SB), Y10

values:
	VMOVDQU   (SI), Y0
	VPMOVZXWD (DX), Y1
	VPAND     Y15, Y1, Y1
	VPSRLW    $4, Y0, Y2
	VPSRLW    $4, Y1, Y3
	VPAND     Y13, Y0, Y0
	VPAND     Y13, Y1, Y1
	VPAND     Y13, Y2, Y2
	VPAND     Y13, Y3, Y3
	VPSHUFB   Y0, Y10, Y0
	VPSHUFB   Y1, Y10, Y1
	VPSHUFB   Y2, Y10, Y2
	VPSHUFB   Y3, Y10, Y3
	VPADDB    Y1, Y0, Y0
	VPADDB    Y3, Y2, Y2
	VPADDB    Y2, Y0, Y0
	VPMADDUBSW Y12, Y0, Y0
	VPMADDWD  Y11, Y0, Y0
	VPSUBD    Y14, Y0, Y0
	VMOVDQU   Y0, (DI)
	ADDQ $32, DI
	ADDQ $32, SI
	ADDQ $16, DX
	SUBQ $8, CX
	JNZ  values
	VZEROUPPER
	RET
