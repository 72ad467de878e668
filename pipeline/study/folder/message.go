package folder

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

const (
	magic     = "genoveil study message v1"
	signature = "ed25519 "

	// MaxMessage bounds a message: the openings of a site to 128 recipients take 200 kB.
	MaxMessage = 16 << 20

	// PayloadSize is the most that a payload file has, small enough for a mail.
	PayloadSize = 8 << 20

	maxFiles = 1 << 16 // of a message: 512 GB
)

// A Digest is a SHA-256, written in hexadecimal.
type Digest [sha256.Size]byte

func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText writes hexadecimal.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Digest) UnmarshalText(text []byte) error {
	if len(text) == 2*len(d) { // more would not fit
		if _, err := hex.Decode(d[:], text); err == nil {
			return nil
		}
	}
	return errors.New("not a SHA-256 in hexadecimal")
}

// A Header is what a party signs. T stands for all that it has read before.
type Header struct {
	Study    string          `json:"study"`
	Analysis Digest          `json:"analysis"`
	Round    string          `json:"round"`
	From     string          `json:"from"`
	Counter  uint64          `json:"counter"` // of the sender's home
	T        Digest          `json:"t"`
	Files    []File          `json:"files"`
	Body     json.RawMessage `json:"body"`
}

// A File is a payload that belongs to a message.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 Digest `json:"sha256"`
}

// A Message is a header whose signature was checked.
type Message struct {
	Header
	Digest Digest // of the header's bytes
	Bytes  []byte // of the whole file
}

// signed is what the signature covers.
func signed(header []byte) []byte {
	digest := sha256.Sum256(header)
	return append([]byte(magic+"\x00"), digest[:]...)
}

// Sign makes the bytes of a message.
func Sign(h *Header, key ed25519.PrivateKey) ([]byte, error) {
	if h.Files == nil {
		h.Files = []File{}
	}
	header, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	text := append([]byte(magic+"\n"), header...)
	text = append(append(text, '\n'), signature...)
	text = base64.StdEncoding.AppendEncode(text, ed25519.Sign(key, signed(header)))
	if text = append(text, '\n'); len(text) > MaxMessage {
		return nil, fmt.Errorf("a message of %d bytes; it has at most %d", len(text), MaxMessage)
	}
	return text, nil
}

// ErrNotSigned reports a file that is no message of the party whose name it has: it is cut
// off, altered, or somebody else's.
var ErrNotSigned = errors.New("incomplete, or not signed by the party whose name it has")

// Parse checks the signature before it reads anything else.
func Parse(text []byte, key ed25519.PublicKey) (*Message, error) {
	rest, ok := bytes.CutPrefix(text, []byte(magic+"\n"))
	header, last, found := bytes.Cut(rest, []byte{'\n'})
	sealed, ends := bytes.CutSuffix(last, []byte{'\n'})
	encoded, named := bytes.CutPrefix(sealed, []byte(signature))
	if len(text) > MaxMessage || !ok || !found || !ends || !named || len(encoded) != base64.StdEncoding.EncodedLen(ed25519.SignatureSize) {
		return nil, ErrNotSigned
	}
	sig, err := base64.StdEncoding.Strict().DecodeString(string(encoded))
	if err != nil || len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, signed(header), sig) {
		return nil, ErrNotSigned
	}
	m := &Message{Digest: sha256.Sum256(header), Bytes: bytes.Clone(text)}
	if err := Strict(header, &m.Header); err != nil {
		return nil, fmt.Errorf("signed, but not a message of this version: %w", err)
	}
	return m, m.checkFiles()
}

// checkFiles refuses payloads that another name could not tell from files of others.
func (m *Message) checkFiles() error {
	if len(m.Files) > maxFiles {
		return fmt.Errorf("%d files; a message has at most %d", len(m.Files), maxFiles)
	}
	for i, f := range m.Files {
		if f.Name != PayloadName(m.From, i) || f.Size < 1 || f.Size > PayloadSize {
			return fmt.Errorf("it lists %.60q of %d bytes, which is no payload of it", f.Name, f.Size)
		}
	}
	return nil
}

// Strict reads JSON without unknown fields, and nothing behind it.
func Strict(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more behind it")
	}
	return nil
}

// MessageName is the file of a party's message in the folder of a round.
func MessageName(party string) string { return party + ".msg" }

// PayloadName is that of a payload, by its number from 0.
func PayloadName(party string, i int) string { return fmt.Sprintf("%s.%05d.words", party, i+1) }

// Open opens a file of at most limit bytes. It does not wait for one that is a pipe or a
// device: somebody may have put it into the folder.
func Open(path string, limit int64) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = fmt.Errorf("%s: not a regular file", path)
	case info.Size() > limit:
		err = fmt.Errorf("%s: longer than %d bytes", path, limit)
	default:
		return f, nil
	}
	return nil, errors.Join(err, f.Close())
}

// ReadFile reads a file of at most limit bytes.
func ReadFile(path string, limit int64) ([]byte, error) {
	f, err := Open(path, limit)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(text)) > limit {
		err = fmt.Errorf("%s: longer than %d bytes", path, limit)
	}
	return text, err
}
