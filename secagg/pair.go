package secagg

import (
	"crypto/hpke"
	"fmt"
)

// A Pair is two contributors who agree on a secret, under the transcript that has both
// their public keys. The smaller name offers; names are compared as bytes.
type Pair struct {
	T            Transcript
	Small, Large string
}

func (p Pair) check() error {
	if p.Small >= p.Large {
		return fmt.Errorf("a pair of %q and %q, which are not two names in order", p.Small, p.Large)
	}
	return nil
}

func (p Pair) info() []byte { return label("pair", p.T[:], []byte(p.Small), []byte(p.Large)) }

// tagSize is what AES-GCM adds to an empty text.
const tagSize = 16

// Offer makes the secret, and the message with which the larger name makes it, too: the
// encapsulation and a sealed empty text. The latter confirms the key, for ML-KEM answers an
// altered encapsulation with another key and not with an error (FIPS 203, section 6.3).
func (p Pair) Offer(large PublicKey) (message []byte, secret Key, err error) {
	if err := p.check(); err != nil {
		return nil, secret, err
	}
	message, sender, err := hpke.NewSender(large.key, kdf, aead, p.info())
	if err != nil {
		return nil, secret, err
	}
	confirmation, err := sender.Seal(nil, nil)
	if err != nil {
		return nil, secret, err
	}
	exported, err := sender.Export("secret", len(secret))
	if err != nil {
		return nil, secret, err
	}
	return append(message, confirmation...), Key(exported), nil
}

// Accept makes the secret from the smaller name's message.
func (p Pair) Accept(own *KeyPair, message []byte) (secret Key, err error) {
	if err := p.check(); err != nil {
		return secret, err
	}
	at := len(message) - tagSize
	if at < 0 {
		return secret, ErrNotForUs
	}
	recipient, err := hpke.NewRecipient(message[:at], own.private, kdf, aead, p.info())
	if err != nil {
		return secret, ErrNotForUs
	}
	if text, err := recipient.Open(nil, message[at:]); err != nil || len(text) != 0 {
		return secret, ErrNotForUs
	}
	exported, err := recipient.Export("secret", len(secret))
	if err != nil {
		return secret, err
	}
	return Key(exported), nil
}

// MaskKey is the key of a pair's masks, once the transcript has all pairs' messages.
func (k Key) MaskKey(t Transcript) Key { return k.derive("mask", t[:]) }
