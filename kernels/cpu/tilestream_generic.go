//go:build !amd64 || noasm

package cpu

type tileVectors struct{}

func (*tileVectors) start(*TileStream) {}

func (*TileStream) nextVector(dst, ahead []uint32) int { return 0 }
