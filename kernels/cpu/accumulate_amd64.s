//go:build !noasm

#include "textflag.h"

// func accumulateAVX512(acc *uint64, c0, c1, d *uint32, samples, stride, T int)
//
// T is a multiple of 8. Eight positions stay in three accumulators while all
// samples pass: four multiplications and additions for four loads of 32 bytes.
TEXT ·accumulateAVX512(SB), NOSPLIT, $0-56
	MOVQ acc+0(FP), DI
	MOVQ c0+8(FP), SI
	MOVQ c1+16(FP), DX
	MOVQ d+24(FP), R8
	MOVQ stride+40(FP), R10
	SHLQ $2, R10              // bytes from one sample's constants to the next
	MOVQ T+48(FP), R11
	MOVQ R11, R12             // positions left
	LEAQ (DI)(R11*8), R13     // middle accumulators
	LEAQ (R13)(R11*8), R14    // last ones
	SHLQ $2, R11              // bytes of one row

positions:
	VMOVDQU64 (DI), Z0
	VMOVDQU64 (R13), Z1
	VMOVDQU64 (R14), Z2
	VPXORQ Z11, Z11, Z11
	MOVQ SI, AX
	MOVQ DX, BX
	MOVQ R8, CX
	MOVQ samples+32(FP), R9

sample:
	VPMOVZXDQ (AX), Z3        // c0
	VPMOVZXDQ (BX), Z4        // c1
	VPMOVZXDQ (CX), Z5        // d0
	VPMOVZXDQ (CX)(R11*1), Z6 // d1
	VPMULUDQ Z3, Z5, Z7
	VPMULUDQ Z3, Z6, Z8
	VPMULUDQ Z4, Z5, Z9
	VPMULUDQ Z4, Z6, Z10
	VPADDQ Z7, Z0, Z0
	VPADDQ Z8, Z1, Z1
	VPADDQ Z9, Z11, Z11
	VPADDQ Z10, Z2, Z2
	ADDQ R11, AX
	ADDQ R11, BX
	ADDQ R10, CX
	DECQ R9
	JNZ  sample

	VPADDQ Z11, Z1, Z1
	VMOVDQU64 Z0, (DI)
	VMOVDQU64 Z1, (R13)
	VMOVDQU64 Z2, (R14)
	ADDQ $64, DI
	ADDQ $64, R13
	ADDQ $64, R14
	ADDQ $32, SI
	ADDQ $32, DX
	ADDQ $32, R8
	SUBQ $8, R12
	JNZ  positions
	VZEROUPPER
	RET

// func multiplyAdd2AVX512(acc0, acc1 *uint64, a, b0, b1 *uint32, n int)
//
// n is a multiple of 8.
TEXT ·multiplyAdd2AVX512(SB), NOSPLIT, $0-48
	MOVQ acc0+0(FP), DI
	MOVQ acc1+8(FP), SI
	MOVQ a+16(FP), DX
	MOVQ b0+24(FP), R8
	MOVQ b1+32(FP), R9
	MOVQ n+40(FP), CX

words:
	VPMOVZXDQ (DX), Z0
	VPMOVZXDQ (R8), Z1
	VPMOVZXDQ (R9), Z2
	VPMULUDQ Z0, Z1, Z1
	VPMULUDQ Z0, Z2, Z2
	VPADDQ (DI), Z1, Z1
	VPADDQ (SI), Z2, Z2
	VMOVDQU64 Z1, (DI)
	VMOVDQU64 Z2, (SI)
	ADDQ $32, DX
	ADDQ $32, R8
	ADDQ $32, R9
	ADDQ $64, DI
	ADDQ $64, SI
	SUBQ $8, CX
	JNZ  words
	VZEROUPPER
	RET
