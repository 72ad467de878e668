// Package phrase writes 128 bits as eight words that people can say on the telephone.
package phrase

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"
)

// Words of five letters, consonants and vowels by turns, stand for 16 bits each (D. S.
// Wilkerson, A Proposal for Proquints, 2009).
const (
	consonants = "bdfghjklmnprstvz"
	vowels     = "aiou"
)

// Of is the phrase of documents, of 128 bits: nobody finds others with the same one.
func Of(documents ...[]byte) string {
	h := sha256.New()
	h.Write([]byte("genoveil study phrase v1\x00"))
	for _, d := range documents {
		binary.Write(h, binary.BigEndian, uint64(len(d)))
		h.Write(d)
	}
	digest := h.Sum(nil)
	var words []string
	for i := range 8 {
		words = append(words, word(binary.BigEndian.Uint16(digest[2*i:])))
	}
	return strings.Join(words, " ")
}

func word(x uint16) string {
	return string([]byte{consonants[x>>12], vowels[x>>10&3], consonants[x>>6&15], vowels[x>>4&3], consonants[x&15]})
}

// Same compares what a person typed with a phrase: capitals, hyphens and spaces do not count.
func Same(typed, phrase string) bool { return plain(typed) == plain(phrase) }

func plain(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r < 'a' || r > 'z' }), " ")
}
