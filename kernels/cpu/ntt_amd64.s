//go:build !noasm

#include "textflag.h"
#include "vectors_amd64.h"

// Offsets into nttIndex (ntt_amd64.go): index vectors that spread twiddles and join
// or part the even and odd words of two vectors.
#define ZIPLO 0
#define ZIPHI 64
#define EVENS 128
#define ODDS 192
#define SPREAD8 256
#define SPREAD4 320
#define SPREAD2 384

// Registers throughout: Z31 = q, Z30 = 2q, K1 = even words, K2 = odd words, K3 and K4
// = odd and even groups of four words.
#define CONSTANTS(q) \
	BROADCAST(q, Z31)       \
	VPADDD Z31, Z31, Z30    \
	EVEN                    \
	KNOTW K1, K2            \
	MOVL $0xF0F0, AX        \
	KMOVW AX, K3            \
	KNOTW K3, K4

// FORWARD: Harvey's butterfly. y is any word; x grows by 2q and must stay below
// 16q < 2^32.
#define FORWARD(x, y, w, ws, wso, t1, t2) \
	SHOUP512(y, w, ws, wso, t1, t2) \
	VPADDD  Z30, x, y       \
	VPSUBD  t1, y, y        \
	VPADDD  t1, x, x

// INVERSE: x and y below bound ≤ 8q; leaves x below twice that and y below 2q.
#define INVERSE(bound, x, y, w, ws, wso, t1, t2) \
	VPADDD  bound, x, t1    \
	VPSUBD  y, t1, t1       \
	VPADDD  y, x, x         \
	SHOUP512(t1, w, ws, wso, y, t2)

// Butterflies of the three stages of a pass over eight vectors.
#define BUTTERFLY(x, y, w, ws)             FORWARD(x, y, w, ws, ws, Z22, Z23)
#define BACK(bound, x, y, w, ws)           INVERSE(bound, x, y, w, ws, ws, Z22, Z23)

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

// LAST: the last butterfly of all and the reduction from [0, 12q) to [0, q). With
// Z29 = 3q and Z28 = 6q.
#define LAST(x, y, w, ws, wso, t1, t2) \
	SHOUP512(y, w, ws, wso, t1, t2) \
	BELOW(Z28, x, y)        \
	BELOW(Z29, x, y)        \
	BELOW(Z30, x, y)        \
	BELOW(Z31, x, y)        \
	BELOW(Z31, t1, t2)      \
	VPSUBD  t1, x, y        \
	VPADDD  t1, x, x        \
	VPADDD  Z31, y, t2      \
	VPMINUD t2, y, y        \
	BELOW(Z31, x, t2)

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
	CONSTANTS(q+40(FP))
	VPADDD Z30, Z31, Z29 // 3q
	VPADDD Z29, Z29, Z28 // 6q

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
	BELOW(Z28, Z0, Z22)
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
	BELOW(Z28, Z0, Z22)
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
	BELOW(Z28, Z2, Z3)
	BELOW(Z28, Z10, Z11)
	FORWARD(Z2, Z1, Z5, Z6, Z6, Z3, Z4)
	FORWARD(Z10, Z9, Z13, Z14, Z14, Z11, Z12)
	GROUP4(Z2, Z1, Z0)
	FIRST4
	GROUP4(Z10, Z9, Z8)
	SECOND4
	FORWARD(Z0, Z1, Z5, Z6, Z6, Z3, Z4)
	FORWARD(Z8, Z9, Z13, Z14, Z14, Z11, Z12)
	GROUP2(Z0, Z1, Z2)
	FIRST2
	GROUP2(Z8, Z9, Z10)
	SECOND2
	FORWARD(Z2, Z1, Z5, Z6, Z6, Z3, Z4)
	FORWARD(Z10, Z9, Z13, Z14, Z14, Z11, Z12)
	GROUP1(Z2, Z1, Z0)
	FIRST1
	GROUP1(Z10, Z9, Z8)
	SECOND1
	LAST(Z0, Z1, Z5, Z6, Z7, Z3, Z4)
	LAST(Z8, Z9, Z13, Z14, Z15, Z11, Z12)
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

// BACK8: the first two stages of a pass, from below 2q to below 8q.
#define BACK8 \
	BACK(Z30, Z0, Z1, Z11, Z18) \
	BACK(Z30, Z2, Z3, Z12, Z19) \
	BACK(Z30, Z4, Z5, Z13, Z20) \
	BACK(Z30, Z6, Z7, Z14, Z21) \
	BACK(Z29, Z0, Z2, Z9, Z16)  \
	BACK(Z30, Z1, Z3, Z9, Z16)  \
	BACK(Z29, Z4, Z6, Z10, Z17) \
	BACK(Z30, Z5, Z7, Z10, Z17)

// FIRST: the last butterfly of all and the division by n, to [0, q). Z8 and Z15 are
// the twiddle over n and its companion, Z25 and Z26 1/n and its companion.
#define FIRST(x, y) \
	VPADDD Z28, x, Z22        \
	VPSUBD y, Z22, Z22        \
	VPADDD y, x, Z23          \
	SHOUP512(Z22, Z8, Z15, Z15, y, Z24) \
	SHOUP512(Z23, Z25, Z26, Z26, x, Z22) \
	BELOW(Z31, y, Z24)        \
	BELOW(Z31, x, Z22)

// func nttInverseAVX512(a, w, ws, index *uint32, n int, q, nInv, nInvShoup, wInv, wInvShoup uint32)
//
// The stages of nttForwardAVX512 in reverse, for n ≥ 128. Values are below 2q between
// passes. The last pass also divides by n: nInv = 1/n, wInv = w[1]/n.
TEXT ·nttInverseAVX512(SB), NOSPLIT, $0-60
	MOVQ a+0(FP), DI
	MOVQ w+8(FP), SI
	MOVQ ws+16(FP), DX
	MOVQ index+24(FP), R15
	MOVQ n+32(FP), R8
	CONSTANTS(q+40(FP))
	VPADDD Z30, Z30, Z29 // 4q
	VPADDD Z29, Z29, Z28 // 8q

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
	INVERSE(Z30, Z2, Z0, Z5, Z6, Z7, Z3, Z4)
	INVERSE(Z30, Z10, Z8, Z13, Z14, Z15, Z11, Z12)
	BELOW(Z30, Z2, Z3)
	BELOW(Z30, Z10, Z11)
	GROUP1(Z2, Z0, Z1)
	FIRST2
	GROUP1(Z10, Z8, Z9)
	SECOND2
	INVERSE(Z30, Z1, Z0, Z5, Z6, Z6, Z3, Z4)
	INVERSE(Z30, Z9, Z8, Z13, Z14, Z14, Z11, Z12)
	BELOW(Z30, Z1, Z3)
	BELOW(Z30, Z9, Z11)
	GROUP2(Z1, Z0, Z2)
	FIRST4
	GROUP2(Z9, Z8, Z10)
	SECOND4
	INVERSE(Z30, Z2, Z0, Z5, Z6, Z6, Z3, Z4)
	INVERSE(Z30, Z10, Z8, Z13, Z14, Z14, Z11, Z12)
	BELOW(Z30, Z2, Z3)
	BELOW(Z30, Z10, Z11)
	GROUP4(Z2, Z0, Z1)
	FIRST8
	GROUP4(Z10, Z8, Z9)
	SECOND8
	INVERSE(Z30, Z1, Z0, Z5, Z6, Z6, Z3, Z4)
	INVERSE(Z30, Z9, Z8, Z13, Z14, Z14, Z11, Z12)
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

	SHRQ $5, R8
	MOVQ R8, R9          // m: blocks of two vectors
	MOVQ $64, R10        // half a block, in bytes

	// Single stages until 3, 6, 9 … are left, that is m = 4, 32, 256 …
inverseSingle:
	TESTQ $0x24924924, R9
	JNZ  inversePass
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

inversePass:
	LEAQ (R10)(R10*2), BX
	MOVQ DI, R11
	XORQ R12, R12
	SHRQ $2, R9          // blocks of eight such halves
	CMPQ R9, $1
	JEQ  lastPass

inverseBlock8:
	TWIDDLES8
	MOVQ R11, CX
	LEAQ (R11)(R10*1), R13

inverseButterflies8:
	LOAD8
	BACK8
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

lastPass:
	TWIDDLES8
	BROADCAST(wInv+52(FP), Z8)
	BROADCAST(wInvShoup+56(FP), Z15)
	BROADCAST(nInv+44(FP), Z25)
	BROADCAST(nInvShoup+48(FP), Z26)
	MOVQ DI, CX
	LEAQ (DI)(R10*1), R13

lastButterflies:
	LOAD8
	BACK8
	FIRST(Z0, Z4)
	FIRST(Z1, Z5)
	FIRST(Z2, Z6)
	FIRST(Z3, Z7)
	STORE8
	ADDQ $64, CX
	CMPQ CX, R13
	JNE  lastButterflies
	VZEROUPPER
	RET
