// Macros that several routines share. Z stands for 16 words of AVX-512, Y for 8 of
// AVX2. Z31 = q, K1 = even words; Y15 = q.

// BROADCAST: a 32-bit argument to every word of v.
#define BROADCAST(arg, v) VPBROADCASTD arg, v

// EVEN: even words in K1. Clobbers AX.
#define EVEN \
	MOVL  $0x5555, AX       \
	KMOVW AX, K1

// BELOW: from x < 2·bound to x < bound. Clobbers t.
#define BELOW(bound, x, t) \
	VPSUBD  bound, x, t     \
	VPMINUD t, x, x

// SHOUP512 and SHOUP256: r = a·w mod q in [0, 2q) for any word a, w with the companion
// ws, whose odd words stand in the even places of wso. w and ws may be in memory; r
// and t, which is clobbered, are not a. The high halves of the products of even and
// odd words are computed apart and merged.
#define SHOUP512(a, w, ws, wso, r, t) \
	VPSRLQ    $32, a, t     \
	VPMULUDQ  ws, a, r      \
	VPMULUDQ  wso, t, t     \
	VMOVSHDUP r, K1, t      \
	VPMULLD   w, a, r       \
	VPMULLD   Z31, t, t     \
	VPSUBD    t, r, r

#define SHOUP256(a, w, ws, wso, r, t) \
	VPSRLQ    $32, a, t     \
	VPMULUDQ  ws, a, r      \
	VPMULUDQ  wso, t, t     \
	VMOVSHDUP r, r          \
	VPBLENDD  $0xAA, t, r, t \
	VPMULLD   w, a, r       \
	VPMULLD   Y15, t, t     \
	VPSUBD    t, r, r
