//go:build !noasm

#include "textflag.h"

// A vector holds 16 (AVX-512) or 8 (AVX2) positions as 32-bit words; the
// multiplication takes the even ones, and the odd ones after a shift. With
// A = Σ c0·d0, B = Σ c1·d1 and M = Σ (c0+c1)·(d0+d1), the middle component is
// M − A − B: 3 multiplications and additions instead of 4, for an addition and a shift.
//
// Zen 4 starts two 512-bit operations a cycle. The loop over samples has 52 for three
// columns and 16 positions: 8.7 cycles a column at best, 9.0 measured with d in L2; two
// columns at a time take 9.4 and one takes 10.3. Rejected, in the same measure: 4
// multiplications, 10.7; 8 positions widened by VPMOVZXDQ and eight columns, 11.0; odd
// words loaded from an address 4 bytes on in place of the shift, 11.3, as each such load
// spans two lines. The reduction adds 6 % for 64 samples.

// ROW is the bytes of a row; d1 follows d0.
#define ROW 256

// AHEAD is the binary logarithm of the samples by which d is prefetched. Rows are
// taken a line at a time, far apart, and the processor does not see the pattern. On
// Zen 4 this makes 15 columns whose d comes from memory take 1.2 ns a genotype
// and column instead of 2.5, and costs nothing measurable when d is in L2. To the first
// cache (PREFETCHT0) it gains nothing. Prefetching c0 takes one column from 2.4 ns to 0.8.
#define AHEAD 5

// PREPARE: registers that all routines share, and pointers to the first column.
//
//	DI     sums at these positions
//	SI, DX c0 and c1
//	R8     d of the first column (R9 of the second, R10 of the third)
//	R11    bytes from one sample of d to the next
//	R12    bytes of c0
//	CX     bytes from one component of the sums to the next
//	R15    groups of 16 positions left
#define PREPARE \
	MOVQ sums+0(FP), DI              \
	MOVQ componentStride+16(FP), CX  \
	MOVQ c0+24(FP), SI               \
	MOVQ c1+32(FP), DX               \
	MOVQ d+40(FP), AX                \
	MOVQ columns+48(FP), BX          \
	MOVQ dStride+56(FP), R11         \
	MOVQ samples+64(FP), R12         \
	SHLQ $2, CX                      \
	SHLQ $2, R11                     \
	SHLQ $8, R12                     \
	MOVQ $4, R15                     \
	COLUMN(0, R8)

// COLUMN: p = d of the column whose number stands `at` bytes into the list.
#define COLUMN(at, p) \
	MOVQ at(BX), p           \
	SHLQ $9, p               \
	ADDQ AX, p

// START: the first sample of a group of positions, and pointers for prefetching.
//
//	AX     bytes into c0 and c1
//	BX     bytes into d
//	R13    bytes into d, 1<<AHEAD samples later
//	R14    c0 after these samples: those of the next tile, where a caller goes
//	       through a chunk in order
#define START \
	LEAQ (SI)(R12*1), R14    \
	XORQ AX, AX              \
	XORQ BX, BX              \
	MOVQ R11, R13            \
	SHLQ $AHEAD, R13

// ADVANCE: the next sample; the zero flag is set after the last.
#define ADVANCE \
	ADDQ R11, BX             \
	ADDQ R11, R13            \
	ADDQ $ROW, AX            \
	CMPQ AX, R12

// MULTIPLY: acc += x·y. Clobbers t.
#define MULTIPLY(x, y, acc, t) \
	VPMULUDQ x, y, t         \
	VPADDQ   t, acc, acc

// PAIR: even and odd words of the row pair (x, y) and of its sum.
#define PAIR(xe, xo, ye, yo, se, so) \
	VPADDD ye, xe, se        \
	VPSRLQ $32, xe, xo       \
	VPSRLQ $32, ye, yo       \
	VPSRLQ $32, se, so

// Sums of products of one column stand in six registers: A, B and M, even and odd.

// CLEAR512: six registers.
#define CLEAR512(ae, ao, be, bo, me, mo) \
	VPXORQ ae, ae, ae        \
	VPXORQ ao, ao, ao        \
	VPXORQ be, be, be        \
	VPXORQ bo, bo, bo        \
	VPXORQ me, me, me        \
	VPXORQ mo, mo, mo

// SAMPLE512: products of one sample, (c0, c1) in Z18 … Z23, and one column.
// Clobbers Z24 … Z31.
#define SAMPLE512(p, ae, ao, be, bo, me, mo) \
	PREFETCHT1 (p)(R13*1)         \
	PREFETCHT1 ROW(p)(R13*1)      \
	VMOVDQU32 (p)(BX*1), Z24      \
	VMOVDQU32 ROW(p)(BX*1), Z26   \
	PAIR(Z24, Z25, Z26, Z27, Z28, Z29) \
	MULTIPLY(Z18, Z24, ae, Z30)   \
	MULTIPLY(Z20, Z26, be, Z31)   \
	MULTIPLY(Z22, Z28, me, Z30)   \
	MULTIPLY(Z19, Z25, ao, Z31)   \
	MULTIPLY(Z21, Z27, bo, Z30)   \
	MULTIPLY(Z23, Z29, mo, Z31)

// NEXT512 loads a sample of c0 and c1 into Z18 … Z23.
#define NEXT512 \
	PREFETCHT1 (R14)(AX*1)        \
	VMOVDQU32 (SI)(AX*1), Z18     \
	VMOVDQU32 (DX)(AX*1), Z20     \
	PAIR(Z18, Z19, Z20, Z21, Z22, Z23)

// CONSTANTS512: b in 64-bit words, bh, q and 2q in 32-bit words, for REDUCE512.
#define CONSTANTS512 \
	VPBROADCASTQ barrett+72(FP), Z18 \
	VMOVSHDUP    Z18, Z19            \
	VPBROADCASTD q+80(FP), Z20       \
	VPADDD       Z20, Z20, Z21

// REDUCE512: sum = sum + x mod q for any 64-bit words x, their even and odd positions
// in xe and xo. This is Barrett reduction without the product of the low halves: with
// b = floor(2^64/q) and halves x = (xh, xl), b = (bh, bl), the quotient
//
//	xh·bh + floor((xh·bl + xl·bh) / 2^32)
//
// misses three parts below 1 of x/q: the fraction, xl·bl/2^64 and x·(2^64/q − b)/2^64.
// So the remainder is below 3q, and below 4q < 2^30 with a reduced sum: its low 32
// bits are enough. The inner sum fits: bl = floor((2^32 mod q)·2^32/q) ≤ 2^32 − 2^32/q,
// so bl + bh ≤ 2^32. Clobbers xe, xo and Z22 … Z27.
#define REDUCE512(xe, xo, sum) \
	VPSRLQ    $32, xe, Z22        \
	VPSRLQ    $32, xo, Z23        \
	VPMULUDQ  Z18, Z22, Z24       \
	VPMULUDQ  Z18, Z23, Z25       \
	VPMULUDQ  Z19, xe, Z26        \
	VPMULUDQ  Z19, xo, Z27        \
	VPADDQ    Z26, Z24, Z24       \
	VPADDQ    Z27, Z25, Z25       \
	VMOVSHDUP Z24, K1, Z25        \
	VMOVSLDUP xo, K2, xe          \
	VMOVDQA32 Z22, K1, xo         \
	VPMULLD   Z19, xo, xo         \
	VPADDD    Z25, xo, xo         \
	VPMULLD   Z20, xo, xo         \
	VPSUBD    xo, xe, xe          \
	VPADDD    sum, xe, xe         \
	VPSUBD    Z21, xe, xo         \
	VPMINUD   xo, xe, xe          \
	VPSUBD    Z20, xe, xo         \
	VPMINUD   xo, xe, xe          \
	VMOVDQU32 xe, sum

// FETCH: one column's sums at p. They come from memory and would be waited for at
// the end; fetched before the loop over samples they are there. On Zen 4 this makes
// 16 blocks with 16 or 19 columns take 10 or 18 % less, and nothing with up to 8.
#define FETCH(p) \
	PREFETCHT0 (p)                 \
	PREFETCHT0 (p)(CX*1)           \
	PREFETCHT0 (p)(CX*2)

// FINISH512: add one column's sums of products to the sums at p.
#define FINISH512(p, ae, ao, be, bo, me, mo) \
	VPSUBQ ae, me, me             \
	VPSUBQ ao, mo, mo             \
	VPSUBQ be, me, me             \
	VPSUBQ bo, mo, mo             \
	REDUCE512(ae, ao, (p))        \
	REDUCE512(me, mo, (p)(CX*1))  \
	REDUCE512(be, bo, (p)(CX*2))

// MASKS512: even words in K1, odd ones in K2.
#define MASKS512 \
	MOVL  $0x5555, AX             \
	KMOVW AX, K1                  \
	KNOTW K1, K2

// func accumulate1AVX512(sums *uint32, columnStride, componentStride int, c0, c1, d *uint32, columns *int, dStride, samples int, barrett uint64, q uint32)
TEXT ·accumulate1AVX512(SB), NOSPLIT, $0-84
	PREPARE
	MASKS512

positions:
	CLEAR512(Z0, Z1, Z2, Z3, Z4, Z5)
	FETCH(DI)
	START

sample:
	NEXT512
	SAMPLE512(R8, Z0, Z1, Z2, Z3, Z4, Z5)
	ADVANCE
	JNE  sample

	CONSTANTS512
	FINISH512(DI, Z0, Z1, Z2, Z3, Z4, Z5)
	ADDQ $64, DI
	ADDQ $64, SI
	ADDQ $64, DX
	ADDQ $64, R8
	DECQ R15
	JNZ  positions
	VZEROUPPER
	RET

// func accumulate2AVX512(sums *uint32, columnStride, componentStride int, c0, c1, d *uint32, columns *int, dStride, samples int, barrett uint64, q uint32)
TEXT ·accumulate2AVX512(SB), NOSPLIT, $0-84
	PREPARE
	COLUMN(8, R9)
	MASKS512

positions:
	CLEAR512(Z0, Z1, Z2, Z3, Z4, Z5)
	CLEAR512(Z6, Z7, Z8, Z9, Z10, Z11)
	FETCH(DI)
	MOVQ columnStride+8(FP), R13
	LEAQ (DI)(R13*4), AX
	FETCH(AX)
	START

sample:
	NEXT512
	SAMPLE512(R8, Z0, Z1, Z2, Z3, Z4, Z5)
	SAMPLE512(R9, Z6, Z7, Z8, Z9, Z10, Z11)
	ADVANCE
	JNE  sample

	CONSTANTS512
	FINISH512(DI, Z0, Z1, Z2, Z3, Z4, Z5)
	MOVQ columnStride+8(FP), R13
	LEAQ (DI)(R13*4), AX
	FINISH512(AX, Z6, Z7, Z8, Z9, Z10, Z11)
	ADDQ $64, DI
	ADDQ $64, SI
	ADDQ $64, DX
	ADDQ $64, R8
	ADDQ $64, R9
	DECQ R15
	JNZ  positions
	VZEROUPPER
	RET

// func accumulate3AVX512(sums *uint32, columnStride, componentStride int, c0, c1, d *uint32, columns *int, dStride, samples int, barrett uint64, q uint32)
TEXT ·accumulate3AVX512(SB), NOSPLIT, $0-84
	PREPARE
	COLUMN(8, R9)
	COLUMN(16, R10)
	MASKS512

positions:
	CLEAR512(Z0, Z1, Z2, Z3, Z4, Z5)
	CLEAR512(Z6, Z7, Z8, Z9, Z10, Z11)
	CLEAR512(Z12, Z13, Z14, Z15, Z16, Z17)
	FETCH(DI)
	MOVQ columnStride+8(FP), R13
	LEAQ (DI)(R13*4), AX
	FETCH(AX)
	LEAQ (AX)(R13*4), AX
	FETCH(AX)
	START

sample:
	NEXT512
	SAMPLE512(R8, Z0, Z1, Z2, Z3, Z4, Z5)
	SAMPLE512(R9, Z6, Z7, Z8, Z9, Z10, Z11)
	SAMPLE512(R10, Z12, Z13, Z14, Z15, Z16, Z17)
	ADVANCE
	JNE  sample

	CONSTANTS512
	FINISH512(DI, Z0, Z1, Z2, Z3, Z4, Z5)
	MOVQ columnStride+8(FP), R13
	LEAQ (DI)(R13*4), AX
	FINISH512(AX, Z6, Z7, Z8, Z9, Z10, Z11)
	LEAQ (AX)(R13*4), AX
	FINISH512(AX, Z12, Z13, Z14, Z15, Z16, Z17)
	ADDQ $64, DI
	ADDQ $64, SI
	ADDQ $64, DX
	ADDQ $64, R8
	ADDQ $64, R9
	ADDQ $64, R10
	DECQ R15
	JNZ  positions
	VZEROUPPER
	RET

// The AVX2 routine takes 16 positions, a whole cache line, in two halves at once.
// Rows lie 256 bytes apart and share a quarter of the sets of the first cache, so what
// a pass over 64 samples leaves of a line comes from L2 again: 8 positions at a time
// take a fourth longer.

// PRODUCTS256: products of the 8 words of x and y. Clobbers x, y and t.
#define PRODUCTS256(x, y, even, odd, t) \
	MULTIPLY(x, y, even, t)       \
	VPSRLQ   $32, x, x            \
	VPSRLQ   $32, y, y            \
	MULTIPLY(x, y, odd, x)

// SAMPLE256: products of one sample for 8 of the 16 positions. Clobbers Y12 … Y15.
#define SAMPLE256(at, ae, ao, be, bo, me, mo) \
	VMOVDQU at(SI)(AX*1), Y12            \
	VMOVDQU at(R8)(BX*1), Y13            \
	VPADDD  at(DX)(AX*1), Y12, Y14       \
	MULTIPLY(Y12, Y13, ae, Y15)          \
	VPADDD  (at+ROW)(R8)(BX*1), Y13, Y15 \
	VPSRLQ  $32, Y12, Y12                \
	VPSRLQ  $32, Y13, Y13                \
	MULTIPLY(Y12, Y13, ao, Y12)          \
	PRODUCTS256(Y14, Y15, me, mo, Y12)   \
	VMOVDQU at(DX)(AX*1), Y12            \
	VMOVDQU (at+ROW)(R8)(BX*1), Y13      \
	PRODUCTS256(Y12, Y13, be, bo, Y14)

// REDUCE256 is REDUCE512 for 8 positions, with the constants in Y12 … Y15.
#define REDUCE256(xe, xo, sum) \
	VPSRLQ   $32, xe, Y6          \
	VPSRLQ   $32, xo, Y7          \
	VPMULUDQ Y12, Y6, Y8          \
	VPMULUDQ Y12, Y7, Y9          \
	VPMULUDQ Y13, xe, Y10         \
	VPMULUDQ Y13, xo, Y11         \
	VPADDQ   Y10, Y8, Y8          \
	VPADDQ   Y11, Y9, Y9          \
	VPSRLQ   $32, Y8, Y8          \
	VPBLENDD $0xAA, Y9, Y8, Y9    \
	VPSLLQ   $32, xo, Y10         \
	VPBLENDD $0xAA, Y10, xe, xe   \
	VPBLENDD $0xAA, xo, Y6, xo    \
	VPMULLD  Y13, xo, xo          \
	VPADDD   Y9, xo, xo           \
	VPMULLD  Y14, xo, xo          \
	VPSUBD   xo, xe, xe           \
	VPADDD   sum, xe, xe          \
	VPSUBD   Y15, xe, xo          \
	VPMINUD  xo, xe, xe           \
	VPSUBD   Y14, xe, xo          \
	VPMINUD  xo, xe, xe           \
	VMOVDQU  xe, sum

// FINISH256: add the sums of products in Y0 … Y5 to the sums at DI.
#define FINISH256(at) \
	VPSUBQ Y0, Y4, Y4                 \
	VPSUBQ Y1, Y5, Y5                 \
	VPSUBQ Y2, Y4, Y4                 \
	VPSUBQ Y3, Y5, Y5                 \
	REDUCE256(Y0, Y1, at(DI))         \
	REDUCE256(Y4, Y5, at(DI)(CX*1))   \
	REDUCE256(Y2, Y3, at(DI)(CX*2))

// func accumulate1AVX2(sums *uint32, columnStride, componentStride int, c0, c1, d *uint32, columns *int, dStride, samples int, barrett uint64, q uint32)
TEXT ·accumulate1AVX2(SB), NOSPLIT, $192-84
	PREPARE

positions:
	VPXOR Y0, Y0, Y0
	VPXOR Y1, Y1, Y1
	VPXOR Y2, Y2, Y2
	VPXOR Y3, Y3, Y3
	VPXOR Y4, Y4, Y4
	VPXOR Y5, Y5, Y5
	VPXOR Y6, Y6, Y6
	VPXOR Y7, Y7, Y7
	VPXOR Y8, Y8, Y8
	VPXOR Y9, Y9, Y9
	VPXOR Y10, Y10, Y10
	VPXOR Y11, Y11, Y11
	FETCH(DI)
	START

sample:
	PREFETCHT1 (R14)(AX*1)
	PREFETCHT1 (R8)(R13*1)
	PREFETCHT1 ROW(R8)(R13*1)
	SAMPLE256(0, Y0, Y1, Y2, Y3, Y4, Y5)
	SAMPLE256(32, Y6, Y7, Y8, Y9, Y10, Y11)
	ADVANCE
	JNE  sample

	VMOVDQU Y6, half-192(SP)
	VMOVDQU Y7, half-160(SP)
	VMOVDQU Y8, half-128(SP)
	VMOVDQU Y9, half-96(SP)
	VMOVDQU Y10, half-64(SP)
	VMOVDQU Y11, half-32(SP)
	VMOVQ barrett+72(FP), X12
	VPBROADCASTQ X12, Y12
	VMOVSHDUP Y12, Y13
	MOVL q+80(FP), AX
	VMOVD AX, X14
	VPBROADCASTD X14, Y14
	VPADDD Y14, Y14, Y15
	FINISH256(0)
	VMOVDQU half-192(SP), Y0
	VMOVDQU half-160(SP), Y1
	VMOVDQU half-128(SP), Y2
	VMOVDQU half-96(SP), Y3
	VMOVDQU half-64(SP), Y4
	VMOVDQU half-32(SP), Y5
	FINISH256(32)
	ADDQ $64, DI
	ADDQ $64, SI
	ADDQ $64, DX
	ADDQ $64, R8
	DECQ R15
	JNZ  positions
	VZEROUPPER
	RET
