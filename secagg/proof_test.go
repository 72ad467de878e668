package secagg

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/cryptotest"
)

// A view is what leaves the sites in the rounds after the keys: all that the folder shows.
type view struct {
	uploads     [][]uint64
	commitments [][32]byte
	openings    [][]byte // sealed to the recipient
	total       []uint64
}

// A run is the part of the protocol in which inputs are used: pairwise secrets and keys of
// self masks are random, as they are after the first hybrids of the proof.
type run struct {
	width     Width
	vectors   [][]uint64
	pairs     map[[2]int]Key
	selves    []Key
	recipient *KeyPair
}

func randomRun(t *testing.T, r *rand.Rand, width Width, sites, elements int) *run {
	t.Helper()
	recipient, err := NewKeyPair()
	if err != nil {
		t.Fatal(err)
	}
	p := &run{width: width, pairs: map[[2]int]Key{}, selves: keysOf(r, sites), recipient: recipient}
	for i := range sites {
		vector := make([]uint64, elements)
		for j := range vector {
			vector[j] = r.Uint64()
		}
		p.vectors = append(p.vectors, vector)
		for j := i + 1; j < sites; j++ {
			p.pairs[[2]int{i, j}] = keysOf(r, 1)[0]
		}
	}
	return p
}

var proofT = Begin([]byte("charter"), []byte("analysis"))

// stream is M(k) as a vector.
func (p *run) stream(k Key, elements int) []uint64 {
	words := make([]uint64, elements)
	(&Masks{T: proofT, Part: "sums", Width: p.width, Add: []Key{k}}).Vector(words)
	return words
}

// less is a − b.
func (p *run) less(a, b []uint64) []uint64 {
	a = slices.Clone(a)
	for i := 0; i < len(a); i += int(p.width) {
		if p.width == Words64 {
			subtractFrom64(a[i:i+1], le(b[i]))
		} else {
			subtractFrom128(a[i:i+2], le(b[i], b[i+1]))
		}
	}
	return a
}

// le has words as the bytes of a stream.
func le(words ...uint64) (b []byte) {
	for _, w := range words {
		for range 8 {
			b, w = append(b, byte(w)), w>>8
		}
	}
	return b
}

func (p *run) masks(i int) *Masks {
	m := &Masks{T: proofT, Part: "sums", Width: p.width, Add: []Key{p.selves[i]}}
	for pair, k := range p.pairs {
		switch i {
		case pair[0]:
			m.Add = append(m.Add, k)
		case pair[1]:
			m.Subtract = append(m.Subtract, k)
		}
	}
	return m
}

// play runs it, with the random numbers of a seed.
func (p *run) play(t *testing.T, seed uint64) *view {
	t.Helper()
	cryptotest.SetGlobalRandom(t, seed)
	v := &view{total: make([]uint64, len(p.vectors[0]))}
	open := &Masks{T: proofT, Part: "sums", Width: p.width}
	for i, vector := range p.vectors {
		upload := slices.Clone(vector)
		p.masks(i).Vector(upload)
		p.width.Sum(v.total, upload)
		o := Opening{proofT, "sums", fmt.Sprint(i), "recipient"}
		sealed, err := o.Seal(p.recipient.Public(), p.selves[i])
		if err != nil {
			t.Fatal(err)
		}
		v.uploads, v.openings = append(v.uploads, upload), append(v.openings, sealed)
		v.commitments = append(v.commitments, p.selves[i].Commitment())
		self, err := o.Open(p.recipient, sealed, v.commitments[i])
		if err != nil {
			t.Fatal(err)
		}
		open.Subtract = append(open.Subtract, self)
	}
	open.Vector(v.total)
	return v
}

func (v *view) equal(w *view) bool {
	return slices.EqualFunc(v.uploads, w.uploads, slices.Equal) && slices.Equal(v.commitments, w.commitments) &&
		slices.EqualFunc(v.openings, w.openings, bytes.Equal) && slices.Equal(v.total, w.total)
}

// TestEqualTotalsEqualViews is the last step of theorem 1 (docs/secure-sums.md): for inputs
// (x₁, x₂) and (x₁ + d, x₂ − d) there is one stream of the pair, the first less d, with
// which every byte that leaves is equal. Here d is the difference of two streams, so that
// all of it is made by the code that sites run.
func TestEqualTotalsEqualViews(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, width := range []Width{Words64, Words128} {
		const sites, elements = 4, 2*ChunkLen + 6
		p := randomRun(t, r, width, sites, elements)
		first := p.play(t, 1)
		for pair, k := range p.pairs {
			q := *p
			q.vectors, q.pairs = slices.Clone(p.vectors), map[[2]int]Key{}
			for at, k := range p.pairs {
				q.pairs[at] = k
			}
			shifted := keysOf(r, 1)[0]
			d := p.less(p.stream(k, elements), p.stream(shifted, elements))
			minus := p.less(make([]uint64, elements), d)
			q.vectors[pair[0]] = p.less(p.vectors[pair[0]], minus)
			q.vectors[pair[1]] = p.less(p.vectors[pair[1]], d)
			if equalAt(q.vectors[pair[0]], p.vectors[pair[0]]) > 1 || equalAt(q.vectors[pair[1]], p.vectors[pair[1]]) > 1 {
				t.Fatal("the inputs are no others")
			}
			if q.play(t, 1).equal(first) {
				t.Fatalf("pair %v: other inputs under the same streams have the same view, so nothing is compared", pair)
			}
			q.pairs[pair] = shifted
			if !q.play(t, 1).equal(first) {
				t.Errorf("pair %v, width %d: the views differ", pair, width)
			}
		}
	}
}

// TestConsent is the last step of theorem 2: while one site has not opened, all inputs, with
// whatever total, have streams that give the same uploads, and the same openings of all
// other sites.
func TestConsent(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, width := range []Width{Words64, Words128} {
		const sites, elements = 4, 1000
		p := randomRun(t, r, width, sites, elements)
		first := p.play(t, 1)
		for silent := range sites {
			q := *p
			q.vectors, q.selves, q.pairs = slices.Clone(p.vectors), slices.Clone(p.selves), map[[2]int]Key{}
			for at, k := range p.pairs {
				q.pairs[at] = k
				if at[0] == silent || at[1] == silent {
					q.pairs[at] = keysOf(r, 1)[0]
				}
			}
			q.selves[silent] = keysOf(r, 1)[0]
			for i := range sites {
				// x = u less the masks.
				m := q.masks(i)
				m.Add, m.Subtract = m.Subtract, m.Add
				q.vectors[i] = slices.Clone(first.uploads[i])
				m.Vector(q.vectors[i])
				if equalAt(q.vectors[i], p.vectors[i]) > 1 {
					t.Fatal("an input is no other")
				}
			}
			second := q.play(t, 1)
			if equalAt(first.total, second.total) > 1 {
				t.Error("the totals are no others")
			}
			for i := range sites {
				if !slices.Equal(first.uploads[i], second.uploads[i]) || i != silent && (first.commitments[i] != second.commitments[i] || !bytes.Equal(first.openings[i], second.openings[i])) {
					t.Errorf("width %d: site %d without the opening of %d shows its input", width, i, silent)
				}
			}
		}
	}
}

// TestNothingLess: with all self masks opened, the sum over no set of sites but all shows
// the total of the set. Every smaller one has a stream with somebody outside.
func TestNothingLess(t *testing.T) {
	const sites, elements = 5, 400
	p := randomRun(t, rand.New(rand.NewPCG(9, 10)), Words64, sites, elements)
	v := p.play(t, 1)
	for set := 1; set < 1<<sites; set++ {
		sum, want := make([]uint64, elements), make([]uint64, elements)
		open := &Masks{T: proofT, Part: "sums", Width: Words64}
		for i := range sites {
			if set>>i&1 == 1 {
				Words64.Sum(sum, v.uploads[i])
				Words64.Sum(want, p.vectors[i])
				open.Subtract = append(open.Subtract, p.selves[i])
			}
		}
		open.Vector(sum)
		if all := set == 1<<sites-1; slices.Equal(sum, want) != all || !all && equalAt(sum, want) > 0 {
			t.Errorf("sites %05b: %d words of their total are seen", set, equalAt(sum, want))
		}
	}
}

// TestFreshSecrets: nothing that is drawn is drawn twice, and what two sites agree on is new
// each time, under the same keys, names and transcript.
func TestFreshSecrets(t *testing.T) {
	seen := map[string]bool{}
	fresh := func(what string, b []byte) {
		t.Helper()
		if seen[string(b)] {
			t.Errorf("%s was there before", what)
		}
		seen[string(b)] = true
	}
	large, err := NewKeyPair()
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		k := NewKey()
		fresh("a key", k[:])
		pair, err := NewKeyPair()
		if err != nil {
			t.Fatal(err)
		}
		fresh("a public key", pair.Public().Bytes())
		message, secret, err := Pair{proofT, "a", "b"}.Offer(large.Public())
		if err != nil {
			t.Fatal(err)
		}
		fresh("a message", message)
		fresh("a secret", secret[:])
		sealed, err := Opening{proofT, "p", "a", "r"}.Seal(large.Public(), Key{1})
		if err != nil {
			t.Fatal(err)
		}
		fresh("a sealed key", sealed)
	}
}

// TestPurposesDiffer: no key serves two purposes with one value, and no purpose has one
// value for two labels.
func TestPurposesDiffer(t *testing.T) {
	k, seen := Key{1}, map[[32]byte]string{}
	digest := [32]byte(proofT)
	for name, value := range map[string][32]byte{
		"pledge": k.Pledge(nil), "pledge of a transcript": k.Pledge(proofT[:]), "commitment": k.Commitment(),
		"self": k.Self(proofT, "", digest), "self of a part": k.Self(proofT, "p", digest), "mask": k.MaskKey(proofT),
		"mask of another": k.MaskKey(Transcript{}), "stream": k.derive("stream", proofT[:], []byte("p"), number(1), number(0)),
		"wide stream": k.derive("stream", proofT[:], []byte("p"), number(2), number(0)),
		"analysis":    Begin(proofT[:]), "two documents": Begin(proofT[:], nil), "round": proofT.Next("", nil), "message": Begin(proofT[:]).Next("", nil),
		"a document that is a label": Begin(label("transcript", proofT[:], nil)),
	} {
		if other, ok := seen[value]; ok {
			t.Errorf("%s and %s have the same value", name, other)
		}
		seen[value] = name
	}
}
