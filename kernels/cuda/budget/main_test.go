package main

import (
	"maps"
	"slices"
	"testing"
)

const resources = `
Fatbin elf code:
================
arch = sm_80
Resource usage:
 Function slow:
  REG:32 STACK:128 SHARED:0 LOCAL:0 CONSTANT[0]:368 TEXTURE:0 SURFACE:0 SAMPLER:0
arch = sm_90
 Function slow:
  REG:40 STACK:0 SHARED:0 LOCAL:0 CONSTANT[0]:544 TEXTURE:0 SURFACE:0 SAMPLER:0
`

const code = `
		Function : slow
	.headerflags    @"EF_CUDA_SM90"
        /*0000*/                   LDC R1, c[0x0][0x28] ;                    /* 0x00000a00ff017b82 */
                                                                             /* 0x000e220000000800 */
        /*0010*/              @!P0 BRA 0x70 ;                                /* 0x0000000000027919 */
        /*0020*/             @!UP2 UIADD3 UR4, UR4, 0x1, URZ ;               /* 0x0000000000027919 */
        /*0030*/                   EXIT ;                                    /* 0x0000000000027919 */
        /*0040*/                   NOP;                                      /* 0x0000000000007918 */
`

const symbols = `
Fatbin elf code:
================
arch = sm_80
symbols:
STT_OBJECT       STB_LOCAL  STV_DEFAULT    slow_takes
STT_FUNC         STB_GLOBAL STO_ENTRY      slow
STT_FUNC         STB_GLOBAL STO_ENTRY      fast
arch = sm_90
STT_OBJECT       STB_LOCAL  STV_DEFAULT    slow_takes
STT_OBJECT       STB_LOCAL  STV_DEFAULT    fast_takes
STT_?            STB_LOCAL  STV_DEFAULT  U 
STT_FUNC         STB_GLOBAL STO_ENTRY      slow
STT_FUNC         STB_GLOBAL STO_ENTRY      fast
`

func TestReadsWhatCuobjdumpPrints(t *testing.T) {
	registers, spills := parseResources(resources)
	if !maps.Equal(registers, map[string]int{"slow": 40}) {
		t.Error(registers)
	}
	if want := []string{"slow spills on sm_80: 128 bytes of stack, 0 of local memory"}; !slices.Equal(spills, want) {
		t.Error(spills)
	}
	if got, want := withoutArguments(symbols), []string{"fast on sm_80: the module does not keep what the kernel takes"}; !slices.Equal(got, want) {
		t.Error(got)
	}
	if got := countInstructions(code); !maps.Equal(got, map[string]int{"slow": 4}) {
		t.Error(got)
	}
}

func TestCompare(t *testing.T) {
	budget := map[string]kernel{"same": {100, 1000}, "little": {100, 1000}, "registers": {100, 1000}, "instructions": {100, 1000}, "gone": {1, 1}}
	now := map[string]kernel{"same": {100, 1000}, "little": {102, 1020}, "registers": {104, 900}, "instructions": {90, 1100}, "new": {1, 1}}
	want := []string{
		"instructions: 1100 instructions, 1000 in the budget",
		"new is not in kernels/cuda/budget.txt",
		"registers: 104 registers, 100 in the budget",
		"gone is in kernels/cuda/budget.txt, but in no module",
	}
	if got := compare(now, budget); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
