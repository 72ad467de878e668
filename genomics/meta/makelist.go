package meta

import (
	"errors"
	"fmt"
	"io"
	"math"
)

// Reasons for which MakeList leaves variants out, beside those that readers of VCF have.
const (
	secondRecord = "second record with its alleles at its place"
	longRecord   = "a chromosome's name, ID or allele of more than 1000 characters"
	oddAF        = "a frequency outside 0 to 1"
)

// Reasons for which a variant of the list has no place on the other build.
const (
	notOnOther = "no record with its chromosome, ID and alleles"
	twiceThere = "several records with its chromosome, ID and alleles"
	taken      = "the record is that of a variant before"
)

// A Frequency says where the allele frequency in an ancestry stands: under Key in INFO.
type Frequency struct{ Ancestry, Key string }

// A VCF is an input of MakeList: records of sites, whose genotypes, if any, are ignored.
// Name stands for it in errors.
type VCF struct {
	Name string
	Data io.Reader
}

// Made says what MakeList made.
type Made struct {
	Variants  int
	Skipped   map[string]int // records that are left out, by reason
	Elsewhere int            // variants with a place on the other build
	Nowhere   map[string]int // variants without, by reason
}

// MakeList writes a list of the variants of a VCF on one build, with their frequencies.
// Other has the same variants on the other build, and may be nil: then the list has no
// positions there. A variant is found in it by its chromosome, ID and alleles, of which
// single bases may be swapped and on the other strand.
//
// The VCFs are sorted; several may follow one another with their headers. Records with
// several ALT alleles are left out, so they are to be split before (bcftools norm -m -), and
// insertions and deletions left-aligned. A variant without an ID gets one of its place and
// alleles. FILTER is not looked at.
//
// The IDs of the other build are kept in memory: 60 to 80 bytes a record, 1 GB for 12
// million.
func MakeList(w io.Writer, sites VCF, build Build, other *VCF, frequencies []Frequency) (*Made, error) {
	if build != GRCh37 && build != GRCh38 {
		return nil, fmt.Errorf("build %d; a list has positions on %v and %v", int(build), GRCh37, GRCh38)
	}
	var ancestries, keys []string
	for _, f := range frequencies {
		ancestries, keys = append(ancestries, f.Ancestry), append(keys, f.Key)
	}
	if len(keys) == 0 {
		return nil, errors.New("no ancestry; a list has the frequencies of one at least")
	}
	var elsewhere places
	if other != nil {
		var err error
		if elsewhere, err = readPlaces(other); err != nil {
			return nil, err
		}
	}
	list, err := NewListWriter(w, ancestries)
	if err != nil {
		return nil, err
	}
	made := &Made{Skipped: map[string]int{}, Nowhere: map[string]int{}}
	r := newSiteReader(sites, keys, made.Skipped)
	known := make([]bool, len(keys))
	var v Variant
	af := make([]float64, len(keys))
	for {
		err := r.next(&v, af)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		here, there := &v.Pos37, &v.Pos38
		if build == GRCh38 {
			here, there = there, here
		}
		*here, *there = r.pos, 0
		if other != nil {
			var reason string
			if *there, reason = elsewhere.take(&v); reason != "" {
				made.Nowhere[reason]++
			} else {
				made.Elsewhere++
			}
		}
		for i, f := range af {
			known[i] = known[i] || !math.IsNaN(f)
		}
		if err := list.Write(v, af); err != nil {
			return nil, err
		}
		made.Variants++
	}
	if made.Variants == 0 {
		return nil, fmt.Errorf("%s: no variant for a list", sites.Name)
	}
	for i, ok := range known {
		if !ok {
			return nil, fmt.Errorf("%s: no record has a frequency %s in INFO, for %s", sites.Name, keys[i], ancestries[i])
		}
	}
	return made, list.Flush()
}
