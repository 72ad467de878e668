//go:build !noasm

#include "textflag.h"
#include "vectors_amd64.h"

// PRODUCTS: 8 words of a digit times those of a key, added to the sums of even and
// odd words.
#define PRODUCTS(digit, key, even, odd, t1, t2, t3) \
	VMOVDQU   digit, t1      \
	VMOVSHDUP key, t3        \
	VMOVSHDUP t1, t2         \
	VPMULUDQ  key, t1, t1    \
	VPMULUDQ  t3, t2, t2     \
	VPADDQ    t1, even, even \
	VPADDQ    t2, odd, odd

// REDUCE: o = the Montgomery reduction of the 64-bit words of e and o,
// interleaved, in [0, q). Y15 = q, Y14 = −1/q mod 2^32.
#define REDUCE(e, o, t1, t2) \
	VPMULUDQ  Y14, e, t1    \
	VPMULUDQ  Y14, o, t2    \
	VPMULUDQ  Y15, t1, t1   \
	VPMULUDQ  Y15, t2, t2   \
	VPADDQ    t1, e, e      \
	VPADDQ    t2, o, o      \
	VMOVSHDUP e, e          \
	VPBLENDD  $0xAA, o, e, o \
	BELOW(Y15, o, t1)

// FINISH: reduce, add the base, store.
#define FINISH(base, even, odd, out, t1, t2) \
	REDUCE(even, odd, t1, t2) \
	VPADDD  base, odd, odd    \
	BELOW(Y15, odd, t1)      \
	VMOVDQU odd, out

// func innerProductAVX2(out0, out1, base0, base1, a0, a1, key0, key1 *uint32, n, digits, stride int, q, negInv uint32)
//
// 16 positions at a time, a whole line of the cache, in two halves at once: the
// products of all digits stay in eight accumulators, even and odd words of both
// halves of both sums.
TEXT ·innerProductAVX2(SB), NOSPLIT, $0-96
	MOVQ out0+0(FP), DI
	MOVQ out1+8(FP), SI
	MOVQ base0+16(FP), DX
	MOVQ base1+24(FP), R12
	MOVQ a0+32(FP), R8
	MOVQ a1+40(FP), R13
	MOVQ key0+48(FP), R9
	MOVQ key1+56(FP), R14
	MOVQ n+64(FP), R10
	MOVQ stride+80(FP), R11
	SHLQ $2, R11         // bytes from row to row
	BROADCAST(q+88(FP), Y15)
	BROADCAST(negInv+92(FP), Y14)
	XORQ AX, AX          // position, in bytes

positions:
	LEAQ (R8)(AX*1), BX
	LEAQ (R13)(AX*1), R15
	MOVQ digits+72(FP), CX
	VPXOR Y0, Y0, Y0
	VPXOR Y1, Y1, Y1
	VPXOR Y2, Y2, Y2
	VPXOR Y3, Y3, Y3
	VPXOR Y4, Y4, Y4
	VPXOR Y5, Y5, Y5
	VPXOR Y6, Y6, Y6
	VPXOR Y7, Y7, Y7

digit:
	PREFETCHT0 2048(R9)
	PREFETCHT0 2048(R14)
	PRODUCTS((BX), (R9), Y0, Y1, Y8, Y9, Y10)
	PRODUCTS(32(BX), 32(R9), Y2, Y3, Y11, Y12, Y13)
	PRODUCTS((R15), (R14), Y4, Y5, Y8, Y9, Y10)
	PRODUCTS(32(R15), 32(R14), Y6, Y7, Y11, Y12, Y13)
	ADDQ R11, BX
	ADDQ R11, R15
	ADDQ $64, R9
	ADDQ $64, R14
	DECQ CX
	JNZ  digit

	FINISH((DX)(AX*1), Y0, Y1, (DI)(AX*1), Y8, Y9)
	FINISH(32(DX)(AX*1), Y2, Y3, 32(DI)(AX*1), Y10, Y11)
	FINISH((R12)(AX*1), Y4, Y5, (SI)(AX*1), Y8, Y9)
	FINISH(32(R12)(AX*1), Y6, Y7, 32(SI)(AX*1), Y10, Y11)
	ADDQ $64, AX
	SUBQ $16, R10
	JNZ  positions
	VZEROUPPER
	RET
