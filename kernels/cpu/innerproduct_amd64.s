//go:build !noasm

#include "textflag.h"
#include "vectors_amd64.h"

// REDUCE: o = the Montgomery reduction of the 64-bit words of e and o,
// interleaved, in [0, q). Z31 = q, Z30 = −1/q mod 2^32, K1 = even words.
#define REDUCE(e, o, t1, t2) \
	VPMULUDQ Z30, e, t1     \
	VPMULUDQ Z30, o, t2     \
	VPMULUDQ Z31, t1, t1    \
	VPMULUDQ Z31, t2, t2    \
	VPADDQ   t1, e, e       \
	VPADDQ   t2, o, o       \
	VMOVSHDUP e, K1, o      \
	BELOW(Z31, o, t1)

// func innerProductAVX512(out0, out1, base0, base1, a0, a1, key0, key1 *uint32, n, digits, stride int, q, negInv uint32)
//
// 16 positions at a time: the products of all digits stay in four accumulators,
// even and odd words of both sums.
TEXT ·innerProductAVX512(SB), NOSPLIT, $0-96
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
	BROADCAST(q+88(FP), Z31)
	BROADCAST(negInv+92(FP), Z30)
	EVEN
	XORQ AX, AX          // position, in bytes

positions:
	LEAQ (R8)(AX*1), BX
	LEAQ (R13)(AX*1), R15
	MOVQ digits+72(FP), CX
	VPXORQ Z0, Z0, Z0
	VPXORQ Z1, Z1, Z1
	VPXORQ Z2, Z2, Z2
	VPXORQ Z3, Z3, Z3

digit:
	VMOVDQU32 (BX), Z4
	VMOVDQU32 (R9), Z6
	VMOVDQU32 (R15), Z8
	VMOVDQU32 (R14), Z10
	PREFETCHT0 2048(R9)
	PREFETCHT0 2048(R14)
	VMOVSHDUP Z4, Z5
	VMOVSHDUP Z6, Z7
	VMOVSHDUP Z8, Z9
	VMOVSHDUP Z10, Z11
	VPMULUDQ Z4, Z6, Z6
	VPMULUDQ Z5, Z7, Z7
	VPMULUDQ Z8, Z10, Z10
	VPMULUDQ Z9, Z11, Z11
	VPADDQ Z6, Z0, Z0
	VPADDQ Z7, Z1, Z1
	VPADDQ Z10, Z2, Z2
	VPADDQ Z11, Z3, Z3
	ADDQ R11, BX
	ADDQ R11, R15
	ADDQ $64, R9
	ADDQ $64, R14
	DECQ CX
	JNZ  digit

	REDUCE(Z0, Z1, Z4, Z5)
	REDUCE(Z2, Z3, Z6, Z7)
	VPADDD (DX)(AX*1), Z1, Z1
	VPADDD (R12)(AX*1), Z3, Z3
	BELOW(Z31, Z1, Z4)
	BELOW(Z31, Z3, Z5)
	VMOVDQU32 Z1, (DI)(AX*1)
	VMOVDQU32 Z3, (SI)(AX*1)
	ADDQ $64, AX
	SUBQ $16, R10
	JNZ  positions
	VZEROUPPER
	RET
