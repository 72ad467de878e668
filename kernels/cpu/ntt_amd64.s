//go:build !noasm

#include "textflag.h"

// Offsets into nttIndex (ntt_amd64.go): index vectors that regroup two vectors of
// 16 words between the stages whose butterflies span less than a vector, and that
// spread twiddles.
#define LO8 0
#define HI8 64
#define LO4 128
#define HI4 192
#define LO2 256
#define HI2 320
#define LO1 384
#define HI1 448
#define ZIPLO 512
#define ZIPHI 576
#define EVENS 640
#define ODDS 704
#define SPREAD8 768
#define SPREAD4 832
#define SPREAD2 896

// Registers throughout: Z31 = q, Z30 = 2q, K1 = even words.

// SHOUP: v = a·w mod q in [0, 2q), w in W with companion WS, whose odd words stand
// in the even places of WSO. Clobbers t1, t2. The high halves of the products of
// even and odd words are computed apart and merged.
#define SHOUP(a, W, WS, WSO, v, t1, t2) \
	VPMULUDQ WS, a, t1      \
	VPSRLQ   $32, a, t2     \
	VPMULUDQ WSO, t2, t2    \
	VMOVSHDUP t1, K1, t2    \
	VPMULLD  W, a, v        \
	VPMULLD  Z31, t2, t2    \
	VPSUBD   t2, v, v

// FORWARD: Harvey's butterfly, x and y in [0, 4q).
#define FORWARD(x, y, W, WS, WSO, t1, t2, v) \
	SHOUP(y, W, WS, WSO, v, t1, t2) \
	VPSUBD  Z30, x, t1      \
	VPMINUD t1, x, x        \
	VPADDD  Z30, x, y       \
	VPSUBD  v, y, y         \
	VPADDD  v, x, x

// INVERSE: x and y in [0, 2q).
#define INVERSE(x, y, W, WS, WSO, t1, t2, v) \
	VPADDD  Z30, x, v       \
	VPSUBD  y, v, v         \
	VPADDD  y, x, x         \
	VPSUBD  Z30, x, t1      \
	VPMINUD t1, x, x        \
	SHOUP(v, W, WS, WSO, y, t1, t2)

// REGROUP: (x, y) = (words LO, words HI) of x, y.
#define REGROUP(x, y, LO, HI, t1) \
	VMOVDQA64 LO, t1        \
	VPERMI2D  y, x, t1      \
	VPERMT2D  y, HI, x      \
	VMOVDQA64 x, y          \
	VMOVDQA64 t1, x

// func nttForwardAVX512(a, w, ws, index *uint32, n int, q uint32)
//
// a has n ≥ 32 words in [0, 2q); w and ws are the twiddles in bit-reversed order and
// their companions. Stages of one vector and more go pass by pass with the twiddle
// broadcast; the last four run together on pairs of vectors.
TEXT ·nttForwardAVX512(SB), NOSPLIT, $0-44
	MOVQ a+0(FP), DI
	MOVQ w+8(FP), SI
	MOVQ ws+16(FP), DX
	MOVQ index+24(FP), R15
	MOVQ n+32(FP), R8
	MOVL q+40(FP), AX
	VPBROADCASTD AX, Z31
	VPADDD Z31, Z31, Z30
	MOVL $0x5555, AX
	KMOVW AX, K1

	MOVQ $1, R9          // m: blocks in this stage
	MOVQ R8, R10
	SHRQ $1, R10         // half a block, in words

stage:
	CMPQ R10, $16
	JLT  last
	MOVQ DI, R11         // block
	XORQ R12, R12        // its number
	LEAQ (SI)(R9*4), R13
	LEAQ (DX)(R9*4), R14

block:
	VPBROADCASTD (R13)(R12*4), Z29
	VPBROADCASTD (R14)(R12*4), Z28
	LEAQ (R11)(R10*4), CX
	MOVQ R10, BX

butterflies:
	VMOVDQU32 (R11), Z0
	VMOVDQU32 (CX), Z1
	FORWARD(Z0, Z1, Z29, Z28, Z28, Z2, Z3, Z4)
	VMOVDQU32 Z0, (R11)
	VMOVDQU32 Z1, (CX)
	ADDQ $64, R11
	ADDQ $64, CX
	SUBQ $16, BX
	JNZ  butterflies

	MOVQ CX, R11
	INCQ R12
	CMPQ R12, R9
	JNE  block
	SHLQ $1, R9
	SHRQ $1, R10
	JMP  stage

last:
	VMOVDQU32 LO8(R15), Z16
	VMOVDQU32 HI8(R15), Z17
	VMOVDQU32 LO4(R15), Z18
	VMOVDQU32 HI4(R15), Z19
	VMOVDQU32 LO2(R15), Z20
	VMOVDQU32 HI2(R15), Z21
	VMOVDQU32 LO1(R15), Z22
	VMOVDQU32 HI1(R15), Z23
	VMOVDQU32 ZIPLO(R15), Z24
	VMOVDQU32 ZIPHI(R15), Z25
	VMOVDQU32 SPREAD8(R15), Z26
	VMOVDQU32 SPREAD4(R15), Z27
	VMOVDQU32 SPREAD2(R15), Z15

	// Twiddles of the stages with n/16, n/8, n/4 and n/2 blocks; a pair of vectors
	// takes 2, 4, 8 and 16 of them.
	LEAQ (SI)(R9*4), R10
	LEAQ (DX)(R9*4), R11
	SHLQ $1, R9
	LEAQ (SI)(R9*4), R12
	LEAQ (DX)(R9*4), R13
	SHLQ $1, R9
	LEAQ (SI)(R9*4), R14
	LEAQ (DX)(R9*4), BX
	SHLQ $1, R9
	LEAQ (SI)(R9*4), CX
	LEAQ (DX)(R9*4), AX

pair:
	VMOVDQU32 (DI), Z0
	VMOVDQU32 64(DI), Z1
	REGROUP(Z0, Z1, Z16, Z17, Z5)
	VPBROADCASTQ (R10), Z6
	VPBROADCASTQ (R11), Z7
	VPERMD Z6, Z26, Z6
	VPERMD Z7, Z26, Z7
	FORWARD(Z0, Z1, Z6, Z7, Z7, Z2, Z3, Z4)

	REGROUP(Z0, Z1, Z18, Z19, Z5)
	VBROADCASTI32X4 (R12), Z6
	VBROADCASTI32X4 (R13), Z7
	VPERMD Z6, Z27, Z6
	VPERMD Z7, Z27, Z7
	FORWARD(Z0, Z1, Z6, Z7, Z7, Z2, Z3, Z4)

	REGROUP(Z0, Z1, Z20, Z21, Z5)
	VBROADCASTI64X4 (R14), Z6
	VBROADCASTI64X4 (BX), Z7
	VPERMD Z6, Z15, Z6
	VPERMD Z7, Z15, Z7
	FORWARD(Z0, Z1, Z6, Z7, Z7, Z2, Z3, Z4)

	REGROUP(Z0, Z1, Z22, Z23, Z5)
	VMOVDQU32 (CX), Z6
	VMOVDQU32 (AX), Z7
	VPSRLQ $32, Z7, Z8
	FORWARD(Z0, Z1, Z6, Z7, Z8, Z2, Z3, Z4)
	REGROUP(Z0, Z1, Z24, Z25, Z5)

	// From [0, 4q) to [0, q).
	VPSUBD  Z30, Z0, Z2
	VPMINUD Z2, Z0, Z0
	VPSUBD  Z30, Z1, Z3
	VPMINUD Z3, Z1, Z1
	VPSUBD  Z31, Z0, Z2
	VPMINUD Z2, Z0, Z0
	VPSUBD  Z31, Z1, Z3
	VPMINUD Z3, Z1, Z1
	VMOVDQU32 Z0, (DI)
	VMOVDQU32 Z1, 64(DI)

	ADDQ $128, DI
	ADDQ $8, R10
	ADDQ $8, R11
	ADDQ $16, R12
	ADDQ $16, R13
	ADDQ $32, R14
	ADDQ $32, BX
	ADDQ $64, CX
	ADDQ $64, AX
	SUBQ $32, R8
	JNZ  pair
	VZEROUPPER
	RET

// func nttInverseAVX512(a, w, ws, index *uint32, n int, q, nInv, nInvShoup uint32)
TEXT ·nttInverseAVX512(SB), NOSPLIT, $0-52
	MOVQ a+0(FP), DI
	MOVQ w+8(FP), SI
	MOVQ ws+16(FP), DX
	MOVQ index+24(FP), R15
	MOVQ n+32(FP), R8
	MOVL q+40(FP), AX
	VPBROADCASTD AX, Z31
	VPADDD Z31, Z31, Z30
	MOVL $0x5555, AX
	KMOVW AX, K1

	VMOVDQU32 EVENS(R15), Z16
	VMOVDQU32 ODDS(R15), Z17
	VMOVDQU32 LO1(R15), Z18
	VMOVDQU32 HI1(R15), Z19
	VMOVDQU32 LO2(R15), Z20
	VMOVDQU32 HI2(R15), Z21
	VMOVDQU32 LO4(R15), Z22
	VMOVDQU32 HI4(R15), Z23
	VMOVDQU32 LO8(R15), Z24
	VMOVDQU32 HI8(R15), Z25
	VMOVDQU32 SPREAD8(R15), Z26
	VMOVDQU32 SPREAD4(R15), Z27
	VMOVDQU32 SPREAD2(R15), Z15

	MOVQ R8, R9
	SHRQ $4, R9          // n/16 blocks of 16
	LEAQ (SI)(R9*4), R10
	LEAQ (DX)(R9*4), R11
	SHLQ $1, R9
	LEAQ (SI)(R9*4), R12
	LEAQ (DX)(R9*4), R13
	SHLQ $1, R9
	LEAQ (SI)(R9*4), R14
	LEAQ (DX)(R9*4), BX
	SHLQ $1, R9
	LEAQ (SI)(R9*4), CX
	LEAQ (DX)(R9*4), AX

	// The first four stages on pairs of vectors. The same regrouping that split
	// groups on the way forward joins them on the way back, since each swaps the
	// middle parts of its groups and so undoes itself.
	PUSHQ DI
	PUSHQ R8

inversePair:
	VMOVDQU32 (DI), Z0
	VMOVDQU32 64(DI), Z1
	REGROUP(Z0, Z1, Z16, Z17, Z5)
	VMOVDQU32 (CX), Z6
	VMOVDQU32 (AX), Z7
	VPSRLQ $32, Z7, Z8
	INVERSE(Z0, Z1, Z6, Z7, Z8, Z2, Z3, Z4)
	REGROUP(Z0, Z1, Z18, Z19, Z5)

	VBROADCASTI64X4 (R14), Z6
	VBROADCASTI64X4 (BX), Z7
	VPERMD Z6, Z15, Z6
	VPERMD Z7, Z15, Z7
	INVERSE(Z0, Z1, Z6, Z7, Z7, Z2, Z3, Z4)
	REGROUP(Z0, Z1, Z20, Z21, Z5)

	VBROADCASTI32X4 (R12), Z6
	VBROADCASTI32X4 (R13), Z7
	VPERMD Z6, Z27, Z6
	VPERMD Z7, Z27, Z7
	INVERSE(Z0, Z1, Z6, Z7, Z7, Z2, Z3, Z4)
	REGROUP(Z0, Z1, Z22, Z23, Z5)

	VPBROADCASTQ (R10), Z6
	VPBROADCASTQ (R11), Z7
	VPERMD Z6, Z26, Z6
	VPERMD Z7, Z26, Z7
	INVERSE(Z0, Z1, Z6, Z7, Z7, Z2, Z3, Z4)
	REGROUP(Z0, Z1, Z24, Z25, Z5)
	VMOVDQU32 Z0, (DI)
	VMOVDQU32 Z1, 64(DI)

	ADDQ $128, DI
	ADDQ $8, R10
	ADDQ $8, R11
	ADDQ $16, R12
	ADDQ $16, R13
	ADDQ $32, R14
	ADDQ $32, BX
	ADDQ $64, CX
	ADDQ $64, AX
	SUBQ $32, R8
	JNZ  inversePair
	POPQ R8
	POPQ DI

	MOVQ R8, R9
	SHRQ $5, R9          // m: blocks of 32
	MOVQ $16, R10        // half a block

inverseStage:
	MOVQ DI, R11
	XORQ R12, R12
	LEAQ (SI)(R9*4), R13
	LEAQ (DX)(R9*4), R14

inverseBlock:
	VPBROADCASTD (R13)(R12*4), Z29
	VPBROADCASTD (R14)(R12*4), Z28
	LEAQ (R11)(R10*4), CX
	MOVQ R10, BX

inverseButterflies:
	VMOVDQU32 (R11), Z0
	VMOVDQU32 (CX), Z1
	INVERSE(Z0, Z1, Z29, Z28, Z28, Z2, Z3, Z4)
	VMOVDQU32 Z0, (R11)
	VMOVDQU32 Z1, (CX)
	ADDQ $64, R11
	ADDQ $64, CX
	SUBQ $16, BX
	JNZ  inverseButterflies

	MOVQ CX, R11
	INCQ R12
	CMPQ R12, R9
	JNE  inverseBlock
	SHLQ $1, R10
	SHRQ $1, R9
	JNZ  inverseStage

	MOVL nInv+44(FP), AX
	MOVL nInvShoup+48(FP), BX
	VPBROADCASTD AX, Z29
	VPBROADCASTD BX, Z28

scale:
	VMOVDQU32 (DI), Z0
	SHOUP(Z0, Z29, Z28, Z28, Z1, Z2, Z3)
	VPSUBD  Z31, Z1, Z2
	VPMINUD Z2, Z1, Z1
	VMOVDQU32 Z1, (DI)
	ADDQ $64, DI
	SUBQ $16, R8
	JNZ  scale
	VZEROUPPER
	RET
