package private

import (
	"fmt"

	"genoveil/genomics"
)

// Sexes are in files as one digit a sample: 1 for males, 2 for females, 0 for unknown.
type Sexes []genomics.Sex

// MarshalText writes the digits.
func (s Sexes) MarshalText() ([]byte, error) {
	text := make([]byte, len(s))
	for i, sex := range s {
		text[i] = '0' + byte(sex)
	}
	return text, nil
}

// UnmarshalText reads the digits.
func (s *Sexes) UnmarshalText(text []byte) error {
	*s = make(Sexes, len(text))
	for i, digit := range text {
		if (*s)[i] = genomics.Sex(digit - '0'); (*s)[i] > genomics.Female {
			return fmt.Errorf("%q is no sex", digit)
		}
	}
	return nil
}
