package meta

import "fmt"

// PresencesPerWord is how many variants' numbers of sites a word has room for.
const PresencesPerWord = 8

const presenceBits = 8

// Presence writes which variants a site has, eight of the list in a word, without the list:
// words number from and those that follow. Sums of sites' words are how many sites have
// each. It is all that is known of variants that few sites have: beside a number of
// samples, a number of sites would tell whose they are.
func (h *Harmonised) Presence(words []uint64, from int) {
	for k := range words {
		words[k] = 0
		first := (from + k) * PresencesPerWord
		for j := first; j < min(first+PresencesPerWord, len(h.Estimates)); j++ {
			if h.Estimates[j].rare() == "" {
				words[k] |= 1 << (presenceBits * (j - first))
			}
		}
	}
}

// UnpackPresences takes the sum of sites' words apart. It refuses a number of sites beyond
// most.
func UnpackPresences(word uint64, most int) (sites [PresencesPerWord]int, err error) {
	for j := range sites {
		if sites[j] = int(word >> (presenceBits * j) & (1<<presenceBits - 1)); sites[j] > most {
			return sites, fmt.Errorf("%d of %d sites have a variant: %w", sites[j], most, ErrImpossible)
		}
	}
	return sites, nil
}
