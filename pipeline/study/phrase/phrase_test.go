package phrase

import (
	"strings"
	"testing"
)

// TestWords compares with the published proquints of addresses (127.0.0.1 is lusab-babad).
func TestWords(t *testing.T) {
	for x, want := range map[uint16]string{0x7f00: "lusab", 0x0001: "babad", 0x3f54: "gutih", 0xdcc1: "tugad", 0xffff: "zuzuz"} {
		if got := word(x); got != want {
			t.Errorf("%04x is %s, want %s", x, got, want)
		}
	}
}

func TestPhrase(t *testing.T) {
	a := Of([]byte("ab"), []byte("c"))
	if len(strings.Fields(a)) != 8 {
		t.Errorf("%q has not 128 bits", a)
	}
	for _, other := range []string{Of([]byte("a"), []byte("bc")), Of([]byte("abc")), Of([]byte("ab"), []byte("c"), nil)} {
		if Same(other, a) {
			t.Errorf("two lists of documents have the phrase %q", a)
		}
	}
	if !Same("  "+strings.ToUpper(strings.ReplaceAll(a, " ", "-"))+"\n", a) {
		t.Error("capitals and hyphens count")
	}
	if Same(strings.Join(strings.Fields(a)[:7], " "), a) || Same("", a) {
		t.Error("part of a phrase passes")
	}
}
