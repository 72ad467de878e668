//go:build !noasm

#include "textflag.h"

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
	VPSUBD   Z31, o, t1     \
	VPMINUD  t1, o, o

// func innerProductAVX512(out0, out1, base, a, key *uint32, n, digits int, q, negInv uint32)
//
// 16 positions at a time: the products of all digits stay in four accumulators,
// even and odd words of both components. Four multiplications and 1 + 1/4 loads
// of key and digits a digit; the key comes from the third-level cache, one stream.
TEXT ·innerProductAVX512(SB), NOSPLIT, $0-64
	MOVQ out0+0(FP), DI
	MOVQ out1+8(FP), SI
	MOVQ base+16(FP), DX
	MOVQ a+24(FP), R8
	MOVQ key+32(FP), R9
	MOVQ n+40(FP), R10
	MOVQ R10, R11
	SHLQ $2, R11         // bytes of a row
	MOVL q+56(FP), AX
	VPBROADCASTD AX, Z31
	MOVL negInv+60(FP), AX
	VPBROADCASTD AX, Z30
	MOVL $0x5555, AX
	KMOVW AX, K1

positions:
	MOVQ R8, BX
	MOVQ digits+48(FP), CX
	VPXORQ Z0, Z0, Z0
	VPXORQ Z1, Z1, Z1
	VPXORQ Z2, Z2, Z2
	VPXORQ Z3, Z3, Z3

digit:
	VMOVDQU32 (BX), Z4
	VMOVDQU32 (R9), Z6
	VMOVDQU32 64(R9), Z8
	PREFETCHT0 2048(R9)
	PREFETCHT0 2112(R9)
	VMOVSHDUP Z4, Z5
	VMOVSHDUP Z6, Z7
	VMOVSHDUP Z8, Z9
	VPMULUDQ Z4, Z6, Z6
	VPMULUDQ Z5, Z7, Z7
	VPMULUDQ Z4, Z8, Z8
	VPMULUDQ Z5, Z9, Z9
	VPADDQ Z6, Z0, Z0
	VPADDQ Z7, Z1, Z1
	VPADDQ Z8, Z2, Z2
	VPADDQ Z9, Z3, Z3
	ADDQ R11, BX
	ADDQ $128, R9
	DECQ CX
	JNZ  digit

	REDUCE(Z0, Z1, Z4, Z5)
	REDUCE(Z2, Z3, Z6, Z7)
	VPADDD (DX), Z1, Z1
	VPSUBD Z31, Z1, Z4
	VPMINUD Z4, Z1, Z1
	VMOVDQU32 Z1, (DI)
	VMOVDQU32 Z3, (SI)
	ADDQ $64, DI
	ADDQ $64, SI
	ADDQ $64, DX
	ADDQ $64, R8
	SUBQ $16, R10
	JNZ  positions
	VZEROUPPER
	RET
