package format

// A BlockPlane is a block and plane.
type BlockPlane struct {
	Block int
	Plane Plane
}
