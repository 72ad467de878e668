package secagg

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
)

// A Key is 32 bytes that nobody else can guess.
type Key [32]byte

// Format keeps keys out of messages, whatever they are printed with.
func (Key) Format(s fmt.State, _ rune) { io.WriteString(s, "(secret)") }

// NewKey draws a key.
func NewKey() (k Key) {
	rand.Read(k[:]) // does not fail
	return k
}

// derive gives a key for a purpose (HKDF-Expand with SHA-256, RFC 5869).
func (k Key) derive(purpose string, parts ...[]byte) (out Key) {
	derived, err := hkdf.Expand(sha256.New, k[:], string(label(purpose, parts...)), len(out))
	if err != nil {
		panic(err) // only for lengths of more than 255 hashes
	}
	return Key(derived)
}

// mac authenticates parts (HMAC with SHA-256).
func (k Key) mac(purpose string, parts ...[]byte) (out [sha256.Size]byte) {
	h := hmac.New(sha256.New, k[:])
	h.Write(label(purpose, parts...))
	h.Sum(out[:0])
	return out
}

// Pledge binds a site to inputs that it does not show.
func (k Key) Pledge(inputs []byte) [sha256.Size]byte { return k.mac("pledge", inputs) }

// Self is β, the key of a site's own mask of a part: from its secret, the transcript, and
// the digest of the vector. Another vector has another mask.
func (k Key) Self(t Transcript, part string, vector [sha256.Size]byte) Key {
	return k.mac("self", t[:], []byte(part), vector[:])
}

// Commitment binds a site to the key of its own mask, which it opens later.
func (k Key) Commitment() [sha256.Size]byte { return k.mac("commit") }

// Fits says whether an opened key is the one that was committed to.
func (k Key) Fits(commitment [sha256.Size]byte) bool {
	own := k.Commitment()
	return subtle.ConstantTimeCompare(own[:], commitment[:]) == 1
}

// The cipher suite of HPKE (RFC 9180) is MLKEM768-X25519, HKDF-SHA256 and AES-256-GCM: safe
// against whoever records today and has a quantum computer later.
var (
	kem  = hpke.MLKEM768X25519()
	kdf  = hpke.HKDFSHA256()
	aead = hpke.AES256GCM()
)

// A KeyPair is a site's or recipient's fresh pair of keys for one analysis.
type KeyPair struct{ private hpke.PrivateKey }

// NewKeyPair draws a pair.
func NewKeyPair() (*KeyPair, error) {
	private, err := kem.GenerateKey()
	return &KeyPair{private}, err
}

// ParseKeyPair reads what Bytes returned.
func ParseKeyPair(secret []byte) (*KeyPair, error) {
	private, err := kem.NewPrivateKey(secret)
	if err != nil {
		return nil, fmt.Errorf("not a private key: %w", err)
	}
	return &KeyPair{private}, nil
}

// Bytes is a copy of the secret half, from which the pair can be made again.
func (k *KeyPair) Bytes() ([]byte, error) {
	secret, err := k.private.Bytes()
	return bytes.Clone(secret), err // the caller may wipe it
}

// Public is the half to publish.
func (k *KeyPair) Public() PublicKey { return PublicKey{k.private.PublicKey()} }

// A PublicKey is the public half of a pair.
type PublicKey struct{ key hpke.PublicKey }

// ParsePublicKey reads a public key that another party sent.
func ParsePublicKey(text []byte) (PublicKey, error) {
	key, err := kem.NewPublicKey(text)
	if err != nil {
		return PublicKey{}, fmt.Errorf("not a public key: %w", err)
	}
	return PublicKey{key}, nil
}

// Bytes is the key as it is sent.
func (k PublicKey) Bytes() []byte { return k.key.Bytes() }

// ErrNotForUs reports a message that was not made with this key, for this purpose, between
// these parties, with this transcript; or was altered.
var ErrNotForUs = errors.New("a sealed message does not open: it was altered, or made for another key, analysis or party")
