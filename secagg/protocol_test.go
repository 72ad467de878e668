package secagg

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// A site of a study that runs in memory.
type site struct {
	name   string
	secret Key
	pair   *KeyPair
	shared map[string]Key // pairwise secrets
	vector []uint64
	self   Key
}

// newSites agree on secrets under the first transcript.
func newSites(t testing.TB, n int, t1 Transcript) []*site {
	t.Helper()
	var sites []*site
	for i := range n {
		pair, err := NewKeyPair()
		if err != nil {
			t.Fatal(err)
		}
		sites = append(sites, &site{name: fmt.Sprintf("site%02d", i), secret: NewKey(), pair: pair, shared: map[string]Key{}})
	}
	for i, small := range sites {
		for _, large := range sites[i+1:] {
			p := Pair{t1, small.name, large.name}
			public, err := ParsePublicKey(large.pair.Public().Bytes())
			if err != nil {
				t.Fatal(err)
			}
			message, secret, err := p.Offer(public)
			if err != nil {
				t.Fatal(err)
			}
			same, err := p.Accept(large.pair, message)
			if err != nil || same != secret {
				t.Fatalf("%v: %v", p, err)
			}
			small.shared[large.name], large.shared[small.name] = secret, secret
		}
	}
	return sites
}

// masks are a site's for one part.
func (s *site) masks(t2, at Transcript, part string, width Width) *Masks {
	m := &Masks{T: at, Part: part, Width: width}
	s.self = s.secret.Self(at, part, digestOf(s.vector))
	m.Add = []Key{s.self}
	for name, secret := range s.shared {
		key := secret.MaskKey(t2)
		if s.name < name {
			m.Add = append(m.Add, key)
		} else {
			m.Subtract = append(m.Subtract, key)
		}
	}
	return m
}

// digestOf is that of the words as they stand in a file, lowest byte first.
func digestOf(vector []uint64) [32]byte {
	digest := sha256.New()
	binary.Write(digest, binary.LittleEndian, vector)
	return [32]byte(digest.Sum(nil))
}

// TestTotal: sites of any number get the sum of their vectors once all masks are opened, and
// something else before.
func TestTotal(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, width := range []Width{Words64, Words128} {
		for _, n := range []int{2, 3, 7} {
			t0 := Transcript{byte(n)}
			t1 := t0.Next("approve", [][32]byte{{1}, {2}})
			t2 := t1.Next("keys", nil)
			sites := newSites(t, n, t1)
			recipient, err := NewKeyPair()
			if err != nil {
				t.Fatal(err)
			}
			const words = 300
			want, sum := make([]uint64, words), make([]uint64, words)
			open := &Masks{T: t2, Part: "sums", Width: width}
			for _, s := range sites {
				for range words {
					s.vector = append(s.vector, r.Uint64())
				}
				width.Sum(want, s.vector)
				m := s.masks(t2, t2, "sums", width)
				upload := slices.Clone(s.vector)
				m.Vector(upload)
				width.Sum(sum, upload)
				if same := equalAt(upload, s.vector); same > 1 {
					t.Errorf("%d words of %s leave as they are", same, s.name)
				}
				o := Opening{t2, "sums", s.name, "recipient"}
				sealed, err := o.Seal(recipient.Public(), s.self)
				if err != nil {
					t.Fatal(err)
				}
				self, err := o.Open(recipient, sealed, s.self.Commitment())
				if err != nil || self != s.self {
					t.Fatal(err)
				}
				if equalAt(sum, want) > 1 {
					t.Error("a total before all have opened")
				}
				open.Subtract = append(open.Subtract, self)
			}
			open.Vector(sum)
			if !slices.Equal(sum, want) {
				t.Errorf("%d sites, width %d: not the total", n, width)
			}
		}
	}
}

func equalAt(a, b []uint64) (n int) {
	for i := range a {
		if a[i] == b[i] {
			n++
		}
	}
	return n
}

// TestDifferentTranscripts: sites that were shown different folders add up to noise.
func TestDifferentTranscripts(t *testing.T) {
	sites := newSites(t, 3, Transcript{})
	sum, want := make([]uint64, 500), make([]uint64, 500)
	open := &Masks{Width: Words64}
	for i, s := range sites {
		s.vector = make([]uint64, len(sum))
		for j := range s.vector {
			s.vector[j] = uint64(i + j)
		}
		at := Transcript{}
		if i == 1 {
			at[31] ^= 1
		}
		m := s.masks(Transcript{}, at, "", Words64)
		Words64.Sum(want, s.vector)
		m.Vector(s.vector)
		Words64.Sum(sum, s.vector)
		(&Masks{T: at, Width: Words64, Subtract: []Key{s.self}}).Vector(sum)
	}
	open.Vector(sum)
	if n := equalAt(sum, want); n > 0 {
		t.Errorf("%d words of the total are seen", n)
	}
}

// TestSelfMaskFollowsVector: one key serves one vector.
func TestSelfMaskFollowsVector(t *testing.T) {
	k := NewKey()
	a := k.Self(Transcript{}, "p", [32]byte{1})
	for name, b := range map[string]Key{
		"vector": k.Self(Transcript{}, "p", [32]byte{2}), "part": k.Self(Transcript{}, "q", [32]byte{1}),
		"transcript": k.Self(Transcript{1}, "p", [32]byte{1}), "secret": NewKey().Self(Transcript{}, "p", [32]byte{1}),
	} {
		if a == b {
			t.Errorf("another %s has the same mask", name)
		}
	}
}

// TestBadMessages: what was altered, cut or meant for others does not open, and says so
// without a word about the key.
func TestBadMessages(t *testing.T) {
	own, err := NewKeyPair()
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewKeyPair()
	if err != nil {
		t.Fatal(err)
	}
	p := Pair{Transcript{1}, "a", "b"}
	message, _, err := p.Offer(own.Public())
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, ErrNotForUs) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for i := range message {
		bad := bytes.Clone(message)
		bad[i] ^= 0x10
		_, err := p.Accept(own, bad)
		refused(fmt.Sprintf("byte %d altered", i), err)
	}
	for _, n := range []int{0, 1, 15, 16, 17, len(message) - 1} {
		_, err := p.Accept(own, message[:n])
		refused(fmt.Sprintf("%d bytes", n), err)
	}
	_, err = p.Accept(own, append(bytes.Clone(message), 0))
	refused("one byte more", err)
	_, err = p.Accept(other, message)
	refused("another key", err)
	for _, q := range []Pair{{Transcript{2}, "a", "b"}, {Transcript{1}, "a", "c"}, {Transcript{1}, "A", "b"}} {
		_, err = q.Accept(own, message)
		refused(fmt.Sprint(q), err)
	}
	for _, q := range []Pair{{Small: "b", Large: "a"}, {Small: "a", Large: "a"}} {
		if _, _, err := q.Offer(own.Public()); err == nil {
			t.Errorf("%v is a pair", q)
		}
		if _, err := q.Accept(own, message); err == nil {
			t.Errorf("%v is a pair", q)
		}
	}

	o, self := Opening{Transcript{1}, "p", "a", "r"}, NewKey()
	sealed, err := o.Seal(own.Public(), self)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []Opening{{Transcript{}, "p", "a", "r"}, {Transcript{1}, "q", "a", "r"}, {Transcript{1}, "p", "b", "r"}, {Transcript{1}, "p", "a", "s"}} {
		_, err := q.Open(own, sealed, self.Commitment())
		refused(fmt.Sprint(q), err)
	}
	_, err = o.Open(other, sealed, self.Commitment())
	refused("another key", err)
	_, err = o.Open(own, sealed[1:], self.Commitment())
	refused("cut", err)
	if _, err := o.Open(own, sealed, NewKey().Commitment()); !errors.Is(err, ErrCommitment) {
		t.Errorf("another commitment: %v", err)
	}
	for _, n := range []int{0, 31, 1215, 1217} {
		if _, err := ParsePublicKey(make([]byte, n)); err == nil {
			t.Errorf("%d bytes are a public key", n)
		}
		if _, err := ParseKeyPair(make([]byte, n)); err == nil {
			t.Errorf("%d bytes are a private key", n)
		}
	}
}

// TestLabels: no two lists of parts have the same label.
func TestLabels(t *testing.T) {
	seen := map[string]bool{}
	for _, parts := range [][]string{{}, {""}, {"", ""}, {"ab"}, {"a", "b"}, {"", "ab"}, {"ab", ""}, {"\x00"}} {
		var list [][]byte
		for _, p := range parts {
			list = append(list, []byte(p))
		}
		for _, purpose := range []string{"", "a", "ab"} {
			l := string(label(purpose, list...))
			if seen[l] {
				t.Errorf("%s %q has the label of others", purpose, parts)
			}
			seen[l] = true
		}
	}
	a := Transcript{}.Next("r", [][32]byte{{1}, {2}})
	if a == (Transcript{}).Next("r", [][32]byte{{2}, {1}}) || a == (Transcript{}).Next("s", [][32]byte{{1}, {2}}) || a == (Transcript{1}).Next("r", [][32]byte{{1}, {2}}) {
		t.Error("a transcript of something else is the same")
	}
}

// FuzzMessages: whatever comes from another party is an error, or what it should be.
func FuzzMessages(f *testing.F) {
	own, err := NewKeyPair()
	if err != nil {
		f.Fatal(err)
	}
	p, o, self := Pair{Transcript{1}, "a", "b"}, Opening{Transcript{1}, "p", "a", "b"}, Key{7}
	message, secret, err := p.Offer(own.Public())
	if err != nil {
		f.Fatal(err)
	}
	sealed, err := o.Seal(own.Public(), self)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(message)
	f.Add(sealed)
	f.Add(own.Public().Bytes())
	f.Fuzz(func(t *testing.T, text []byte) {
		if got, err := p.Accept(own, text); err == nil && got != secret {
			t.Error("a forged message of a pair")
		}
		if got, err := o.Open(own, text, self.Commitment()); err == nil && got != self {
			t.Error("a forged opening")
		}
		if k, err := ParsePublicKey(text); err == nil && !bytes.Equal(k.Bytes(), text) {
			t.Error("a public key is read as another")
		}
	})
}
