//go:build !noasm

#include "textflag.h"
#include "vectors_amd64.h"

// Registers throughout: Y15 = q, Y14 = 2q; Y13 = 3q and Y12 = 6q forwards, 4q and 8q
// backwards; a twiddle in Y8, its companion in Y9.

// FORWARD: Harvey's butterfly. y is any word; x grows by 2q and must stay below
// 16q < 2^32.
#define FORWARD(x, y, w, ws, wso, t1, t2) \
	SHOUP256(y, w, ws, wso, t1, t2) \
	VPADDD Y14, x, y         \
	VPSUBD t1, y, y          \
	VPADDD t1, x, x

// INVERSE: x and y below 8q; leaves x below the sum of their bounds, y below 2q.
#define INVERSE(x, y, w, ws, wso, t1, t2) \
	VPADDD Y12, x, t1        \
	VPSUBD y, t1, t1         \
	VPADDD y, x, x           \
	SHOUP256(t1, w, ws, wso, y, t2)

// A pass takes three stages over eight vectors, R10 bytes apart, from CX on.
// BX = 3·R10, AX = CX + 4·R10. R14 is four times k, the place of the block's
// twiddle in the tables SI and DX; the twiddles of the next two stages are at 2k,
// 2k+1 and at 4k … 4k+3. They are broadcast where they are used: a broadcast is a
// load and takes no arithmetic unit.
#define TWIDDLE(at, scale) \
	VPBROADCASTD at(SI)(R14*scale), Y8 \
	VPBROADCASTD at(DX)(R14*scale), Y9

#define LOAD8 \
	LEAQ (CX)(R10*4), AX      \
	VMOVDQU (CX), Y0          \
	VMOVDQU (CX)(R10*1), Y1   \
	VMOVDQU (CX)(R10*2), Y2   \
	VMOVDQU (CX)(BX*1), Y3    \
	VMOVDQU (AX), Y4          \
	VMOVDQU (AX)(R10*1), Y5   \
	VMOVDQU (AX)(R10*2), Y6   \
	VMOVDQU (AX)(BX*1), Y7

#define STORE8 \
	VMOVDQU Y0, (CX)          \
	VMOVDQU Y1, (CX)(R10*1)   \
	VMOVDQU Y2, (CX)(R10*2)   \
	VMOVDQU Y3, (CX)(BX*1)    \
	VMOVDQU Y4, (AX)          \
	VMOVDQU Y5, (AX)(R10*1)   \
	VMOVDQU Y6, (AX)(R10*2)   \
	VMOVDQU Y7, (AX)(BX*1)

#define BUTTERFLY(x, y) FORWARD(x, y, Y8, Y9, Y9, Y10, Y11)

// The last four stages run on pairs of vectors x, y of one block of 16 words each.
// R14 is four times the place of the block's twiddle; those of the next stages are
// at 2, 4 and 8 times that place. `pair` is 0 or 1.
//
// SPREAD4: two twiddles a, b as aaaa bbbb, the order that HALVES leaves. SPREAD2:
// four as abab cdcd, the order that ZIP leaves. Both clobber Y11.
#define SPREAD4(table, pair, v) \
	VPBROADCASTD (8*pair)(table)(R14*2), v     \
	VPBROADCASTD (8*pair+4)(table)(R14*2), Y11 \
	VPBLENDD     $0xF0, Y11, v, v

#define SPREAD2(table, pair, v) \
	VPBROADCASTQ (16*pair)(table)(R14*4), v     \
	VPBROADCASTQ (16*pair+8)(table)(R14*4), Y11 \
	VPBLENDD     $0xF0, Y11, v, v

#define TWIDDLES8(pair) \
	VPBROADCASTD (4*pair)(SI)(R14*1), Y8 \
	VPBROADCASTD (4*pair)(DX)(R14*1), Y9

#define TWIDDLES4(pair) \
	SPREAD4(SI, pair, Y8)     \
	SPREAD4(DX, pair, Y9)

#define TWIDDLES2(pair) \
	SPREAD2(SI, pair, Y8)     \
	SPREAD2(DX, pair, Y9)     \
	VMOVSHDUP Y9, Y10

#define TWIDDLES1(pair) \
	VMOVDQU (32*pair)(SI)(R14*8), Y8 \
	VMOVDQU (32*pair)(DX)(R14*8), Y9 \
	VMOVSHDUP Y9, Y10

// Regrouping of two vectors: lo and y take what is named first and second; x is
// free afterwards.
// HALVES: the lower and the upper halves. It undoes itself.
#define HALVES(x, y, lo) \
	VPERM2I128 $0x20, y, x, lo \
	VPERM2I128 $0x31, y, x, y

// ZIP: words of x and y in turn, within each half; UNZIP undoes it. With the words
// of a block numbered 0 … 7, 0123 and 4567 become 0415 and 2637, then 0246 and
// 1357, then 0123 and 4567 again: always the pairs of the next butterflies.
#define ZIP(x, y, lo) \
	VPUNPCKLDQ y, x, lo        \
	VPUNPCKHDQ y, x, y

#define UNZIP(x, y, lo) \
	VSHUFPS $0x88, y, x, lo    \
	VSHUFPS $0xDD, y, x, y

// LAST: the last butterfly of all and the reduction from [0, 12q) to [0, q).
#define LAST(x, y, t1, t2) \
	SHOUP256(y, Y8, Y9, Y10, t1, t2) \
	BELOW(Y12, x, y)          \
	BELOW(Y13, x, y)          \
	BELOW(Y14, x, y)          \
	BELOW(Y15, x, y)          \
	BELOW(Y15, t1, t2)        \
	VPSUBD  t1, x, y          \
	VPADDD  t1, x, x          \
	VPADDD  Y15, y, t2        \
	VPMINUD t2, y, y          \
	BELOW(Y15, x, t2)

// func nttForwardAVX2(a, w, ws *uint32, n int, q uint32)
//
// a has n ≥ 64 words in [0, 2q); w and ws are the twiddles in bit-reversed order and
// their companions. Stages of two vectors and more go three at a time over eight
// vectors, so that a transform of 8192 words passes over its memory four times;
// one or two that are left go singly; the last four run together on pairs of
// vectors, two pairs at a time to hide latency (8% faster than one on Zen 4).
// Values are below 12q between passes, as in nttForwardAVX512.
TEXT ·nttForwardAVX2(SB), NOSPLIT, $0-36
	MOVQ a+0(FP), DI
	MOVQ w+8(FP), SI
	MOVQ ws+16(FP), DX
	MOVQ n+24(FP), R8
	BROADCAST(q+32(FP), Y15)
	VPADDD Y15, Y15, Y14
	VPADDD Y14, Y15, Y13
	VPADDD Y13, Y13, Y12

	MOVQ $4, R9          // four times m, the number of blocks in this stage
	LEAQ (R8)(R8*1), R10 // half a block, in bytes

pass:
	CMPQ R10, $256       // three stages need blocks of 128 words
	JLT  single
	SHRQ $2, R10         // an eighth of a block
	LEAQ (R10)(R10*2), BX
	MOVQ DI, R11         // block
	MOVQ R9, R14

block8:
	MOVQ R11, CX
	LEAQ (R11)(R10*1), R13

butterflies8:
	LOAD8
	BELOW(Y12, Y0, Y10)
	TWIDDLE(0, 1)
	BUTTERFLY(Y1, Y5)
	BUTTERFLY(Y3, Y7)
	BUTTERFLY(Y2, Y6)
	BUTTERFLY(Y0, Y4)
	TWIDDLE(0, 2)
	BUTTERFLY(Y1, Y3)
	BUTTERFLY(Y0, Y2)
	TWIDDLE(4, 2)
	BUTTERFLY(Y5, Y7)
	BUTTERFLY(Y4, Y6)
	TWIDDLE(0, 4)
	BUTTERFLY(Y0, Y1)
	TWIDDLE(4, 4)
	BUTTERFLY(Y2, Y3)
	TWIDDLE(8, 4)
	BUTTERFLY(Y4, Y5)
	TWIDDLE(12, 4)
	BUTTERFLY(Y6, Y7)
	STORE8
	ADDQ $32, CX
	CMPQ CX, R13
	JNE  butterflies8

	LEAQ (R11)(R10*8), R11
	ADDQ $4, R14
	LEAQ (R9)(R9*1), R12
	CMPQ R14, R12
	JNE  block8
	SHLQ $3, R9
	SHRQ $1, R10
	JMP  pass

single:
	CMPQ R10, $64
	JLT  last
	MOVQ DI, R11
	MOVQ R9, R14
	SHLQ $1, R9

block:
	TWIDDLE(0, 1)
	LEAQ (R11)(R10*1), CX
	MOVQ CX, R13

butterflies:
	VMOVDQU (R11), Y0
	VMOVDQU (CX), Y1
	BELOW(Y12, Y0, Y2)
	BUTTERFLY(Y0, Y1)
	VMOVDQU Y0, (R11)
	VMOVDQU Y1, (CX)
	ADDQ $32, R11
	ADDQ $32, CX
	CMPQ R11, R13
	JNE  butterflies

	MOVQ CX, R11
	ADDQ $4, R14
	CMPQ R14, R9
	JNE  block
	SHRQ $1, R10
	JMP  single

last:
	MOVQ R9, R14

pairs:
	VMOVDQU (DI), Y0
	VMOVDQU 32(DI), Y1
	VMOVDQU 64(DI), Y4
	VMOVDQU 96(DI), Y5
	BELOW(Y12, Y0, Y2)
	BELOW(Y12, Y4, Y6)
	TWIDDLES8(0)
	FORWARD(Y0, Y1, Y8, Y9, Y9, Y2, Y3)
	TWIDDLES8(1)
	FORWARD(Y4, Y5, Y8, Y9, Y9, Y6, Y7)
	HALVES(Y0, Y1, Y2)
	TWIDDLES4(0)
	FORWARD(Y2, Y1, Y8, Y9, Y9, Y0, Y3)
	HALVES(Y4, Y5, Y6)
	TWIDDLES4(1)
	FORWARD(Y6, Y5, Y8, Y9, Y9, Y4, Y7)
	ZIP(Y2, Y1, Y0)
	TWIDDLES2(0)
	FORWARD(Y0, Y1, Y8, Y9, Y10, Y2, Y3)
	ZIP(Y6, Y5, Y4)
	TWIDDLES2(1)
	FORWARD(Y4, Y5, Y8, Y9, Y10, Y6, Y7)
	ZIP(Y0, Y1, Y2)
	TWIDDLES1(0)
	LAST(Y2, Y1, Y0, Y3)
	ZIP(Y4, Y5, Y6)
	TWIDDLES1(1)
	LAST(Y6, Y5, Y4, Y7)
	ZIP(Y2, Y1, Y0)
	HALVES(Y0, Y1, Y2)
	ZIP(Y6, Y5, Y4)
	HALVES(Y4, Y5, Y6)
	VMOVDQU Y2, (DI)
	VMOVDQU Y1, 32(DI)
	VMOVDQU Y6, 64(DI)
	VMOVDQU Y5, 96(DI)
	ADDQ $128, DI
	ADDQ $8, R14
	SUBQ $32, R8
	JNZ  pairs
	VZEROUPPER
	RET

// BACK8: the first two stages of a pass, from below 2q to below 8q.
#define BACK8(t1, t2) \
	TWIDDLE(0, 4)             \
	INVERSE(Y0, Y1, Y8, Y9, Y9, t1, t2) \
	TWIDDLE(4, 4)             \
	INVERSE(Y2, Y3, Y8, Y9, Y9, t1, t2) \
	TWIDDLE(8, 4)             \
	INVERSE(Y4, Y5, Y8, Y9, Y9, t1, t2) \
	TWIDDLE(12, 4)            \
	INVERSE(Y6, Y7, Y8, Y9, Y9, t1, t2) \
	TWIDDLE(0, 2)             \
	INVERSE(Y0, Y2, Y8, Y9, Y9, t1, t2) \
	INVERSE(Y1, Y3, Y8, Y9, Y9, t1, t2) \
	TWIDDLE(4, 2)             \
	INVERSE(Y4, Y6, Y8, Y9, Y9, t1, t2) \
	INVERSE(Y5, Y7, Y8, Y9, Y9, t1, t2)

// FIRST: the last butterfly of all and the division by n, to [0, q). Y8 and Y9 are
// the twiddle over n and its companion, Y10 and Y11 1/n and its companion.
#define FIRST(x, y) \
	VPADDD Y12, x, Y13        \
	VPSUBD y, Y13, Y13        \
	VPADDD y, x, x            \
	SHOUP256(Y13, Y8, Y9, Y9, y, Y14) \
	SHOUP256(x, Y10, Y11, Y11, Y13, Y14) \
	BELOW(Y15, y, Y14)        \
	VPSUBD  Y15, Y13, Y14     \
	VPMINUD Y14, Y13, x

// func nttInverseAVX2(a, w, ws *uint32, n int, q, nInv, nInvShoup, wInv, wInvShoup uint32)
//
// The stages of nttForwardAVX2 in reverse, for n ≥ 128. Values are below 2q between
// passes. The last pass also divides by n: nInv = 1/n, wInv = w[1]/n.
TEXT ·nttInverseAVX2(SB), NOSPLIT, $0-52
	MOVQ a+0(FP), DI
	MOVQ w+8(FP), SI
	MOVQ ws+16(FP), DX
	MOVQ n+24(FP), R8
	BROADCAST(q+32(FP), Y15)
	VPADDD Y15, Y15, Y14
	VPADDD Y14, Y14, Y13
	VPADDD Y13, Y13, Y12

	// The first four stages on pairs of vectors, two at a time.
	MOVQ R8, R9
	SHRQ $2, R9          // four times m, the number of blocks in this stage
	MOVQ R9, R14
	MOVQ DI, CX

inversePairs:
	VMOVDQU (CX), Y0
	VMOVDQU 32(CX), Y1
	VMOVDQU 64(CX), Y4
	VMOVDQU 96(CX), Y5
	HALVES(Y0, Y1, Y2)
	UNZIP(Y2, Y1, Y0)
	TWIDDLES1(0)
	INVERSE(Y0, Y1, Y8, Y9, Y10, Y2, Y3)
	HALVES(Y4, Y5, Y6)
	UNZIP(Y6, Y5, Y4)
	TWIDDLES1(1)
	INVERSE(Y4, Y5, Y8, Y9, Y10, Y6, Y7)
	BELOW(Y14, Y0, Y3)
	BELOW(Y14, Y4, Y7)
	UNZIP(Y0, Y1, Y2)
	TWIDDLES2(0)
	INVERSE(Y2, Y1, Y8, Y9, Y10, Y0, Y3)
	UNZIP(Y4, Y5, Y6)
	TWIDDLES2(1)
	INVERSE(Y6, Y5, Y8, Y9, Y10, Y4, Y7)
	BELOW(Y14, Y2, Y3)
	BELOW(Y14, Y6, Y7)
	UNZIP(Y2, Y1, Y0)
	TWIDDLES4(0)
	INVERSE(Y0, Y1, Y8, Y9, Y9, Y2, Y3)
	UNZIP(Y6, Y5, Y4)
	TWIDDLES4(1)
	INVERSE(Y4, Y5, Y8, Y9, Y9, Y6, Y7)
	BELOW(Y14, Y0, Y3)
	BELOW(Y14, Y4, Y7)
	HALVES(Y0, Y1, Y2)
	TWIDDLES8(0)
	INVERSE(Y2, Y1, Y8, Y9, Y9, Y0, Y3)
	HALVES(Y4, Y5, Y6)
	TWIDDLES8(1)
	INVERSE(Y6, Y5, Y8, Y9, Y9, Y4, Y7)
	BELOW(Y14, Y2, Y3)
	BELOW(Y14, Y6, Y7)
	VMOVDQU Y2, (CX)
	VMOVDQU Y1, 32(CX)
	VMOVDQU Y6, 64(CX)
	VMOVDQU Y5, 96(CX)
	ADDQ $128, CX
	ADDQ $8, R14
	SUBQ $32, R8
	JNZ  inversePairs

	SHRQ $1, R9
	MOVQ $64, R10        // half a block, in bytes

	// Single stages until 3, 6, 9 … are left, that is m = 4, 32, 256 …
inverseSingle:
	TESTQ $0x12492490, R9
	JNZ  inversePass
	MOVQ DI, R11
	MOVQ R9, R14
	LEAQ (R9)(R9*1), R12

inverseBlock:
	TWIDDLE(0, 1)
	LEAQ (R11)(R10*1), CX
	MOVQ CX, R13

inverseButterflies:
	VMOVDQU (R11), Y0
	VMOVDQU (CX), Y1
	INVERSE(Y0, Y1, Y8, Y9, Y9, Y2, Y3)
	BELOW(Y14, Y0, Y2)
	VMOVDQU Y0, (R11)
	VMOVDQU Y1, (CX)
	ADDQ $32, R11
	ADDQ $32, CX
	CMPQ R11, R13
	JNE  inverseButterflies

	MOVQ CX, R11
	ADDQ $4, R14
	CMPQ R14, R12
	JNE  inverseBlock
	SHLQ $1, R10
	SHRQ $1, R9
	JMP  inverseSingle

inversePass:
	LEAQ (R10)(R10*2), BX
	SHRQ $2, R9          // blocks of eight such halves
	MOVQ R9, R14
	MOVQ DI, R11
	CMPQ R9, $4
	JEQ  lastPass
	LEAQ (R9)(R9*1), R12

inverseBlock8:
	MOVQ R11, CX
	LEAQ (R11)(R10*1), R13

inverseButterflies8:
	LOAD8
	BACK8(Y10, Y11)
	TWIDDLE(0, 1)
	INVERSE(Y0, Y4, Y8, Y9, Y9, Y10, Y11)
	INVERSE(Y1, Y5, Y8, Y9, Y9, Y10, Y11)
	INVERSE(Y2, Y6, Y8, Y9, Y9, Y10, Y11)
	INVERSE(Y3, Y7, Y8, Y9, Y9, Y10, Y11)
	BELOW(Y12, Y0, Y10)
	BELOW(Y13, Y1, Y11)
	BELOW(Y14, Y2, Y10)
	BELOW(Y14, Y3, Y11)
	BELOW(Y13, Y0, Y10)
	BELOW(Y14, Y1, Y11)
	BELOW(Y14, Y0, Y10)
	STORE8
	ADDQ $32, CX
	CMPQ CX, R13
	JNE  inverseButterflies8

	LEAQ (R11)(R10*8), R11
	ADDQ $4, R14
	CMPQ R14, R12
	JNE  inverseBlock8
	SHRQ $1, R9
	SHLQ $3, R10
	JMP  inversePass

lastPass:
	MOVQ DI, CX
	LEAQ (DI)(R10*1), R13
	BROADCAST(nInv+36(FP), Y10)
	BROADCAST(nInvShoup+40(FP), Y11)

lastButterflies:
	LOAD8
	BACK8(Y13, Y14)
	BROADCAST(wInv+44(FP), Y8)
	BROADCAST(wInvShoup+48(FP), Y9)
	FIRST(Y0, Y4)
	FIRST(Y1, Y5)
	FIRST(Y2, Y6)
	FIRST(Y3, Y7)
	STORE8
	ADDQ $32, CX
	CMPQ CX, R13
	JNE  lastButterflies
	VZEROUPPER
	RET
