//go:build !amd64 || noasm

package cpu

func withinVector([]int32, int32) (n int, outside bool) { return 0, false }

func mulAddSignedVector([]uint32, []int32, []int32, uint32, uint32, uint32, uint32) int { return 0 }

func mulSubTilesVector([]uint32, int, int, []uint32, []uint32, []uint32, []uint32, uint32) bool {
	return false
}
