//go:build !noasm

#include "textflag.h"

// Offsets into nttIndex (ntt_amd64.go): index vectors that spread twiddles and join
// or part the even and odd words of two vectors.
#define ZIPLO 0
#define ZIPHI 64
#define EVENS 128
#define ODDS 192
#define SPREAD8 256
#define SPREAD4 320
#define SPREAD2 384

// Registers throughout: Z31 = q, Z30 = 2q, Z29 = 4q, Z28 = 8q, K1 = even words,
// K2 = odd words, K3 and K4 = odd and even groups of four words.
#define CONSTANTS \
	VPBROADCASTD AX, Z31    \
	VPADDD Z31, Z31, Z30    \
	VPADDD Z30, Z30, Z29    \
	VPADDD Z29, Z29, Z28    \
	MOVL $0x5555, AX        \
	KMOVW AX, K1            \
	KNOTW K1, K2            \
	MOVL $0xF0F0, AX        \
	KMOVW AX, K3            \
	KNOTW K3, K4

// BELOW: from x < 2·bound to x < bound.
#define BELOW(bound, x, t1) \
	VPSUBD  bound, x, t1    \
	VPMINUD t1, x, x

// SHOUP: v = a·w mod q in [0, 2q), w in W with companion WS, whose odd words stand
// in the even places of WSO. Clobbers t1, t2. The high halves of the products of
// even and odd words are computed apart and merged.
#define SHOUP(a, W, WS, WSO, v, t1, t2) \
	VPMULUDQ WS, a, t1      \
	VMOVSHDUP a, t2         \
	VPMULUDQ WSO, t2, t2    \
	VMOVSHDUP t1, K1, t2    \
	VPMULLD  W, a, v        \
	VPMULLD  Z31, t2, t2    \
	VPSUBD   t2, v, v

// FORWARD: Harvey's butterfly. y is any word; x grows by 2q, so that four stages
// fit between reductions: values stay below 16q < 2^32.
#define FORWARD(x, y, W, WS, WSO, t1, t2, v) \
	SHOUP(y, W, WS, WSO, v, t1, t2) \
	VPADDD  Z30, x, y       \
	VPSUBD  v, y, y         \
	VPADDD  v, x, x

// INVERSE: x and y below bound ≤ 8q; leaves x below twice that and y below 2q.
#define INVERSE(bound, x, y, W, WS, WSO, t1, t2, v) \
	VPADDD  bound, x, v     \
	VPSUBD  y, v, v         \
	VPADDD  y, x, x         \
	SHOUP(v, W, WS, WSO, y, t1, t2)

// Butterflies of the three stages of a pass over eight vectors.
#define BUTTERFLY(x, y, w, ws)             FORWARD(x, y, w, ws, ws, Z22, Z23, Z24)
#define BACK(bound, x, y, w, ws)           INVERSE(bound, x, y, w, ws, ws, Z22, Z23, Z24)

// The vectors of a pass: eight places, R10 bytes apart, from CX on. BX = 3·R10.
#define LOAD8 \
	LEAQ (CX)(R10*4), AX           \
	VMOVDQU32 (CX), Z0             \
	VMOVDQU32 (CX)(R10*1), Z1      \
	VMOVDQU32 (CX)(R10*2), Z2      \
	VMOVDQU32 (CX)(BX*1), Z3       \
	VMOVDQU32 (AX), Z4             \
	VMOVDQU32 (AX)(R10*1), Z5      \
	VMOVDQU32 (AX)(R10*2), Z6      \
	VMOVDQU32 (AX)(BX*1), Z7

#define STORE8 \
	VMOVDQU32 Z0, (CX)             \
	VMOVDQU32 Z1, (CX)(R10*1)      \
	VMOVDQU32 Z2, (CX)(R10*2)      \
	VMOVDQU32 Z3, (CX)(BX*1)       \
	VMOVDQU32 Z4, (AX)             \
	VMOVDQU32 Z5, (AX)(R10*1)      \
	VMOVDQU32 Z6, (AX)(R10*2)      \
	VMOVDQU32 Z7, (AX)(BX*1)

// The seven twiddles of block number R12 out of R9: one of the stage with R9
// blocks, two of the next, four of the one after. SI and DX are the tables.
#define TWIDDLES8 \
	LEAQ (R9)(R12*1), AX           \
	VPBROADCASTD (SI)(AX*4), Z8    \
	VPBROADCASTD (DX)(AX*4), Z15   \
	ADDQ AX, AX                    \
	VPBROADCASTD (SI)(AX*4), Z9    \
	VPBROADCASTD (DX)(AX*4), Z16   \
	VPBROADCASTD 4(SI)(AX*4), Z10  \
	VPBROADCASTD 4(DX)(AX*4), Z17  \
	ADDQ AX, AX                    \
	VPBROADCASTD (SI)(AX*4), Z11   \
	VPBROADCASTD (DX)(AX*4), Z18   \
	VPBROADCASTD 4(SI)(AX*4), Z12  \
	VPBROADCASTD 4(DX)(AX*4), Z19  \
	VPBROADCASTD 8(SI)(AX*4), Z13  \
	VPBROADCASTD 8(DX)(AX*4), Z20  \
	VPBROADCASTD 12(SI)(AX*4), Z14 \
	VPBROADCASTD 12(DX)(AX*4), Z21

// Regrouping of two vectors between stages whose butterflies span less than a
// vector: groups of 8, 4, 2 or 1 words are taken from either vector in turn, the
// even groups of both into lo and the odd ones into y; x is free afterwards. Each
// undoes itself.
#define GROUP8(x, y, lo) \
	VSHUFI64X2 $0x44, y, x, lo     \
	VSHUFI64X2 $0xEE, y, x, y

#define GROUP4(x, y, lo) \
	VMOVDQA64  x, lo               \
	VSHUFI32X4 $0xA0, y, y, K3, lo \
	VSHUFI32X4 $0xF5, x, x, K4, y

#define GROUP2(x, y, lo) \
	VPUNPCKLQDQ y, x, lo           \
	VPUNPCKHQDQ y, x, y

#define GROUP1(x, y, lo) \
	VMOVDQA64  x, lo               \
	VMOVSLDUP  y, K2, lo           \
	VMOVSHDUP  x, K1, y

// PICK: lo = the words LO of x and y, x = the words HI.
#define PICK(x, y, lo, LO, HI) \
	VMOVDQA64 LO, lo               \
	VPERMI2D  y, x, lo             \
	VPERMT2D  y, HI, x

// Twiddles of the last four stages for one pair of vectors out of two: 2, 4, 8 or
// 16 of them, spread over the groups of words.
#define SPREAD(load, at, w, ws, W, WS, index) \
	load    at(w), W               \
	load    at(ws), WS             \
	VPERMD  W, index, W            \
	VPERMD  WS, index, WS

// TABLES: where the twiddles of the last four stages begin, for R9 = n/16.
#define TABLES \
	LEAQ (SI)(R9*4), R10   \
	LEAQ (DX)(R9*4), R11   \
	SHLQ $1, R9            \
	LEAQ (SI)(R9*4), R12   \
	LEAQ (DX)(R9*4), R13   \
	SHLQ $1, R9            \
	LEAQ (SI)(R9*4), R14   \
	LEAQ (DX)(R9*4), BX    \
	SHLQ $1, R9            \
	LEAQ (SI)(R9*4), CX    \
	LEAQ (DX)(R9*4), AX

// ADVANCE: to the next two pairs.
#define ADVANCE \
	ADDQ $256, DI          \
	ADDQ $16, R10          \
	ADDQ $16, R11          \
	ADDQ $32, R12          \
	ADDQ $32, R13          \
	ADDQ $64, R14          \
	ADDQ $64, BX           \
	ADDQ $128, CX          \
	ADDQ $128, AX

// The four stages of twiddles for the pair in the first registers and the pair in
// the second ones; R15 holds the index vectors.
#define FIRST8   SPREAD(VPBROADCASTQ, 0, R10, R11, Z5, Z6, Z18)
#define SECOND8  SPREAD(VPBROADCASTQ, 8, R10, R11, Z13, Z14, Z18)
#define FIRST4   SPREAD(VBROADCASTI32X4, 0, R12, R13, Z5, Z6, Z19)
#define SECOND4  SPREAD(VBROADCASTI32X4, 16, R12, R13, Z13, Z14, Z19)
#define FIRST2   SPREAD(VBROADCASTI64X4, 0, R14, BX, Z5, Z6, Z20)
#define SECOND2  SPREAD(VBROADCASTI64X4, 32, R14, BX, Z13, Z14, Z20)
#define FIRST1 \
	VMOVDQU32 (CX), Z5     \
	VMOVDQU32 (AX), Z6     \
	VMOVSHDUP Z6, Z7
#define SECOND1 \
	VMOVDQU32 64(CX), Z13  \
	VMOVDQU32 64(AX), Z14  \
	VMOVSHDUP Z14, Z15

// func nttForwardAVX512(a, w, ws, index *uint32, n int, q uint32)
//
// a has n ≥ 64 words in [0, 2q); w and ws are the twiddles in bit-reversed order and
// their companions. Stages of one vector and more go three at a time over eight
// vectors, so that a transform of 8192 words passes over its memory four times;
// one or two that are left go singly; the last four run together on pairs of
// vectors, two pairs at a time to hide latency (a quarter faster than one on Zen 4). Values are below 8q between passes.
TEXT ·nttForwardAVX512(SB), NOSPLIT, $0-44
	MOVQ a+0(FP), DI
	MOVQ w+8(FP), SI
	MOVQ ws+16(FP), DX
	MOVQ index+24(FP), R15
	MOVQ n+32(FP), R8
	MOVL q+40(FP), AX
	CONSTANTS

	MOVQ $1, R9          // m: blocks in this stage
	LEAQ (R8)(R8*1), R10 // half a block, in bytes

pass:
	CMPQ R10, $256       // three stages need blocks of eight vectors
	JLT  single
	SHRQ $2, R10         // an eighth of a block
	LEAQ (R10)(R10*2), BX
	MOVQ DI, R11         // block
	XORQ R12, R12        // its number

block8:
	TWIDDLES8
	MOVQ R11, CX
	LEAQ (R11)(R10*1), R13

butterflies8:
	LOAD8
	BELOW(Z29, Z0, Z22)
	BELOW(Z29, Z1, Z23)
	BELOW(Z29, Z2, Z22)
	BELOW(Z29, Z3, Z23)
	BELOW(Z30, Z0, Z22)
	BELOW(Z30, Z1, Z23)
	BELOW(Z30, Z2, Z22)
	BELOW(Z30, Z3, Z23)
	BUTTERFLY(Z0, Z4, Z8, Z15)
	BUTTERFLY(Z1, Z5, Z8, Z15)
	BUTTERFLY(Z2, Z6, Z8, Z15)
	BUTTERFLY(Z3, Z7, Z8, Z15)
	BUTTERFLY(Z0, Z2, Z9, Z16)
	BUTTERFLY(Z1, Z3, Z9, Z16)
	BUTTERFLY(Z4, Z6, Z10, Z17)
	BUTTERFLY(Z5, Z7, Z10, Z17)
	BUTTERFLY(Z0, Z1, Z11, Z18)
	BUTTERFLY(Z2, Z3, Z12, Z19)
	BUTTERFLY(Z4, Z5, Z13, Z20)
	BUTTERFLY(Z6, Z7, Z14, Z21)
	STORE8
	ADDQ $64, CX
	CMPQ CX, R13
	JNE  butterflies8

	LEAQ (R11)(R10*8), R11
	INCQ R12
	CMPQ R12, R9
	JNE  block8
	SHLQ $3, R9
	SHRQ $1, R10
	JMP  pass

single:
	CMPQ R10, $64
	JLT  last
	MOVQ DI, R11
	XORQ R12, R12
	LEAQ (SI)(R9*4), R13
	LEAQ (DX)(R9*4), R14

block:
	VPBROADCASTD (R13)(R12*4), Z8
	VPBROADCASTD (R14)(R12*4), Z15
	LEAQ (R11)(R10*1), CX
	MOVQ R10, BX

butterflies:
	VMOVDQU32 (R11), Z0
	VMOVDQU32 (CX), Z1
	BELOW(Z29, Z0, Z22)
	BELOW(Z30, Z0, Z22)
	BUTTERFLY(Z0, Z1, Z8, Z15)
	VMOVDQU32 Z0, (R11)
	VMOVDQU32 Z1, (CX)
	ADDQ $64, R11
	ADDQ $64, CX
	SUBQ $64, BX
	JNZ  butterflies

	MOVQ CX, R11
	INCQ R12
	CMPQ R12, R9
	JNE  block
	SHLQ $1, R9
	SHRQ $1, R10
	JMP  single

last:
	VMOVDQU32 ZIPLO(R15), Z16
	VMOVDQU32 ZIPHI(R15), Z17
	VMOVDQU32 SPREAD8(R15), Z18
	VMOVDQU32 SPREAD4(R15), Z19
	VMOVDQU32 SPREAD2(R15), Z20
	TABLES

pairs:
	VMOVDQU32 (DI), Z0
	VMOVDQU32 64(DI), Z1
	VMOVDQU32 128(DI), Z8
	VMOVDQU32 192(DI), Z9
	GROUP8(Z0, Z1, Z2)
	FIRST8
	GROUP8(Z8, Z9, Z10)
	SECOND8
	FORWARD(Z2, Z1, Z5, Z6, Z6, Z3, Z4, Z0)
	FORWARD(Z10, Z9, Z13, Z14, Z14, Z11, Z12, Z8)
	GROUP4(Z2, Z1, Z0)
	FIRST4
	GROUP4(Z10, Z9, Z8)
	SECOND4
	FORWARD(Z0, Z1, Z5, Z6, Z6, Z3, Z4, Z2)
	FORWARD(Z8, Z9, Z13, Z14, Z14, Z11, Z12, Z10)
	GROUP2(Z0, Z1, Z2)
	FIRST2
	GROUP2(Z8, Z9, Z10)
	SECOND2
	FORWARD(Z2, Z1, Z5, Z6, Z6, Z3, Z4, Z0)
	FORWARD(Z10, Z9, Z13, Z14, Z14, Z11, Z12, Z8)
	GROUP1(Z2, Z1, Z0)
	FIRST1
	GROUP1(Z10, Z9, Z8)
	SECOND1
	FORWARD(Z0, Z1, Z5, Z6, Z7, Z3, Z4, Z2)
	FORWARD(Z8, Z9, Z13, Z14, Z15, Z11, Z12, Z10)

	// From [0, 16q) to [0, q).
	BELOW(Z28, Z0, Z3)
	BELOW(Z28, Z1, Z4)
	BELOW(Z28, Z8, Z11)
	BELOW(Z28, Z9, Z12)
	BELOW(Z29, Z0, Z3)
	BELOW(Z29, Z1, Z4)
	BELOW(Z29, Z8, Z11)
	BELOW(Z29, Z9, Z12)
	BELOW(Z30, Z0, Z3)
	BELOW(Z30, Z1, Z4)
	BELOW(Z30, Z8, Z11)
	BELOW(Z30, Z9, Z12)
	BELOW(Z31, Z0, Z3)
	BELOW(Z31, Z1, Z4)
	BELOW(Z31, Z8, Z11)
	BELOW(Z31, Z9, Z12)
	PICK(Z0, Z1, Z2, Z16, Z17)
	PICK(Z8, Z9, Z10, Z16, Z17)
	VMOVDQU32 Z2, (DI)
	VMOVDQU32 Z0, 64(DI)
	VMOVDQU32 Z10, 128(DI)
	VMOVDQU32 Z8, 192(DI)
	ADVANCE
	SUBQ $64, R8
	JNZ  pairs
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
	CONSTANTS

	VMOVDQU32 EVENS(R15), Z16
	VMOVDQU32 ODDS(R15), Z17
	VMOVDQU32 SPREAD8(R15), Z18
	VMOVDQU32 SPREAD4(R15), Z19
	VMOVDQU32 SPREAD2(R15), Z20
	MOVQ R8, R9
	SHRQ $4, R9
	TABLES
	PUSHQ DI
	PUSHQ R8

	// The first four stages on pairs of vectors, two at a time.
inversePairs:
	VMOVDQU32 (DI), Z0
	VMOVDQU32 64(DI), Z1
	VMOVDQU32 128(DI), Z8
	VMOVDQU32 192(DI), Z9
	PICK(Z0, Z1, Z2, Z16, Z17)
	FIRST1
	PICK(Z8, Z9, Z10, Z16, Z17)
	SECOND1
	INVERSE(Z30, Z2, Z0, Z5, Z6, Z7, Z3, Z4, Z1)
	INVERSE(Z30, Z10, Z8, Z13, Z14, Z15, Z11, Z12, Z9)
	BELOW(Z30, Z2, Z3)
	BELOW(Z30, Z10, Z11)
	GROUP1(Z2, Z0, Z1)
	FIRST2
	GROUP1(Z10, Z8, Z9)
	SECOND2
	INVERSE(Z30, Z1, Z0, Z5, Z6, Z6, Z3, Z4, Z2)
	INVERSE(Z30, Z9, Z8, Z13, Z14, Z14, Z11, Z12, Z10)
	BELOW(Z30, Z1, Z3)
	BELOW(Z30, Z9, Z11)
	GROUP2(Z1, Z0, Z2)
	FIRST4
	GROUP2(Z9, Z8, Z10)
	SECOND4
	INVERSE(Z30, Z2, Z0, Z5, Z6, Z6, Z3, Z4, Z1)
	INVERSE(Z30, Z10, Z8, Z13, Z14, Z14, Z11, Z12, Z9)
	BELOW(Z30, Z2, Z3)
	BELOW(Z30, Z10, Z11)
	GROUP4(Z2, Z0, Z1)
	FIRST8
	GROUP4(Z10, Z8, Z9)
	SECOND8
	INVERSE(Z30, Z1, Z0, Z5, Z6, Z6, Z3, Z4, Z2)
	INVERSE(Z30, Z9, Z8, Z13, Z14, Z14, Z11, Z12, Z10)
	BELOW(Z30, Z1, Z3)
	BELOW(Z30, Z9, Z11)
	GROUP8(Z1, Z0, Z2)
	GROUP8(Z9, Z8, Z10)
	VMOVDQU32 Z2, (DI)
	VMOVDQU32 Z0, 64(DI)
	VMOVDQU32 Z10, 128(DI)
	VMOVDQU32 Z8, 192(DI)
	ADVANCE
	SUBQ $64, R8
	JNZ  inversePairs
	POPQ R8
	POPQ DI

	// The stages of one vector and more, three at a time; values are below 2q
	// between passes.
	MOVQ R8, R9
	SHRQ $5, R9          // m: blocks of two vectors
	MOVQ $64, R10        // half a block, in bytes

inversePass:
	CMPQ R9, $4
	JLT  inverseSingle
	SHRQ $2, R9          // blocks of eight such halves
	LEAQ (R10)(R10*2), BX
	MOVQ DI, R11
	XORQ R12, R12

inverseBlock8:
	TWIDDLES8
	MOVQ R11, CX
	LEAQ (R11)(R10*1), R13

inverseButterflies8:
	LOAD8
	BACK(Z30, Z0, Z1, Z11, Z18)
	BACK(Z30, Z2, Z3, Z12, Z19)
	BACK(Z30, Z4, Z5, Z13, Z20)
	BACK(Z30, Z6, Z7, Z14, Z21)
	BACK(Z29, Z0, Z2, Z9, Z16)
	BACK(Z30, Z1, Z3, Z9, Z16)
	BACK(Z29, Z4, Z6, Z10, Z17)
	BACK(Z30, Z5, Z7, Z10, Z17)
	BACK(Z28, Z0, Z4, Z8, Z15)
	BACK(Z29, Z1, Z5, Z8, Z15)
	BACK(Z30, Z2, Z6, Z8, Z15)
	BACK(Z30, Z3, Z7, Z8, Z15)
	BELOW(Z28, Z0, Z22)
	BELOW(Z29, Z1, Z23)
	BELOW(Z30, Z2, Z22)
	BELOW(Z29, Z0, Z24)
	BELOW(Z30, Z1, Z23)
	BELOW(Z30, Z3, Z22)
	BELOW(Z30, Z0, Z24)
	STORE8
	ADDQ $64, CX
	CMPQ CX, R13
	JNE  inverseButterflies8

	LEAQ (R11)(R10*8), R11
	INCQ R12
	CMPQ R12, R9
	JNE  inverseBlock8
	SHRQ $1, R9
	SHLQ $3, R10
	JMP  inversePass

inverseSingle:
	TESTQ R9, R9
	JZ   scaling
	MOVQ DI, R11
	XORQ R12, R12
	LEAQ (SI)(R9*4), R13
	LEAQ (DX)(R9*4), R14

inverseBlock:
	VPBROADCASTD (R13)(R12*4), Z8
	VPBROADCASTD (R14)(R12*4), Z15
	LEAQ (R11)(R10*1), CX
	MOVQ R10, BX

inverseButterflies:
	VMOVDQU32 (R11), Z0
	VMOVDQU32 (CX), Z1
	BACK(Z30, Z0, Z1, Z8, Z15)
	BELOW(Z30, Z0, Z22)
	VMOVDQU32 Z0, (R11)
	VMOVDQU32 Z1, (CX)
	ADDQ $64, R11
	ADDQ $64, CX
	SUBQ $64, BX
	JNZ  inverseButterflies

	MOVQ CX, R11
	INCQ R12
	CMPQ R12, R9
	JNE  inverseBlock
	SHLQ $1, R10
	SHRQ $1, R9
	JMP  inverseSingle

scaling:
	MOVL nInv+44(FP), AX
	MOVL nInvShoup+48(FP), BX
	VPBROADCASTD AX, Z8
	VPBROADCASTD BX, Z15

scale:
	VMOVDQU32 (DI), Z0
	SHOUP(Z0, Z8, Z15, Z15, Z1, Z2, Z3)
	BELOW(Z31, Z1, Z2)
	VMOVDQU32 Z1, (DI)
	ADDQ $64, DI
	SUBQ $16, R8
	JNZ  scale
	VZEROUPPER
	RET
