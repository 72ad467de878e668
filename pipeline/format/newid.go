package format

import (
	"crypto/rand"
	"encoding/hex"
)

// NewID is a random name.
func NewID() string {
	id := make([]byte, 16)
	rand.Read(id) // never fails: it ends the program instead
	return hex.EncodeToString(id)
}
