package format

// newCohort is a cohort with a manifest that nobody has validated.
func newCohort(dir string, manifest Manifest, files ...BlockFile) *Cohort {
	c := &Cohort{Manifest: manifest, dir: dir, files: map[[2]int]BlockFile{}}
	for _, f := range files {
		c.files[[2]int{f.Block, f.From}] = f
	}
	return c
}

// validate validates it.
func validate(c *Cohort) error { return c.validate() }

// firstFile is the file of the first samples of the first block.
func firstFile(c *Cohort) BlockFile { return c.files[[2]int{}] }

// setFirstFile puts another in its place.
func setFirstFile(c *Cohort, f BlockFile) { c.files[[2]int{}] = f }

// For tests of other packages' kind.
const ManifestMissing = manifestMissing

type EvalMeta = evalMeta

var AllPlanes = allPlanes
var CountColumns = countColumns
var FirstFile = firstFile
var LanesOf = lanesOf
var NewCohort = newCohort
var SetFirstFile = setFirstFile
var Validate = validate
