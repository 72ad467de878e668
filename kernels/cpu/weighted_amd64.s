//go:build !noasm

#include "textflag.h"

#define BROADCAST(arg, v) VPBROADCASTD arg, v

// PRODUCT512: 16 words of a row times those of the key, added to the sums of even
// and odd words. Z16 = key, Z17 = its odd words.
#define PRODUCT512(offset, even, odd) \
	VMOVDQU32 offset(BX), Z18 \
	VMOVSHDUP Z18, Z19        \
	VPMULUDQ  Z18, Z16, Z18   \
	VPMULUDQ  Z19, Z17, Z19   \
	VPADDQ    Z18, even, even \
	VPADDQ    Z19, odd, odd

// FINISH512: the Montgomery reduction of both sums, interleaved, is added to 16 words
// of sums. Z31 = q, Z30 = −1/q mod 2^32, K1 = even words.
#define FINISH512(offset, even, odd) \
	VPMULUDQ  Z30, even, Z18  \
	VPMULUDQ  Z30, odd, Z19   \
	VPMULUDQ  Z31, Z18, Z18   \
	VPMULUDQ  Z31, Z19, Z19   \
	VPADDQ    Z18, even, even \
	VPADDQ    Z19, odd, odd   \
	VMOVSHDUP even, K1, odd   \
	VPSUBD    Z31, odd, Z18   \
	VPMINUD   Z18, odd, odd   \
	VPADDD    offset(DI)(AX*1), odd, odd \
	VPSUBD    Z31, odd, Z18   \
	VPMINUD   Z18, odd, odd   \
	VMOVDQU32 odd, offset(DI)(AX*1)

// func addWeightedAVX512(sums *uint32, rows *[]uint32, key *uint32, count, blocks int, q, negInv uint32)
//
// 16 words of eight tiles at a time: a part of the key is read once for all eight.
TEXT ·addWeightedAVX512(SB), NOSPLIT, $0-48
	MOVQ sums+0(FP), DI
	MOVQ rows+8(FP), SI
	MOVQ count+24(FP), R11
	MOVQ blocks+32(FP), R10
	MOVL q+40(FP), AX
	VPBROADCASTD AX, Z31
	MOVL negInv+44(FP), AX
	VPBROADCASTD AX, Z30
	MOVL $0x5555, AX
	KMOVW AX, K1
	XORQ AX, AX          // position, in bytes

block:
	MOVQ key+16(FP), R9
	MOVQ $4, R8

part:
	VPXORQ Z0, Z0, Z0
	VPXORQ Z1, Z1, Z1
	VPXORQ Z2, Z2, Z2
	VPXORQ Z3, Z3, Z3
	VPXORQ Z4, Z4, Z4
	VPXORQ Z5, Z5, Z5
	VPXORQ Z6, Z6, Z6
	VPXORQ Z7, Z7, Z7
	VPXORQ Z8, Z8, Z8
	VPXORQ Z9, Z9, Z9
	VPXORQ Z10, Z10, Z10
	VPXORQ Z11, Z11, Z11
	VPXORQ Z12, Z12, Z12
	VPXORQ Z13, Z13, Z13
	VPXORQ Z14, Z14, Z14
	VPXORQ Z15, Z15, Z15
	MOVQ SI, DX
	MOVQ R11, CX

row:
	MOVQ (DX), BX        // the first word of a slice's header
	ADDQ AX, BX
	VMOVDQU32 (R9), Z16
	VMOVSHDUP Z16, Z17
	PRODUCT512(0, Z0, Z1)
	PRODUCT512(256, Z2, Z3)
	PRODUCT512(512, Z4, Z5)
	PRODUCT512(768, Z6, Z7)
	PRODUCT512(1024, Z8, Z9)
	PRODUCT512(1280, Z10, Z11)
	PRODUCT512(1536, Z12, Z13)
	PRODUCT512(1792, Z14, Z15)
	ADDQ $24, DX
	ADDQ $64, R9
	DECQ CX
	JNZ  row

	FINISH512(0, Z0, Z1)
	FINISH512(256, Z2, Z3)
	FINISH512(512, Z4, Z5)
	FINISH512(768, Z6, Z7)
	FINISH512(1024, Z8, Z9)
	FINISH512(1280, Z10, Z11)
	FINISH512(1536, Z12, Z13)
	FINISH512(1792, Z14, Z15)
	ADDQ $64, AX
	DECQ R8
	JNZ  part
	ADDQ $1792, AX
	DECQ R10
	JNZ  block
	VZEROUPPER
	RET

// PRODUCT256 and FINISH256: the same for 8 words. Y8 = key, Y9 = its odd words,
// Y15 = q, Y14 = −1/q mod 2^32.
#define PRODUCT256(offset, even, odd) \
	VMOVDQU   offset(BX), Y10 \
	VMOVSHDUP Y10, Y11        \
	VPMULUDQ  Y10, Y8, Y10    \
	VPMULUDQ  Y11, Y9, Y11    \
	VPADDQ    Y10, even, even \
	VPADDQ    Y11, odd, odd

#define FINISH256(offset, even, odd) \
	VPMULUDQ  Y14, even, Y10  \
	VPMULUDQ  Y14, odd, Y11   \
	VPMULUDQ  Y15, Y10, Y10   \
	VPMULUDQ  Y15, Y11, Y11   \
	VPADDQ    Y10, even, even \
	VPADDQ    Y11, odd, odd   \
	VMOVSHDUP even, even      \
	VPBLENDD  $0xAA, odd, even, odd \
	VPSUBD    Y15, odd, Y10   \
	VPMINUD   Y10, odd, odd   \
	VPADDD    offset(DI)(AX*1), odd, odd \
	VPSUBD    Y15, odd, Y10   \
	VPMINUD   Y10, odd, odd   \
	VMOVDQU   odd, offset(DI)(AX*1)

// func addWeightedAVX2(sums *uint32, rows *[]uint32, key *uint32, count, blocks int, q, negInv uint32)
//
// 8 words of four tiles at a time.
TEXT ·addWeightedAVX2(SB), NOSPLIT, $0-48
	MOVQ sums+0(FP), DI
	MOVQ rows+8(FP), SI
	MOVQ count+24(FP), R11
	MOVQ blocks+32(FP), R10
	BROADCAST(q+40(FP), Y15)
	BROADCAST(negInv+44(FP), Y14)
	XORQ AX, AX          // position, in bytes

block:
	MOVQ key+16(FP), R12
	MOVQ $8, R8

part:
	VPXOR Y0, Y0, Y0
	VPXOR Y1, Y1, Y1
	VPXOR Y2, Y2, Y2
	VPXOR Y3, Y3, Y3
	VPXOR Y4, Y4, Y4
	VPXOR Y5, Y5, Y5
	VPXOR Y6, Y6, Y6
	VPXOR Y7, Y7, Y7
	MOVQ SI, DX
	MOVQ R12, R9
	MOVQ R11, CX

row:
	MOVQ (DX), BX        // the first word of a slice's header
	ADDQ AX, BX
	VMOVDQU (R9), Y8
	VMOVSHDUP Y8, Y9
	PRODUCT256(0, Y0, Y1)
	PRODUCT256(256, Y2, Y3)
	PRODUCT256(512, Y4, Y5)
	PRODUCT256(768, Y6, Y7)
	ADDQ $24, DX
	ADDQ $64, R9
	DECQ CX
	JNZ  row

	FINISH256(0, Y0, Y1)
	FINISH256(256, Y2, Y3)
	FINISH256(512, Y4, Y5)
	FINISH256(768, Y6, Y7)
	ADDQ $32, AX
	ADDQ $32, R12        // the other half of 16 words of the key
	TESTQ $1, R8
	JZ   half
	LEAQ -32(R9), R12    // the next 16 words: R9 has passed all rows

half:
	DECQ R8
	JNZ  part
	ADDQ $768, AX
	DECQ R10
	JNZ  block
	VZEROUPPER
	RET
