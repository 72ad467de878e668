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

// SPREAD: twiddles of one of the last four stages, 2, 4 or 8 for a pair of vectors,
// each to its group of words. It reads on beyond them, but not beyond the table.
#define SPREAD(at, w, ws, index) \
	VPERMD  at(w), index, Z24    \
	VPERMD  at(ws), index, Z25

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

// ADVANCE: to the next four pairs.
#define ADVANCE \
	ADDQ $512, DI          \
	ADDQ $32, R10          \
	ADDQ $32, R11          \
	ADDQ $64, R12          \
	ADDQ $64, R13          \
	ADDQ $128, R14         \
	ADDQ $128, BX          \
	ADDQ $256, CX          \
	ADDQ $256, AX          \
	SUBQ $128, R8

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

// The last four stages of pair number `pair` out of four. x and y are its vectors, lo
// is free; afterwards lo and y are its vectors and x is free. A twiddle in Z24, its
// companion in Z25.
#define FORWARD8(pair, x, y, lo) \
	VMOVDQU32 (pair*128)(DI), x         \
	VMOVDQU32 (pair*128+64)(DI), y      \
	GROUP8(x, y, lo)                    \
	BELOW(Z28, lo, Z27)                 \
	SPREAD(8*pair, R10, R11, Z18)       \
	FORWARD(lo, y, Z24, Z25, Z25, Z26, Z27)

#define FORWARD4(pair, x, y, lo) \
	GROUP4(x, y, lo)                    \
	SPREAD(16*pair, R12, R13, Z19)      \
	FORWARD(lo, y, Z24, Z25, Z25, Z26, Z27)

#define FORWARD2(pair, x, y, lo) \
	GROUP2(x, y, lo)                    \
	SPREAD(32*pair, R14, BX, Z20)       \
	FORWARD(lo, y, Z24, Z25, Z25, Z26, Z27)

#define FORWARD1(pair, x, y, lo) \
	GROUP1(x, y, lo)                    \
	VMOVDQU32 (64*pair)(AX), Z25        \
	VMOVSHDUP Z25, Z24                  \
	LAST(lo, y, (64*pair)(CX), Z25, Z24, Z26, Z27) \
	PICK(lo, y, x, Z16, Z17)            \
	VMOVDQU32 x, (pair*128)(DI)         \
	VMOVDQU32 lo, (pair*128+64)(DI)

// func nttForwardAVX512(a, w, ws, index *uint32, n int, q uint32)
//
// a has n ≥ 128 words in [0, 2q); w and ws are the twiddles in bit-reversed order and
// their companions. Stages of one vector and more go three at a time over eight
// vectors, so that a transform of 8192 words passes over its memory four times;
// one or two that are left go singly; the last four run together on pairs of
// vectors, four pairs at a time to hide latency (on Zen 4 the transform takes 5 % less
// than with two, 11 % less than with one).
//
// Values are below 12q between passes. Of eight vectors only the first is never
// multiplied within a pass: taken below 6q, it grows to 12q. The second is multiplied
// once it has grown to 16q, the others before.
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
	// What is ready first comes first: 3 % less than in natural order.
	BELOW(Z28, Z0, Z22)
	BUTTERFLY(Z1, Z5, Z8, Z15)
	BUTTERFLY(Z3, Z7, Z8, Z15)
	BUTTERFLY(Z2, Z6, Z8, Z15)
	BUTTERFLY(Z0, Z4, Z8, Z15)
	BUTTERFLY(Z1, Z3, Z9, Z16)
	BUTTERFLY(Z5, Z7, Z10, Z17)
	BUTTERFLY(Z0, Z2, Z9, Z16)
	BUTTERFLY(Z4, Z6, Z10, Z17)
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
	FORWARD8(0, Z0, Z1, Z2)
	FORWARD8(1, Z3, Z4, Z5)
	FORWARD8(2, Z6, Z7, Z8)
	FORWARD8(3, Z9, Z10, Z11)
	FORWARD4(0, Z2, Z1, Z0)
	FORWARD4(1, Z5, Z4, Z3)
	FORWARD4(2, Z8, Z7, Z6)
	FORWARD4(3, Z11, Z10, Z9)
	FORWARD2(0, Z0, Z1, Z2)
	FORWARD2(1, Z3, Z4, Z5)
	FORWARD2(2, Z6, Z7, Z8)
	FORWARD2(3, Z9, Z10, Z11)
	FORWARD1(0, Z2, Z1, Z0)
	FORWARD1(1, Z5, Z4, Z3)
	FORWARD1(2, Z8, Z7, Z6)
	FORWARD1(3, Z11, Z10, Z9)
	ADVANCE
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
	BACK(Z29, Z4, Z6, Z10, Z17) \
	BACK(Z30, Z1, Z3, Z9, Z16)  \
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

// The first four stages of pair number `pair` out of four: lo and y are its vectors
// afterwards, except that INVERSE1 leaves them in lo and x.
#define INVERSE1(pair, x, y, lo) \
	VMOVDQU32 (pair*128)(DI), x         \
	VMOVDQU32 (pair*128+64)(DI), y      \
	PICK(x, y, lo, Z16, Z17)            \
	VMOVDQU32 (64*pair)(AX), Z25        \
	VMOVSHDUP Z25, Z24                  \
	INVERSE(Z30, lo, x, (64*pair)(CX), Z25, Z24, Z26, Z27) \
	BELOW(Z30, lo, Z27)

#define INVERSE2(pair, x, y, lo) \
	GROUP1(x, y, lo)                    \
	SPREAD(32*pair, R14, BX, Z20)       \
	INVERSE(Z30, lo, y, Z24, Z25, Z25, Z26, Z27) \
	BELOW(Z30, lo, Z27)

#define INVERSE4(pair, x, y, lo) \
	GROUP2(x, y, lo)                    \
	SPREAD(16*pair, R12, R13, Z19)      \
	INVERSE(Z30, lo, y, Z24, Z25, Z25, Z26, Z27) \
	BELOW(Z30, lo, Z27)

#define INVERSE8(pair, x, y, lo) \
	GROUP4(x, y, lo)                    \
	SPREAD(8*pair, R10, R11, Z18)       \
	INVERSE(Z30, lo, y, Z24, Z25, Z25, Z26, Z27) \
	BELOW(Z30, lo, Z27)                 \
	GROUP8(lo, y, x)                    \
	VMOVDQU32 x, (pair*128)(DI)         \
	VMOVDQU32 y, (pair*128+64)(DI)

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

	// The first four stages on pairs of vectors, four at a time.
inversePairs:
	INVERSE1(0, Z0, Z1, Z2)
	INVERSE1(1, Z3, Z4, Z5)
	INVERSE1(2, Z6, Z7, Z8)
	INVERSE1(3, Z9, Z10, Z11)
	INVERSE2(0, Z2, Z0, Z1)
	INVERSE2(1, Z5, Z3, Z4)
	INVERSE2(2, Z8, Z6, Z7)
	INVERSE2(3, Z11, Z9, Z10)
	INVERSE4(0, Z1, Z0, Z2)
	INVERSE4(1, Z4, Z3, Z5)
	INVERSE4(2, Z7, Z6, Z8)
	INVERSE4(3, Z10, Z9, Z11)
	INVERSE8(0, Z2, Z0, Z1)
	INVERSE8(1, Z5, Z3, Z4)
	INVERSE8(2, Z8, Z6, Z7)
	INVERSE8(3, Z11, Z9, Z10)
	ADVANCE
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
	BACK(Z30, Z2, Z6, Z8, Z15)
	BACK(Z29, Z1, Z5, Z8, Z15)
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
	FIRST(Z2, Z6)
	FIRST(Z1, Z5)
	FIRST(Z3, Z7)
	STORE8
	ADDQ $64, CX
	CMPQ CX, R13
	JNE  lastButterflies
	VZEROUPPER
	RET
