//go:build !noasm

#include "textflag.h"

// Z31 = q, Z30 = 2q, K1 = even words; Y15 = q, Y14 = 2q.

// SHOUP: r = a·w mod q in [0, 2q) with the companion ws, whose odd words stand in
// the even places of wso. The high halves of the products of even and odd words
// are computed apart and merged. Clobbers t.
#define SHOUP(a, w, ws, wso, r, t) \
	VPSRLQ    $32, a, t     \
	VPMULUDQ  ws, a, r      \
	VPMULUDQ  wso, t, t     \
	VMOVSHDUP r, K1, t      \
	VPMULLD   w, a, r       \
	VPMULLD   Z31, t, t     \
	VPSUBD    t, r, r

#define SHOUP2(a, w, ws, wso, r, t) \
	VPSRLQ    $32, a, t         \
	VPMULUDQ  ws, a, r          \
	VPMULUDQ  wso, t, t         \
	VPSHUFD   $0xf5, r, r       \
	VPBLENDD  $0xaa, t, r, t    \
	VPMULLD   w, a, r           \
	VPMULLD   Y15, t, t         \
	VPSUBD    t, r, r

// LESS: x less m where that is not negative.
#define LESS(m, x, t) \
	VPSUBD  m, x, t \
	VPMINUD t, x, x

// func withinAVX512(x *int32, n int, limit int32) (outside bool)
//
// |x| ≤ limit if and only if x + limit ≤ 2·limit without sign.
TEXT ·withinAVX512(SB), NOSPLIT, $0-25
	MOVQ x+0(FP), SI
	MOVQ n+8(FP), CX
	MOVL limit+16(FP), AX
	VPBROADCASTD AX, Z31
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
	MOVL limit+16(FP), AX
	VMOVD AX, X15
	VPBROADCASTD X15, Y15
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
	MOVL w+32(FP), AX
	VPBROADCASTD AX, Z29
	MOVL shoup+36(FP), AX
	VPBROADCASTD AX, Z28
	MOVL surplus+40(FP), AX
	VPBROADCASTD AX, Z27
	MOVL q+44(FP), AX
	VPBROADCASTD AX, Z31
	VPADDD Z31, Z31, Z30
	MOVL $0x80000000, AX
	VPBROADCASTD AX, Z26
	MOVL $0x5555, AX
	KMOVW AX, K1

values:
	VPXORD (SI), Z26, Z0
	SHOUP(Z0, Z29, Z28, Z28, Z1, Z2)
	LESS(Z31, Z1, Z2)
	VPADDD (DX), Z27, Z3
	VPADDD Z3, Z1, Z1
	LESS(Z30, Z1, Z2)
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
	MOVL w+32(FP), AX
	VMOVD AX, X13
	VPBROADCASTD X13, Y13
	MOVL shoup+36(FP), AX
	VMOVD AX, X12
	VPBROADCASTD X12, Y12
	MOVL surplus+40(FP), AX
	VMOVD AX, X11
	VPBROADCASTD X11, Y11
	MOVL q+44(FP), AX
	VMOVD AX, X15
	VPBROADCASTD X15, Y15
	VPADDD Y15, Y15, Y14
	VPCMPEQD Y10, Y10, Y10
	VPSLLD $31, Y10, Y10

values:
	VPXOR (SI), Y10, Y0
	SHOUP2(Y0, Y13, Y12, Y12, Y1, Y2)
	LESS(Y15, Y1, Y2)
	VPADDD (DX), Y11, Y3
	VPADDD Y3, Y1, Y1
	LESS(Y14, Y1, Y2)
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
	MOVL q+64(FP), AX
	VPBROADCASTD AX, Z31
	VPADDD Z31, Z31, Z30
	MOVL $0x5555, AX
	KMOVW AX, K1
	SUBQ R9, R8
	SHLQ $2, R8          // bytes from the end of one row to the next

row:
	MOVQ R9, BX

words:
	VMOVDQU32 (DX), Z0
	VMOVDQU32 (R11), Z3
	VPSRLQ $32, Z3, Z4
	SHOUP(Z0, (R10), Z3, Z4, Z1, Z2)
	VMOVDQU32 (SI), Z0
	VPSUBD  Z1, Z0, Z1
	VPADDD  Z30, Z1, Z2
	VPMINUD Z2, Z1, Z1
	LESS(Z31, Z1, Z2)
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
	MOVL q+64(FP), AX
	VMOVD AX, X15
	VPBROADCASTD X15, Y15
	VPADDD Y15, Y15, Y14
	SUBQ R9, R8
	SHLQ $2, R8

row:
	MOVQ R9, BX

words:
	VMOVDQU (DX), Y0
	VMOVDQU (R11), Y3
	VPSRLQ $32, Y3, Y4
	SHOUP2(Y0, (R10), Y3, Y4, Y1, Y2)
	VMOVDQU (SI), Y0
	VPSUBD  Y1, Y0, Y1
	VPADDD  Y14, Y1, Y2
	VPMINUD Y2, Y1, Y1
	LESS(Y15, Y1, Y2)
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
