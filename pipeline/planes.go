package pipeline

import "genoveil/genomics"

// A Plane is one integer function of a genotype that is encrypted for itself.
type Plane string

const (
	// Dosage is the number of ALT alleles minus one: −1, 0, 1. A missing call is 0.
	// Centring halves the largest value and removes the common mean.
	Dosage Plane = "dosage"

	// HomAlt is 1 for a homozygous ALT call.
	HomAlt Plane = "hom-alt"

	// Missing is 1 for a missing call. Blocks without one have no such plane.
	Missing Plane = "missing"
)

// planeValues gives each plane's value for the genotype codes 0 … 3.
var planeValues = map[Plane][4]int32{
	Dosage:  {genomics.HomRef: -1, genomics.HomAlt: 1},
	HomAlt:  {genomics.HomAlt: 1},
	Missing: {genomics.Missing: 1},
}

// allPlanes lists the planes in the order of files.
var allPlanes = []Plane{Dosage, HomAlt, Missing}

const (
	// planeBound is V: the largest absolute value of any plane.
	planeBound = 1

	// columnBound is B: columns are integers up to it in absolute value. Check
	// columns need 4095; quantised residuals use it all.
	columnBound = 4096
)
