package format

import (
	"fmt"
	"slices"

	"genoveil/genomics/glm"
	"genoveil/genomics/test"
	"genoveil/he"
)

// An Encoding says what the genotypes of a cohort are and which planes they are
// encrypted as.
type Encoding string

const (
	// HardCalls are genotypes 0, 1, 2 ALT alleles or missing.
	HardCalls Encoding = "hard calls"

	// Dosages are imputed ALT dosages in thousandths, 0 … 2000, or missing.
	Dosages Encoding = "dosages"
)

// A Plane is one integer function of a genotype that is encrypted for itself. A
// missing genotype is 0 in all planes but Missing.
type Plane string

const (
	// Dosage is the ALT dosage less one: −1, 0, 1, or −1000 … 1000 in thousandths.
	// Centring halves the largest value and removes the common mean.
	Dosage Plane = "dosage"

	// HomAlt is 1 for a homozygous ALT call; g² = g + 2·HomAlt. Hard calls only.
	HomAlt Plane = "hom-alt"

	// Squared is the square of Dosage, 0 … 1,000,000. Dosages only.
	Squared Plane = "squared"

	// Missing is 1 for a missing genotype. Blocks without one have no such plane.
	Missing Plane = "missing"
)

// allPlanes are those of all encodings.
var allPlanes = []Plane{Dosage, HomAlt, Squared, Missing}

// columnBound is B: columns are integers up to it in absolute value. Quantised residuals
// use it all.
const columnBound = glm.MaxValue

// The digits of the check are columns, too: this does not compile where they are larger.
const _ = uint(columnBound - he.MaxDigit)

// Planes lists the planes of the encoding in the order of files. Missing is last.
func (e Encoding) Planes() []Plane {
	if e == Dosages {
		return []Plane{Dosage, Squared, Missing}
	}
	return []Plane{Dosage, HomAlt, Missing}
}

// PlanesFor lists the planes that a column is evaluated against.
func (e Encoding) PlanesFor(c test.Column) []Plane {
	planes := []Plane{Missing}
	if c.Dosage {
		planes = append(planes, Dosage)
	}
	if c.Square {
		planes = append(planes, e.Planes()[1])
	}
	return planes
}

// Steps is the number of steps that a dosage of one has.
func (e Encoding) Steps() int {
	if e == Dosages {
		return 1000
	}
	return 1
}

// planeBound is V: the largest absolute value in any plane.
func (e Encoding) planeBound() int64 { return int64(e.Steps()) * int64(e.Steps()) }

func (e Encoding) Validate() error {
	if !slices.Contains([]Encoding{HardCalls, Dosages}, e) {
		return fmt.Errorf("genotypes are %q, which this program does not know", e)
	}
	return nil
}

// Plan is the parameter set for a cohort of n samples.
func Plan(n int, e Encoding) (he.SumParams, error) { return he.Plan(n, e.planeBound(), columnBound) }
