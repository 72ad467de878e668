package format

// NewCohort is a cohort with a manifest that nobody has validated.
func NewCohort(dir string, manifest Manifest, files ...BlockFile) *Cohort {
	c := &Cohort{Manifest: manifest, dir: dir, files: map[[2]int]BlockFile{}}
	for _, f := range files {
		c.files[[2]int{f.Block, f.From}] = f
	}
	return c
}

// Validate validates it.
func Validate(c *Cohort) error { return c.validate() }

// FirstFile is the file of the first samples of the first block.
func FirstFile(c *Cohort) BlockFile { return c.files[[2]int{}] }

// SetFirstFile puts another in its place.
func SetFirstFile(c *Cohort, f BlockFile) { c.files[[2]int{}] = f }

// What tests outside the package use of it.
const ManifestMissing = manifestMissing

type EvalMeta = evalMeta

var AllPlanes = allPlanes
var CountColumns = countColumns
var LanesOf = lanesOf
