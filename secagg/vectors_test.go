package secagg

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"testing"
)

var writeVectors = flag.Bool("write-vectors", false, "write testdata/vectors.json anew")

const vectorsPath = "testdata/vectors.json"

// vectors are a whole run of three sites and a recipient, for other implementations
// (testdata/README.md). Byte strings are in hexadecimal, words in decimal.
type vectors struct {
	T1        string         `json:"t1"`
	T2        string         `json:"t2"`
	T3        string         `json:"t3"`
	Recipient pairVector     `json:"recipient"`
	Sites     []siteVector   `json:"sites"`
	Pairs     []secretVector `json:"pairs"`
	Parts     []partVector   `json:"parts"`
}

type pairVector struct {
	Private string `json:"private"`
	Public  string `json:"public"`
}

type siteVector struct {
	Name   string     `json:"name"`
	Secret string     `json:"secret"`
	Keys   pairVector `json:"keys"`
}

type secretVector struct {
	Small   string `json:"small"`
	Large   string `json:"large"`
	Message string `json:"message"`
	Secret  string `json:"secret"`
	Mask    string `json:"mask"`
}

type partVector struct {
	Part    string         `json:"part"`
	Width   Width          `json:"width"`
	Chunk   uint64         `json:"chunk"`
	Uploads []uploadVector `json:"uploads"`
	Total   []uint64       `json:"total"`
}

type uploadVector struct {
	Site       string   `json:"site"`
	Vector     []uint64 `json:"vector"`
	Digest     string   `json:"digest"`
	Self       string   `json:"self"`
	Commitment string   `json:"commitment"`
	Sealed     string   `json:"sealed"`
	Masked     []uint64 `json:"masked"`
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// makeVectors runs the protocol.
func makeVectors(t *testing.T) *vectors {
	t1 := Begin([]byte("a charter"), []byte("an analysis")).Next("approve", [][32]byte{{1}, {2}, {3}})
	t2 := t1.Next("keys", [][32]byte{{4}, {5}, {6}})
	t3 := t2.Next("contribute", [][32]byte{{7}, {8}, {9}})
	sites := newSites(t, 3, t1)
	recipient, err := NewKeyPair()
	if err != nil {
		t.Fatal(err)
	}
	keys := func(k *KeyPair) pairVector {
		secret, err := k.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		return pairVector{hex.EncodeToString(secret), hex.EncodeToString(k.Public().Bytes())}
	}
	v := &vectors{T1: hex.EncodeToString(t1[:]), T2: hex.EncodeToString(t2[:]), T3: hex.EncodeToString(t3[:]), Recipient: keys(recipient)}
	for i, s := range sites {
		v.Sites = append(v.Sites, siteVector{s.name, hex.EncodeToString(s.secret[:]), keys(s.pair)})
		for _, large := range sites[i+1:] {
			message, secret, err := Pair{t1, s.name, large.name}.Offer(large.pair.Public())
			if err != nil {
				t.Fatal(err)
			}
			mask := secret.MaskKey(t2)
			s.shared[large.name], large.shared[s.name] = secret, secret
			v.Pairs = append(v.Pairs, secretVector{s.name, large.name, hex.EncodeToString(message), hex.EncodeToString(secret[:]), hex.EncodeToString(mask[:])})
		}
	}
	for _, p := range []partVector{{Part: "counts", Width: Words64, Chunk: 0}, {Part: "sums", Width: Words128, Chunk: 300}} {
		p.Total = make([]uint64, 6)
		for i, s := range sites {
			s.vector = nil
			for j := range p.Total {
				s.vector = append(s.vector, []uint64{uint64(100*i + j), ^uint64(0) - uint64(i), 1 << 63}[j%3])
			}
			m := s.masks(t2, t2, p.Part, p.Width)
			masked := slices.Clone(s.vector)
			m.Chunk(p.Chunk, masked)
			sealed, err := Opening{t3, p.Part, s.name, "recipient"}.Seal(recipient.Public(), s.self)
			if err != nil {
				t.Fatal(err)
			}
			commitment, digest := s.self.Commitment(), digestOf(s.vector)
			p.Width.Sum(p.Total, s.vector)
			p.Uploads = append(p.Uploads, uploadVector{s.name, s.vector, hex.EncodeToString(digest[:]), hex.EncodeToString(s.self[:]), hex.EncodeToString(commitment[:]), hex.EncodeToString(sealed), masked})
		}
		v.Parts = append(v.Parts, p)
	}
	return v
}

// TestVectors: the recorded run comes out as it did.
func TestVectors(t *testing.T) {
	if *writeVectors {
		text, err := json.MarshalIndent(makeVectors(t), "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(vectorsPath, append(text, '\n'), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(vectorsPath)
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	t1, t2, t3 := Transcript(unhex(t, v.T1)), Transcript(unhex(t, v.T2)), Transcript(unhex(t, v.T3))
	if got := Begin([]byte("a charter"), []byte("an analysis")).Next("approve", [][32]byte{{1}, {2}, {3}}); got != t1 || got.Next("keys", [][32]byte{{4}, {5}, {6}}) != t2 || t2.Next("contribute", [][32]byte{{7}, {8}, {9}}) != t3 {
		t.Error("the transcripts")
	}
	sites := map[string]*site{}
	pair := func(p pairVector) *KeyPair {
		t.Helper()
		k, err := ParseKeyPair(unhex(t, p.Private))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(k.Public().Bytes(), unhex(t, p.Public)) {
			t.Error("a public key is not the private one's")
		}
		return k
	}
	for _, s := range v.Sites {
		sites[s.Name] = &site{name: s.Name, secret: Key(unhex(t, s.Secret)), pair: pair(s.Keys), shared: map[string]Key{}}
	}
	recipient := pair(v.Recipient)
	for _, p := range v.Pairs {
		secret, err := Pair{t1, p.Small, p.Large}.Accept(sites[p.Large].pair, unhex(t, p.Message))
		mask := secret.MaskKey(t2)
		if err != nil || hex.EncodeToString(secret[:]) != p.Secret || hex.EncodeToString(mask[:]) != p.Mask {
			t.Errorf("the pair %s, %s: %v", p.Small, p.Large, err)
		}
		sites[p.Small].shared[p.Large], sites[p.Large].shared[p.Small] = secret, secret
	}
	for _, p := range v.Parts {
		open, sum := &Masks{T: t2, Part: p.Part, Width: p.Width}, make([]uint64, len(p.Total))
		for _, u := range p.Uploads {
			s := sites[u.Site]
			s.vector = slices.Clone(u.Vector)
			m := s.masks(t2, t2, p.Part, p.Width)
			m.Chunk(p.Chunk, s.vector)
			digest, commitment := digestOf(u.Vector), s.self.Commitment()
			if hex.EncodeToString(digest[:]) != u.Digest || hex.EncodeToString(s.self[:]) != u.Self || hex.EncodeToString(commitment[:]) != u.Commitment || !slices.Equal(s.vector, u.Masked) {
				t.Errorf("%s of %s", p.Part, u.Site)
			}
			self, err := Opening{t3, p.Part, u.Site, "recipient"}.Open(recipient, unhex(t, u.Sealed), commitment)
			if err != nil || self != s.self {
				t.Errorf("the opening of %s: %v", u.Site, err)
			}
			p.Width.Sum(sum, u.Masked)
			open.Subtract = append(open.Subtract, self)
		}
		open.Chunk(p.Chunk, sum)
		if !slices.Equal(sum, p.Total) {
			t.Errorf("the total of %s is %v, want %v", p.Part, sum, p.Total)
		}
	}
}
