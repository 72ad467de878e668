package genomics

import "strings"

// A Sex is that of a sample, by the code that PLINK's files have for it.
type Sex byte

const (
	UnknownSex Sex = iota
	Male
	Female
)

// String is the noun.
func (s Sex) String() string { return [...]string{"sample of unknown sex", "male", "female"}[s] }

// ParseSex reads a sex as the files of PLINK spell it, with other words and codes that
// tables have.
func ParseSex(text string) (s Sex, ok bool) {
	switch strings.ToLower(text) {
	case "1", "m", "male":
		return Male, true
	case "2", "f", "female":
		return Female, true
	case "0", "na", "nan", "-9", "u", "unknown":
		return UnknownSex, true
	}
	return UnknownSex, false
}
