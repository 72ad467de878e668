//go:build cuda

package gpu

import (
	"fmt"
	"math"
)

// Kinds of arguments: those of kernels/cuda/takes.cuh.
const (
	pointer = '*'
	bits32  = '4'
	bits64  = '8'
)

// kindText says what can be given for a kind.
var kindText = map[byte]string{
	pointer: "an array (gpu.Words)",
	bits32:  "32 bits (uint32, or an int from 0 to 2^32−1)",
	bits64:  "64 bits (uint64, or an int that is not negative)",
}

// slot is an argument as a kernel that takes this kind reads it, or why it cannot be.
func (d *Device) slot(takes byte, arg any) (slot uint64, reason string) {
	switch a := arg.(type) {
	case Words:
		if a.device != nil && a.device != d {
			return 0, fmt.Sprintf("the array is on gpu %d", a.device.info.Ordinal)
		}
		if takes == pointer {
			return a.address, ""
		}
	case uint32:
		if takes == bits32 {
			return uint64(a), ""
		}
	case uint64:
		if takes == bits64 {
			return a, ""
		}
	case int:
		if a >= 0 && (takes == bits64 || takes == bits32 && uint64(a) <= math.MaxUint32) {
			return uint64(a), ""
		}
		return 0, fmt.Sprintf("the int %d is given, the kernel takes %s", a, kindText[takes])
	}
	return 0, fmt.Sprintf("%T is given, the kernel takes %s", arg, kindText[takes])
}
