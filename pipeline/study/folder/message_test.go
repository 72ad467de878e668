package folder

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// aKey is a key that is no secret.
var aKey = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

func header() *Header {
	return &Header{
		Study: "lipids", Analysis: Digest{1}, Round: "01-counts-upload", From: "a", Counter: 7, T: Digest{2},
		Files: []File{{"a.00001.words", PayloadSize, Digest{3}}, {"a.00002.words", 8, Digest{4}}}, Body: json.RawMessage(`{"x":1}`),
	}
}

func signedBy(t testing.TB, h *Header, key ed25519.PrivateKey) []byte {
	t.Helper()
	text, err := Sign(h, key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestParse: what Sign wrote is read as it was.
func TestParse(t *testing.T) {
	text := signedBy(t, header(), aKey)
	m, err := Parse(text, public(aKey))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(&m.Header, header()) || !bytes.Equal(m.Bytes, text) {
		t.Errorf("%+v", m)
	}
	again := signedBy(t, &m.Header, aKey)
	if !bytes.Equal(again, text) {
		t.Error("signed again it is another message")
	}
}

// TestAltered: a message with any bit flipped, cut off anywhere, or with something behind
// it, is none.
func TestAltered(t *testing.T) {
	text := signedBy(t, header(), aKey)
	refuse := func(text []byte, what string, at int) {
		if m, err := Parse(text, public(aKey)); !errors.Is(err, ErrNotSigned) || m != nil {
			t.Fatalf("%s at %d: %v", what, at, err)
		}
	}
	for at := range text {
		for bit := range 8 {
			altered := bytes.Clone(text)
			altered[at] ^= 1 << bit
			refuse(altered, "flipped", at)
		}
		refuse(text[:at], "cut off", at)
		refuse(append(bytes.Clone(text[:at]), text[at+1:]...), "a byte out", at)
	}
	refuse(append(bytes.Clone(text), '\n'), "longer", len(text))
	refuse(append(bytes.Clone(text), text...), "twice", len(text))
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	refuse(signedBy(t, header(), other), "signed by another", 0)
	if _, err := Parse(text, nil); !errors.Is(err, ErrNotSigned) {
		t.Error(err)
	}
}

// signedHeader signs bytes that need not be a header.
func signedHeader(header []byte) []byte {
	return []byte(magic + "\n" + string(header) + "\n" + signature + encode(ed25519.Sign(aKey, signed(header))) + "\n")
}

func encode(sig []byte) string {
	text, err := json.Marshal(sig)
	if err != nil {
		panic(err)
	}
	return strings.Trim(string(text), `"`)
}

// TestBadHeaders: what is signed and is no header of this version is refused, too.
func TestBadHeaders(t *testing.T) {
	good, err := json.Marshal(header())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Parse(signedHeader(good), public(aKey)); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		strings.Replace(string(good), `"round"`, `"around"`, 1): `unknown field "around"`,
		string(good) + "{}": "there is more behind it",
		strings.Replace(string(good), `"counter":7`, `"counter":-7`, 1):              "cannot unmarshal",
		strings.Replace(string(good), "0000", "000", 1):                              "not a SHA-256",
		strings.Replace(string(good), "0000", "000g", 1):                             "not a SHA-256",
		strings.Replace(string(good), "0000", "000000", 1):                           "not a SHA-256",
		strings.Replace(string(good), "a.00001.words", "a.00002.words", 1):           "is no payload of it",
		strings.Replace(string(good), "a.00001.words", "b.00001.words", 1):           "is no payload of it",
		strings.Replace(string(good), `"size":8,`, `"size":0,`, 1):                   "is no payload of it",
		strings.Replace(string(good), `"size":8388608`, `"size":8388609`, 1):         "is no payload of it",
		strings.Replace(string(good), `"size":8,`, `"size":9223372036854775808,`, 1): "cannot unmarshal",
		"":     "EOF",
		"null": "", // an empty header, of nobody
	} {
		_, err := Parse(signedHeader([]byte(text)), public(aKey))
		if want == "" && err == nil {
			continue
		}
		if err == nil || want == "" || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	h := header()
	h.Files = make([]File, maxFiles+1)
	if _, err := Parse(signedBy(t, h, aKey), public(aKey)); err == nil || !strings.Contains(err.Error(), "65537 files; a message has at most 65536") {
		t.Error(err)
	}
	h.Body = json.RawMessage(`"` + strings.Repeat("x", MaxMessage) + `"`)
	if _, err := Sign(h, aKey); err == nil {
		t.Error("signed a message that is too long")
	}
}

// TestReadFile reads no more than it may, and nothing that is no file.
func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	if err := os.WriteFile(path, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := ReadFile(path, 5); err != nil || string(text) != "12345" {
		t.Error(string(text), err)
	}
	if _, err := ReadFile(path, 4); err == nil || err.Error() != path+": longer than 4 bytes" {
		t.Error(err)
	}
	if _, err := ReadFile(dir, 4); err == nil || err.Error() != dir+": not a regular file" {
		t.Error(err)
	}
	if _, err := ReadFile(os.DevNull, 4); err == nil {
		t.Error("read a device")
	}
}

// FuzzParse: no text is read as a message that was not signed as it stands.
func FuzzParse(f *testing.F) {
	f.Add(signedBy(f, header(), aKey))
	f.Add([]byte(magic + "\n{}\n" + signature + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := Parse(text, public(aKey))
		if err != nil {
			return
		}
		if signed := signedBy(t, &m.Header, aKey); len(m.Header.From) > 0 && !bytes.Equal(signed, text) && !bytes.Equal(signedHeader(headerOf(text)), text) {
			t.Errorf("%q is signed", text)
		}
	})
}

func headerOf(text []byte) []byte {
	_, rest, _ := bytes.Cut(text, []byte("\n"))
	header, _, _ := bytes.Cut(rest, []byte("\n"))
	return header
}

// FuzzHeader: whatever a party signs is a message or an error, and lists payloads of its own
// only.
func FuzzHeader(f *testing.F) {
	good, err := json.Marshal(header())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := Parse(signedHeader(text), public(aKey))
		if err != nil {
			return
		}
		for i, file := range m.Files {
			if file.Name != PayloadName(m.From, i) || file.Size < 1 || file.Size > PayloadSize {
				t.Errorf("%+v", file)
			}
		}
	})
}
