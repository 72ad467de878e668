package protocol

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/study/folder"
	"genoveil/secagg"
)

const (
	private     = 0o600
	privateName = "private" // of a round in the outbox
	sentName    = "sent"    // there once all of the round was in the folder
)

// A draft is what a message is made of.
type draft struct {
	body    any
	payload func(dir string) ([]folder.File, error)
	private any // stays at home, for later rounds
}

func (p *Party) outbox(round string) string { return filepath.Join(p.home(), "outbox", round) }

// own is the message of a round that was made before, nil if there is none.
func (p *Party) own(round string) (*folder.Message, error) {
	path := filepath.Join(p.outbox(round), folder.MessageName(p.Name))
	text, err := folder.ReadFile(path, folder.MaxMessage)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m, err := folder.Parse(text, p.Keys[p.Name])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// send makes a message and its payload in the outbox, where they appear together.
func (p *Party) send(round string, t secagg.Transcript, d *draft) (err error) {
	final := p.outbox(round)
	partial := filepath.Join(filepath.Dir(final), "."+round+".partial")
	if err := errors.Join(os.RemoveAll(partial), os.MkdirAll(partial, 0o700)); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(partial)
		}
	}()
	h := folder.Header{Study: p.Charter.Study, Analysis: p.D, Round: round, From: p.Name, T: folder.Digest(t)}
	if d.payload != nil {
		if h.Files, err = d.payload(partial); err != nil {
			return err
		}
	}
	if h.Body, err = json.Marshal(d.body); err != nil {
		return err
	}
	if d.private != nil {
		text, err := json.Marshal(d.private)
		if err != nil {
			return err
		}
		if err := writeSync(filepath.Join(partial, privateName), text); err != nil {
			return err
		}
	}
	if h.Counter, err = p.Home.Count(); err != nil {
		return err
	}
	text, err := folder.Sign(&h, p.Key)
	if err != nil {
		return err
	}
	if err := writeSync(filepath.Join(partial, folder.MessageName(p.Name)), text); err != nil {
		return err
	}
	if err := syncDir(partial); err != nil {
		return err
	}
	step()
	if err := os.Rename(partial, final); err != nil {
		return err
	}
	step()
	return syncDir(filepath.Dir(final))
}

// step is called between changes on disk that a killed process may leave apart.
func step() {
	if atomicfile.BeforeStep != nil {
		atomicfile.BeforeStep()
	}
}

// recall reads what a round kept at home.
func (p *Party) recall(round string, into any) error {
	path := filepath.Join(p.outbox(round), privateName)
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := folder.Strict(text, into); err != nil {
		return fmt.Errorf("%s: damaged", path)
	}
	return nil
}

// publish puts a message of the outbox and its payload into the folder, the message last.
// What was all there once is looked at by size alone, unless the caller is thorough.
func (p *Party) publish(round string, m *folder.Message, thorough bool) error {
	from, to := p.outbox(round), filepath.Join(p.Folder, round)
	sent := filepath.Join(from, sentName)
	_, err := os.Stat(sent)
	quick := err == nil && !thorough
	names := []string{}
	for _, f := range m.Files {
		if info, err := os.Stat(filepath.Join(to, f.Name)); quick && err == nil && info.Size() == f.Size {
			continue
		}
		names = append(names, f.Name)
	}
	for _, name := range append(names, folder.MessageName(p.Name)) {
		step()
		replaced, err := folder.Put(filepath.Join(from, name), filepath.Join(to, name))
		if err != nil {
			return err
		}
		if replaced {
			p.note("%s was damaged or incomplete in the folder, and was written again", filepath.Join(filepath.Base(p.Folder), round, name))
		}
	}
	if quick {
		return nil
	}
	return atomicfile.Write(sent, nil, private)
}

// writeSync writes a file into a directory that is not under its final name yet.
func writeSync(path string, data []byte) error {
	step()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, private)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		return errors.Join(err, f.Close())
	}
	return errors.Join(f.Sync(), f.Close())
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
