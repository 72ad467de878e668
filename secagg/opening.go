package secagg

import "crypto/hpke"

// An Opening is the key of a site's own mask of a part on its way to a recipient.
type Opening struct {
	T        Transcript
	Part     string
	From, To string
}

func (o Opening) info() []byte {
	return label("open", o.T[:], []byte(o.Part), []byte(o.From), []byte(o.To))
}

// Seal encrypts the key to the recipient.
func (o Opening) Seal(to PublicKey, self Key) ([]byte, error) {
	return hpke.Seal(to.key, kdf, aead, o.info(), self[:])
}

// Open decrypts the key, which must fit the site's commitment.
func (o Opening) Open(own *KeyPair, sealed []byte, commitment [32]byte) (self Key, err error) {
	text, err := hpke.Open(own.private, kdf, aead, o.info(), sealed)
	if err != nil || len(text) != len(self) {
		return self, ErrNotForUs
	}
	self = Key(text)
	if !self.Fits(commitment) {
		return Key{}, ErrCommitment
	}
	return self, nil
}
