package format

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/zeebo/blake3"

	"genoveil/pipeline/chunkfile"
)

const (
	// A manifest lists the files beside it: it has up to manifestEntry bytes for each, of
	// which the longest takes 190 and its block 50, and up to manifestRest more. A thousand
	// files may be missing, so that the user is told which.
	manifestEntry   = 512
	manifestRest    = 1 << 16
	manifestMissing = 1000

	// maxBlockText bounds the text of a block, which has 42 bytes with three planes.
	maxBlockText = 256

	// manifestFields bounds how many of those other fields there are.
	manifestFields = 64

	// manifestWindow is what every decoder of zstd has to take (RFC 8878), and what this
	// program writes.
	manifestWindow = 8 << 20
)

// readManifest reads the manifest of a cohort directory. The files that stand in the
// directory bound what it may list, and so the memory that it takes.
func (c *Cohort) readManifest() error {
	path := filepath.Join(c.dir, ManifestName)
	f, err := chunkfile.OpenFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(c.dir); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: no such directory; give the directory that 'genoveil encrypt genotypes' made", c.dir)
		}
		return fmt.Errorf("%s: not a complete cohort (no %s); was 'genoveil encrypt genotypes' interrupted? Run it again to finish", c.dir, ManifestName)
	}
	if info, failed := os.Stat(c.dir); err != nil && failed == nil && !info.IsDir() {
		return fmt.Errorf("%s: is a file; give the directory of the cohort that 'genoveil encrypt genotypes' made", c.dir)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	files, err := countBlockFiles(c.dir)
	if err != nil {
		return err
	}
	files += manifestMissing
	limit := manifestRest + manifestEntry*int64(files)
	tooLong := fmt.Errorf("%s: the manifest is too long for the files beside it; copy the whole cohort again from where it was made", path)
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() > limit {
		return tooLong
	}
	decoder, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(manifestWindow))
	if err != nil {
		return err
	}
	defer decoder.Close()
	hash := blake3.New()
	text := &io.LimitedReader{R: decoder, N: limit + 1}
	damaged := &damagedReader{r: text}
	err = c.Manifest.decode(io.TeeReader(damaged, hash), files)
	switch {
	case text.N == 0:
		return tooLong
	case damaged.err != nil:
		return fmt.Errorf("%s: the manifest is damaged; copy it again from where it was made", path)
	case err != nil:
		return fmt.Errorf("%s: %.300s", path, err.Error())
	}
	hash.Sum(c.Fingerprint[:0])
	return nil
}

// A damagedReader keeps the error that reading ended with, unless it was the end.
type damagedReader struct {
	r   io.Reader
	err error
}

func (d *damagedReader) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		d.err = err
	}
	return n, err
}

// countBlockFiles counts the files in a directory that have a block's name.
func countBlockFiles(dir string) (int, error) {
	d, err := os.Open(dir)
	if err != nil {
		return 0, err
	}
	defer d.Close()
	count := 0
	for {
		names, err := d.Readdirnames(4096)
		for _, name := range names {
			if strings.HasPrefix(name, "block") && strings.HasSuffix(name, ".chunks") {
				count++
			}
		}
		if errors.Is(err, io.EOF) {
			return count, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

// decode reads a manifest of up to so many blocks and files, one after the other: what
// takes three bytes as text takes seventy as a BlockFile.
func (m *Manifest) decode(text io.Reader, files int) error {
	decoder := json.NewDecoder(text)
	if err := expect(decoder, json.Delim('{')); err != nil {
		return err
	}
	rest := map[string]json.RawMessage{}
	left := manifestRest
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return err
		}
		switch name := token.(string); name {
		case "blocks":
			err = eachElement(decoder, files-len(m.Blocks), func() error { return m.readBlock(decoder) })
		case "files":
			err = eachElement(decoder, files-len(m.Files), func() error { return m.readFile(decoder) })
		default:
			var value json.RawMessage
			if err = decoder.Decode(&value); err == nil {
				left -= len(name) + len(value)
				rest[name] = value
			}
		}
		if err != nil {
			return err
		}
		if left < 0 || len(rest) > manifestFields {
			return errors.New("the manifest has fields that no cohort has")
		}
	}
	if err := expect(decoder, json.Delim('}')); err != nil {
		return err
	}
	// To the end, for the fingerprint.
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the manifest")
	}
	other, err := json.Marshal(rest)
	if err != nil {
		return err
	}
	return json.Unmarshal(other, m)
}

// eachElement calls read for every element of an array, which has up to max.
func eachElement(decoder *json.Decoder, max int, read func() error) error {
	if err := expect(decoder, json.Delim('[')); err != nil {
		return err
	}
	for n := 0; decoder.More(); n++ {
		if n == max {
			return errors.New("the manifest lists more than the files beside it; copy the whole cohort again from where it was made")
		}
		if err := read(); err != nil {
			return err
		}
	}
	return expect(decoder, json.Delim(']'))
}

// readBlock reads a block. Its text is short: an empty name takes three bytes there and
// sixteen as a Plane.
func (m *Manifest) readBlock(decoder *json.Decoder) error {
	var text json.RawMessage
	if err := decoder.Decode(&text); err != nil {
		return err
	}
	if len(text) > maxBlockText {
		return fmt.Errorf("a block has at most %d bytes, not %d", maxBlockText, len(text))
	}
	var b Block
	err := json.Unmarshal(text, &b)
	m.Blocks = append(m.Blocks, b)
	return err
}

func (m *Manifest) readFile(decoder *json.Decoder) error {
	var f BlockFile
	err := decoder.Decode(&f)
	m.Files = append(m.Files, f)
	return err
}

func expect(decoder *json.Decoder, want json.Delim) error {
	token, err := decoder.Token()
	if err == nil && token != want {
		err = errors.New("not a manifest")
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}
