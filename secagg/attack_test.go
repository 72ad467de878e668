package secagg

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Lengths of MLKEM768-X25519: what ML-KEM has comes first.
const (
	kemKeyLen        = 1184
	kemCiphertextLen = 1088
)

// smallPoints are points of X25519 with which every secret is zero, as RFC 7748 warns, and
// the first of them with the bit that is not part of a point.
func smallPoints(t *testing.T) (points [][]byte) {
	for _, text := range []string{
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0000000000000000000000000000000000000000000000000000000000000080",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		points = append(points, unhex(t, text))
	}
	return points
}

// TestAlteredPoints: other encodings of a point, and points that make every secret zero, are
// refused in messages, and as keys by whoever would use them.
func TestAlteredPoints(t *testing.T) {
	own, err := NewKeyPair()
	if err != nil {
		t.Fatal(err)
	}
	p := Pair{Transcript{1}, "a", "b"}
	message, secret, err := p.Offer(own.Public())
	if err != nil {
		t.Fatal(err)
	}
	bad := bytes.Clone(message)
	bad[kemCiphertextLen+31] ^= 0x80 // the same point to X25519
	if _, err := p.Accept(own, bad); !errors.Is(err, ErrNotForUs) {
		t.Errorf("another encoding of the point: %v", err)
	}
	for _, point := range smallPoints(t) {
		bad := bytes.Clone(message)
		copy(bad[kemCiphertextLen:], point)
		if _, err := p.Accept(own, bad); !errors.Is(err, ErrNotForUs) {
			t.Errorf("%x in a message: %v", point, err)
		}
		text := own.Public().Bytes()
		copy(text[kemKeyLen:], point)
		key, err := ParsePublicKey(text)
		if err != nil {
			continue
		}
		if _, _, err := p.Offer(key); err == nil {
			t.Errorf("an offer to %x", point)
		}
		if _, err := (Opening{To: "r"}).Seal(key, secret); err == nil {
			t.Errorf("a key sealed to %x", point)
		}
	}
	// A coefficient of 4095, above the modulus of ML-KEM.
	text := own.Public().Bytes()
	text[0], text[1] = 0xff, text[1]|0x0f
	if _, err := ParsePublicKey(text); err == nil {
		t.Error("a key with a number beyond the modulus")
	}
	// Whoever publishes another's key, as it is or with the bit that X25519 leaves out, can
	// neither read what is sent to it nor have it read.
	text = own.Public().Bytes()
	for _, flip := range []byte{0, 0x80} {
		text[len(text)-1] ^= flip
		copied, err := ParsePublicKey(text)
		if err != nil {
			t.Fatal(err)
		}
		message, _, err := Pair{Transcript{1}, "a", "c"}.Offer(copied)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Accept(own, message); !errors.Is(err, ErrNotForUs) {
			t.Errorf("a message to the owner of a copied key: %v", err)
		}
	}
}

// TestReplayedMessages: a message of one kind is none of another, and a commitment that is
// copied cannot be opened by who copied it.
func TestReplayedMessages(t *testing.T) {
	own, err := NewKeyPair()
	if err != nil {
		t.Fatal(err)
	}
	p, self := Pair{Transcript{1}, "a", "b"}, Key{7}
	message, secret, err := p.Offer(own.Public())
	if err != nil {
		t.Fatal(err)
	}
	o := Opening{Transcript{1}, "p", "a", "b"}
	sealed, err := o.Seal(own.Public(), self)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Open(own, message, secret.Commitment()); !errors.Is(err, ErrNotForUs) {
		t.Errorf("a message of a pair opens: %v", err)
	}
	if _, err := p.Accept(own, sealed); !errors.Is(err, ErrNotForUs) {
		t.Errorf("an opening is a pair's: %v", err)
	}
	if _, err := (Opening{Transcript{1}, "p", "c", "b"}).Open(own, sealed, self.Commitment()); !errors.Is(err, ErrNotForUs) {
		t.Errorf("another site's opening under a copied commitment: %v", err)
	}
	if _, err := (Opening{Transcript{1}.Next("contribute", nil), "p", "a", "b"}).Open(own, sealed, self.Commitment()); !errors.Is(err, ErrNotForUs) {
		t.Errorf("an opening for other uploads: %v", err)
	}
	if text := errors.Join(ErrNotForUs, ErrCommitment).Error(); bytes.Contains([]byte(text), []byte(hex.EncodeToString(self[:4]))) {
		t.Error("an error shows a key")
	}
}

// TestMisuse: masks that would hide less than they should, and sums of vectors that do not
// belong together, stop the program.
func TestMisuse(t *testing.T) {
	a, b, words := Key{1}, Key{2}, func() []uint64 { return make([]uint64, 4) }
	long := make([]uint64, 8)
	for name, f := range map[string]func(){
		"a key that is added twice":         func() { (&Masks{Width: Words64, Add: []Key{a, b, a}}).Chunk(0, words()) },
		"a key that is subtracted twice":    func() { (&Masks{Width: Words64, Subtract: []Key{a, a}}).Chunk(0, words()) },
		"a key that is added and taken off": func() { (&Masks{Width: Words64, Add: []Key{a}, Subtract: []Key{a}}).Vector(words()) },
		"no width":                          func() { (&Masks{Add: []Key{a}}).Vector(words()) },
		"a width of 4":                      func() { (&Masks{Width: 4, Add: []Key{a}}).Chunk(0, words()) },
		"a half of a wide word":             func() { (&Masks{Width: Words128, Add: []Key{a}}).Vector(long[:3]) },
		"a longer vector":                   func() { Words64.Sum(words(), long) },
		"a shorter one in a longer buffer":  func() { Words64.Sum(words(), long[:2]) },
		"a sum with a half of a word":       func() { Words128.Sum(long[:3], long[:3]) },
		"a sum without a width":             func() { Width(0).Sum(words(), words()) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s passes", name)
				}
			}()
			f()
		}()
	}
}

// TestWiped: who wipes the secret bytes of a pair after use does not wipe the pair, whose
// bytes would then be zeros that everybody knows.
func TestWiped(t *testing.T) {
	k, err := NewKeyPair()
	if err != nil {
		t.Fatal(err)
	}
	secret, err := k.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	want := bytes.Clone(secret)
	clear(secret)
	if again, err := k.Bytes(); err != nil || !bytes.Equal(again, want) {
		t.Errorf("the bytes are %x, %v", again, err)
	}
}

// TestKeysAreNotPrinted: no verb shows a key, alone or in what holds it.
func TestKeysAreNotPrinted(t *testing.T) {
	k := Key{222, 173, 190, 239}
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%X", "%s", "%q", "%d"} {
		for _, value := range []any{k, &k, []Key{k}, &Masks{Add: []Key{k}}} {
			text := fmt.Sprintf(verb, value)
			if strings.Contains(text, "222") || strings.Contains(strings.ToLower(text), "dead") || strings.Contains(text, "0xde") {
				t.Errorf("%s of %T is %s", verb, value, text)
			}
		}
	}
}
