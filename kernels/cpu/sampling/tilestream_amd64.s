//go:build !noasm

#include "textflag.h"

// func prefetch(a []uint32)
TEXT ·prefetch(SB), NOSPLIT, $0-24
	MOVQ a_base+0(FP), DI
	MOVQ a_len+8(FP), CX

line:
	PREFETCHT0 (DI)
	ADDQ $64, DI
	SUBQ $16, CX
	JGT  line
	RET
