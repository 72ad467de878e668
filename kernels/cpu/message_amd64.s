//go:build !noasm

#include "textflag.h"
#include "vectors_amd64.h"

// Z31 = q, Z30 = 2q, K1 = even words; Y15 = q, Y14 = 2q.

// func withinAVX512(x *int32, n int, limit int32) (outside bool)
//
// |x| ≤ limit if and only if x + limit ≤ 2·limit without sign.
TEXT ·withinAVX512(SB), NOSPLIT, $0-25
	MOVQ x+0(FP), SI
	MOVQ n+8(FP), CX
	BROADCAST(limit+16(FP), Z31)
	VPXORQ Z0, Z0, Z0    // largest x + limit

values:
	VPADDD  (SI), Z31, Z1
	VPMAXUD Z1, Z0, Z0
	ADDQ $64, SI
	SUBQ $16, CX
	JNZ  values

	VPADDD  Z31, Z31, Z30
	VPCMPUD $6, Z30, Z0, K1 // greater
	KORTESTW K1, K1
	SETNE outside+24(FP)
	VZEROUPPER
	RET

// func withinAVX2(x *int32, n int, limit int32) (outside bool)
TEXT ·withinAVX2(SB), NOSPLIT, $0-25
	MOVQ x+0(FP), SI
	MOVQ n+8(FP), CX
	BROADCAST(limit+16(FP), Y15)
	VPXOR Y0, Y0, Y0

values:
	VPADDD  (SI), Y15, Y1
	VPMAXUD Y1, Y0, Y0
	ADDQ $32, SI
	SUBQ $8, CX
	JNZ  values

	VPADDD   Y15, Y15, Y14
	VPMAXUD  Y0, Y14, Y0
	VPCMPEQD Y0, Y14, Y0
	VPMOVMSKB Y0, AX
	CMPL AX, $-1
	SETNE outside+24(FP)
	VZEROUPPER
	RET

// func mulAddSignedAVX512(dst *uint32, v, e *int32, n int, w, shoup, surplus, q uint32)
TEXT ·mulAddSignedAVX512(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ v+8(FP), SI
	MOVQ e+16(FP), DX
	MOVQ n+24(FP), CX
	BROADCAST(w+32(FP), Z29)
	BROADCAST(shoup+36(FP), Z28)
	BROADCAST(surplus+40(FP), Z27)
	BROADCAST(q+44(FP), Z31)
	VPADDD Z31, Z31, Z30
	MOVL $0x80000000, AX
	VPBROADCASTD AX, Z26
	EVEN

values:
	VPXORD (SI), Z26, Z0
	SHOUP512(Z0, Z29, Z28, Z28, Z1, Z2)
	BELOW(Z31, Z1, Z2)
	VPADDD (DX), Z27, Z3
	VPADDD Z3, Z1, Z1
	BELOW(Z30, Z1, Z2)
	VMOVDQU32 Z1, (DI)
	ADDQ $64, SI
	ADDQ $64, DX
	ADDQ $64, DI
	SUBQ $16, CX
	JNZ  values
	VZEROUPPER
	RET

// func mulAddSignedAVX2(dst *uint32, v, e *int32, n int, w, shoup, surplus, q uint32)
TEXT ·mulAddSignedAVX2(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ v+8(FP), SI
	MOVQ e+16(FP), DX
	MOVQ n+24(FP), CX
	BROADCAST(w+32(FP), Y13)
	BROADCAST(shoup+36(FP), Y12)
	BROADCAST(surplus+40(FP), Y11)
	BROADCAST(q+44(FP), Y15)
	VPADDD Y15, Y15, Y14
	VPCMPEQD Y10, Y10, Y10
	VPSLLD $31, Y10, Y10

values:
	VPXOR (SI), Y10, Y0
	SHOUP256(Y0, Y13, Y12, Y12, Y1, Y2)
	BELOW(Y15, Y1, Y2)
	VPADDD (DX), Y11, Y3
	VPADDD Y3, Y1, Y1
	BELOW(Y14, Y1, Y2)
	VMOVDQU Y1, (DI)
	ADDQ $32, SI
	ADDQ $32, DX
	ADDQ $32, DI
	SUBQ $8, CX
	JNZ  values
	VZEROUPPER
	RET

// func mulSubTilesAVX512(dst *uint32, stride, width int, a, b, w, shoup *uint32, tiles int, q uint32)
TEXT ·mulSubTilesAVX512(SB), NOSPLIT, $0-68
	MOVQ dst+0(FP), DI
	MOVQ stride+8(FP), R8
	MOVQ width+16(FP), R9
	MOVQ a+24(FP), SI
	MOVQ b+32(FP), DX
	MOVQ w+40(FP), R10
	MOVQ shoup+48(FP), R11
	MOVQ tiles+56(FP), CX
	BROADCAST(q+64(FP), Z31)
	VPADDD Z31, Z31, Z30
	EVEN
	SUBQ R9, R8
	SHLQ $2, R8          // bytes from the end of one row to the next

row:
	MOVQ R9, BX

words:
	VMOVDQU32 (DX), Z0
	VMOVDQU32 (R11), Z3
	VPSRLQ $32, Z3, Z4
	SHOUP512(Z0, (R10), Z3, Z4, Z1, Z2)
	VMOVDQU32 (SI), Z0
	VPSUBD  Z1, Z0, Z1
	VPADDD  Z30, Z1, Z2
	VPMINUD Z2, Z1, Z1
	BELOW(Z31, Z1, Z2)
	VMOVDQU32 Z1, (DI)
	ADDQ $64, SI
	ADDQ $64, DX
	ADDQ $64, R10
	ADDQ $64, R11
	ADDQ $64, DI
	SUBQ $16, BX
	JNZ  words

	ADDQ R8, DI
	DECQ CX
	JNZ  row
	VZEROUPPER
	RET

// func mulSubTilesAVX2(dst *uint32, stride, width int, a, b, w, shoup *uint32, tiles int, q uint32)
TEXT ·mulSubTilesAVX2(SB), NOSPLIT, $0-68
	MOVQ dst+0(FP), DI
	MOVQ stride+8(FP), R8
	MOVQ width+16(FP), R9
	MOVQ a+24(FP), SI
	MOVQ b+32(FP), DX
	MOVQ w+40(FP), R10
	MOVQ shoup+48(FP), R11
	MOVQ tiles+56(FP), CX
	BROADCAST(q+64(FP), Y15)
	VPADDD Y15, Y15, Y14
	SUBQ R9, R8
	SHLQ $2, R8

row:
	MOVQ R9, BX

words:
	VMOVDQU (DX), Y0
	VMOVDQU (R11), Y3
	VPSRLQ $32, Y3, Y4
	SHOUP256(Y0, (R10), Y3, Y4, Y1, Y2)
	VMOVDQU (SI), Y0
	VPSUBD  Y1, Y0, Y1
	VPADDD  Y14, Y1, Y2
	VPMINUD Y2, Y1, Y1
	BELOW(Y15, Y1, Y2)
	VMOVDQU Y1, (DI)
	ADDQ $32, SI
	ADDQ $32, DX
	ADDQ $32, R10
	ADDQ $32, R11
	ADDQ $32, DI
	SUBQ $8, BX
	JNZ  words

	ADDQ R8, DI
	DECQ CX
	JNZ  row
	VZEROUPPER
	RET
