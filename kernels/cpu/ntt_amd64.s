//go:build !noasm

#include "textflag.h"

// Index vectors that regroup two vectors of 16 words, x and y (words 0-15 and
// 16-31), between the stages whose butterflies span less than a vector.

// halves of 8: x' = x.lo8, y.lo8; y' = x.hi8, y.hi8
DATA lo8<>+0(SB)/4, $0
DATA lo8<>+4(SB)/4, $1
DATA lo8<>+8(SB)/4, $2
DATA lo8<>+12(SB)/4, $3
DATA lo8<>+16(SB)/4, $4
DATA lo8<>+20(SB)/4, $5
DATA lo8<>+24(SB)/4, $6
DATA lo8<>+28(SB)/4, $7
DATA lo8<>+32(SB)/4, $16
DATA lo8<>+36(SB)/4, $17
DATA lo8<>+40(SB)/4, $18
DATA lo8<>+44(SB)/4, $19
DATA lo8<>+48(SB)/4, $20
DATA lo8<>+52(SB)/4, $21
DATA lo8<>+56(SB)/4, $22
DATA lo8<>+60(SB)/4, $23
GLOBL lo8<>(SB), RODATA|NOPTR, $64

DATA hi8<>+0(SB)/4, $8
DATA hi8<>+4(SB)/4, $9
DATA hi8<>+8(SB)/4, $10
DATA hi8<>+12(SB)/4, $11
DATA hi8<>+16(SB)/4, $12
DATA hi8<>+20(SB)/4, $13
DATA hi8<>+24(SB)/4, $14
DATA hi8<>+28(SB)/4, $15
DATA hi8<>+32(SB)/4, $24
DATA hi8<>+36(SB)/4, $25
DATA hi8<>+40(SB)/4, $26
DATA hi8<>+44(SB)/4, $27
DATA hi8<>+48(SB)/4, $28
DATA hi8<>+52(SB)/4, $29
DATA hi8<>+56(SB)/4, $30
DATA hi8<>+60(SB)/4, $31
GLOBL hi8<>(SB), RODATA|NOPTR, $64

// groups of 4: x' = x[0-3], y[0-3], x[8-11], y[8-11]; y' = x[4-7], y[4-7], …
DATA lo4<>+0(SB)/4, $0
DATA lo4<>+4(SB)/4, $1
DATA lo4<>+8(SB)/4, $2
DATA lo4<>+12(SB)/4, $3
DATA lo4<>+16(SB)/4, $16
DATA lo4<>+20(SB)/4, $17
DATA lo4<>+24(SB)/4, $18
DATA lo4<>+28(SB)/4, $19
DATA lo4<>+32(SB)/4, $8
DATA lo4<>+36(SB)/4, $9
DATA lo4<>+40(SB)/4, $10
DATA lo4<>+44(SB)/4, $11
DATA lo4<>+48(SB)/4, $24
DATA lo4<>+52(SB)/4, $25
DATA lo4<>+56(SB)/4, $26
DATA lo4<>+60(SB)/4, $27
GLOBL lo4<>(SB), RODATA|NOPTR, $64

DATA hi4<>+0(SB)/4, $4
DATA hi4<>+4(SB)/4, $5
DATA hi4<>+8(SB)/4, $6
DATA hi4<>+12(SB)/4, $7
DATA hi4<>+16(SB)/4, $20
DATA hi4<>+20(SB)/4, $21
DATA hi4<>+24(SB)/4, $22
DATA hi4<>+28(SB)/4, $23
DATA hi4<>+32(SB)/4, $12
DATA hi4<>+36(SB)/4, $13
DATA hi4<>+40(SB)/4, $14
DATA hi4<>+44(SB)/4, $15
DATA hi4<>+48(SB)/4, $28
DATA hi4<>+52(SB)/4, $29
DATA hi4<>+56(SB)/4, $30
DATA hi4<>+60(SB)/4, $31
GLOBL hi4<>(SB), RODATA|NOPTR, $64

// groups of 2
DATA lo2<>+0(SB)/4, $0
DATA lo2<>+4(SB)/4, $1
DATA lo2<>+8(SB)/4, $16
DATA lo2<>+12(SB)/4, $17
DATA lo2<>+16(SB)/4, $4
DATA lo2<>+20(SB)/4, $5
DATA lo2<>+24(SB)/4, $20
DATA lo2<>+28(SB)/4, $21
DATA lo2<>+32(SB)/4, $8
DATA lo2<>+36(SB)/4, $9
DATA lo2<>+40(SB)/4, $24
DATA lo2<>+44(SB)/4, $25
DATA lo2<>+48(SB)/4, $12
DATA lo2<>+52(SB)/4, $13
DATA lo2<>+56(SB)/4, $28
DATA lo2<>+60(SB)/4, $29
GLOBL lo2<>(SB), RODATA|NOPTR, $64

DATA hi2<>+0(SB)/4, $2
DATA hi2<>+4(SB)/4, $3
DATA hi2<>+8(SB)/4, $18
DATA hi2<>+12(SB)/4, $19
DATA hi2<>+16(SB)/4, $6
DATA hi2<>+20(SB)/4, $7
DATA hi2<>+24(SB)/4, $22
DATA hi2<>+28(SB)/4, $23
DATA hi2<>+32(SB)/4, $10
DATA hi2<>+36(SB)/4, $11
DATA hi2<>+40(SB)/4, $26
DATA hi2<>+44(SB)/4, $27
DATA hi2<>+48(SB)/4, $14
DATA hi2<>+52(SB)/4, $15
DATA hi2<>+56(SB)/4, $30
DATA hi2<>+60(SB)/4, $31
GLOBL hi2<>(SB), RODATA|NOPTR, $64

// single words
DATA lo1<>+0(SB)/4, $0
DATA lo1<>+4(SB)/4, $16
DATA lo1<>+8(SB)/4, $2
DATA lo1<>+12(SB)/4, $18
DATA lo1<>+16(SB)/4, $4
DATA lo1<>+20(SB)/4, $20
DATA lo1<>+24(SB)/4, $6
DATA lo1<>+28(SB)/4, $22
DATA lo1<>+32(SB)/4, $8
DATA lo1<>+36(SB)/4, $24
DATA lo1<>+40(SB)/4, $10
DATA lo1<>+44(SB)/4, $26
DATA lo1<>+48(SB)/4, $12
DATA lo1<>+52(SB)/4, $28
DATA lo1<>+56(SB)/4, $14
DATA lo1<>+60(SB)/4, $30
GLOBL lo1<>(SB), RODATA|NOPTR, $64

DATA hi1<>+0(SB)/4, $1
DATA hi1<>+4(SB)/4, $17
DATA hi1<>+8(SB)/4, $3
DATA hi1<>+12(SB)/4, $19
DATA hi1<>+16(SB)/4, $5
DATA hi1<>+20(SB)/4, $21
DATA hi1<>+24(SB)/4, $7
DATA hi1<>+28(SB)/4, $23
DATA hi1<>+32(SB)/4, $9
DATA hi1<>+36(SB)/4, $25
DATA hi1<>+40(SB)/4, $11
DATA hi1<>+44(SB)/4, $27
DATA hi1<>+48(SB)/4, $13
DATA hi1<>+52(SB)/4, $29
DATA hi1<>+56(SB)/4, $15
DATA hi1<>+60(SB)/4, $31
GLOBL hi1<>(SB), RODATA|NOPTR, $64

// natural order from single words: x' = x0 y0 x1 y1 … x7 y7; y' = x8 y8 …
DATA zipLo<>+0(SB)/4, $0
DATA zipLo<>+4(SB)/4, $16
DATA zipLo<>+8(SB)/4, $1
DATA zipLo<>+12(SB)/4, $17
DATA zipLo<>+16(SB)/4, $2
DATA zipLo<>+20(SB)/4, $18
DATA zipLo<>+24(SB)/4, $3
DATA zipLo<>+28(SB)/4, $19
DATA zipLo<>+32(SB)/4, $4
DATA zipLo<>+36(SB)/4, $20
DATA zipLo<>+40(SB)/4, $5
DATA zipLo<>+44(SB)/4, $21
DATA zipLo<>+48(SB)/4, $6
DATA zipLo<>+52(SB)/4, $22
DATA zipLo<>+56(SB)/4, $7
DATA zipLo<>+60(SB)/4, $23
GLOBL zipLo<>(SB), RODATA|NOPTR, $64

DATA zipHi<>+0(SB)/4, $8
DATA zipHi<>+4(SB)/4, $24
DATA zipHi<>+8(SB)/4, $9
DATA zipHi<>+12(SB)/4, $25
DATA zipHi<>+16(SB)/4, $10
DATA zipHi<>+20(SB)/4, $26
DATA zipHi<>+24(SB)/4, $11
DATA zipHi<>+28(SB)/4, $27
DATA zipHi<>+32(SB)/4, $12
DATA zipHi<>+36(SB)/4, $28
DATA zipHi<>+40(SB)/4, $13
DATA zipHi<>+44(SB)/4, $29
DATA zipHi<>+48(SB)/4, $14
DATA zipHi<>+52(SB)/4, $30
DATA zipHi<>+56(SB)/4, $15
DATA zipHi<>+60(SB)/4, $31
GLOBL zipHi<>(SB), RODATA|NOPTR, $64

// even and odd words of two vectors
DATA evens<>+0(SB)/4, $0
DATA evens<>+4(SB)/4, $2
DATA evens<>+8(SB)/4, $4
DATA evens<>+12(SB)/4, $6
DATA evens<>+16(SB)/4, $8
DATA evens<>+20(SB)/4, $10
DATA evens<>+24(SB)/4, $12
DATA evens<>+28(SB)/4, $14
DATA evens<>+32(SB)/4, $16
DATA evens<>+36(SB)/4, $18
DATA evens<>+40(SB)/4, $20
DATA evens<>+44(SB)/4, $22
DATA evens<>+48(SB)/4, $24
DATA evens<>+52(SB)/4, $26
DATA evens<>+56(SB)/4, $28
DATA evens<>+60(SB)/4, $30
GLOBL evens<>(SB), RODATA|NOPTR, $64

DATA odds<>+0(SB)/4, $1
DATA odds<>+4(SB)/4, $3
DATA odds<>+8(SB)/4, $5
DATA odds<>+12(SB)/4, $7
DATA odds<>+16(SB)/4, $9
DATA odds<>+20(SB)/4, $11
DATA odds<>+24(SB)/4, $13
DATA odds<>+28(SB)/4, $15
DATA odds<>+32(SB)/4, $17
DATA odds<>+36(SB)/4, $19
DATA odds<>+40(SB)/4, $21
DATA odds<>+44(SB)/4, $23
DATA odds<>+48(SB)/4, $25
DATA odds<>+52(SB)/4, $27
DATA odds<>+56(SB)/4, $29
DATA odds<>+60(SB)/4, $31
GLOBL odds<>(SB), RODATA|NOPTR, $64

// spread twiddles: every one of 2 (4, 8) words 8 (4, 2) times
DATA spread8<>+0(SB)/4, $0
DATA spread8<>+4(SB)/4, $0
DATA spread8<>+8(SB)/4, $0
DATA spread8<>+12(SB)/4, $0
DATA spread8<>+16(SB)/4, $0
DATA spread8<>+20(SB)/4, $0
DATA spread8<>+24(SB)/4, $0
DATA spread8<>+28(SB)/4, $0
DATA spread8<>+32(SB)/4, $1
DATA spread8<>+36(SB)/4, $1
DATA spread8<>+40(SB)/4, $1
DATA spread8<>+44(SB)/4, $1
DATA spread8<>+48(SB)/4, $1
DATA spread8<>+52(SB)/4, $1
DATA spread8<>+56(SB)/4, $1
DATA spread8<>+60(SB)/4, $1
GLOBL spread8<>(SB), RODATA|NOPTR, $64

DATA spread4<>+0(SB)/4, $0
DATA spread4<>+4(SB)/4, $0
DATA spread4<>+8(SB)/4, $0
DATA spread4<>+12(SB)/4, $0
DATA spread4<>+16(SB)/4, $1
DATA spread4<>+20(SB)/4, $1
DATA spread4<>+24(SB)/4, $1
DATA spread4<>+28(SB)/4, $1
DATA spread4<>+32(SB)/4, $2
DATA spread4<>+36(SB)/4, $2
DATA spread4<>+40(SB)/4, $2
DATA spread4<>+44(SB)/4, $2
DATA spread4<>+48(SB)/4, $3
DATA spread4<>+52(SB)/4, $3
DATA spread4<>+56(SB)/4, $3
DATA spread4<>+60(SB)/4, $3
GLOBL spread4<>(SB), RODATA|NOPTR, $64

DATA spread2<>+0(SB)/4, $0
DATA spread2<>+4(SB)/4, $0
DATA spread2<>+8(SB)/4, $1
DATA spread2<>+12(SB)/4, $1
DATA spread2<>+16(SB)/4, $2
DATA spread2<>+20(SB)/4, $2
DATA spread2<>+24(SB)/4, $3
DATA spread2<>+28(SB)/4, $3
DATA spread2<>+32(SB)/4, $4
DATA spread2<>+36(SB)/4, $4
DATA spread2<>+40(SB)/4, $5
DATA spread2<>+44(SB)/4, $5
DATA spread2<>+48(SB)/4, $6
DATA spread2<>+52(SB)/4, $6
DATA spread2<>+56(SB)/4, $7
DATA spread2<>+60(SB)/4, $7
GLOBL spread2<>(SB), RODATA|NOPTR, $64

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

// func nttForwardAVX512(a, w, ws *uint32, n int, q uint32)
//
// a has n ≥ 32 words in [0, 2q); w and ws are the twiddles in bit-reversed order and
// their companions. Stages of one vector and more go pass by pass with the twiddle
// broadcast; the last four run together on pairs of vectors.
TEXT ·nttForwardAVX512(SB), NOSPLIT, $0-36
	MOVQ a+0(FP), DI
	MOVQ w+8(FP), SI
	MOVQ ws+16(FP), DX
	MOVQ n+24(FP), R8
	MOVL q+32(FP), AX
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
	VMOVDQU32 lo8<>(SB), Z16
	VMOVDQU32 hi8<>(SB), Z17
	VMOVDQU32 lo4<>(SB), Z18
	VMOVDQU32 hi4<>(SB), Z19
	VMOVDQU32 lo2<>(SB), Z20
	VMOVDQU32 hi2<>(SB), Z21
	VMOVDQU32 lo1<>(SB), Z22
	VMOVDQU32 hi1<>(SB), Z23
	VMOVDQU32 zipLo<>(SB), Z24
	VMOVDQU32 zipHi<>(SB), Z25
	VMOVDQU32 spread8<>(SB), Z26
	VMOVDQU32 spread4<>(SB), Z27
	VMOVDQU32 spread2<>(SB), Z15

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

// func nttInverseAVX512(a, w, ws *uint32, n int, q, nInv, nInvShoup uint32)
TEXT ·nttInverseAVX512(SB), NOSPLIT, $0-44
	MOVQ a+0(FP), DI
	MOVQ w+8(FP), SI
	MOVQ ws+16(FP), DX
	MOVQ n+24(FP), R8
	MOVL q+32(FP), AX
	VPBROADCASTD AX, Z31
	VPADDD Z31, Z31, Z30
	MOVL $0x5555, AX
	KMOVW AX, K1

	VMOVDQU32 evens<>(SB), Z16
	VMOVDQU32 odds<>(SB), Z17
	VMOVDQU32 lo1<>(SB), Z18
	VMOVDQU32 hi1<>(SB), Z19
	VMOVDQU32 lo2<>(SB), Z20
	VMOVDQU32 hi2<>(SB), Z21
	VMOVDQU32 lo4<>(SB), Z22
	VMOVDQU32 hi4<>(SB), Z23
	VMOVDQU32 lo8<>(SB), Z24
	VMOVDQU32 hi8<>(SB), Z25
	VMOVDQU32 spread8<>(SB), Z26
	VMOVDQU32 spread4<>(SB), Z27
	VMOVDQU32 spread2<>(SB), Z15

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

	MOVL nInv+36(FP), AX
	MOVL nInvShoup+40(FP), BX
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
