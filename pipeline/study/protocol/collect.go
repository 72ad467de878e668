package protocol

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/study/folder"
	"genoveil/pipeline/study/home"
	"genoveil/secagg"
)

// collect reads the messages of a round. What is missing, incomplete or not signed is not
// there yet.
func (p *Party) collect(round string, from []string, t secagg.Transcript) (map[string]*folder.Message, []string, error) {
	all := map[string]*folder.Message{}
	var missing []string
	for _, name := range from {
		m, err := p.message(round, name, t)
		if err != nil {
			return nil, nil, err
		}
		if m == nil {
			missing = append(missing, name)
			continue
		}
		all[name] = m
	}
	p.noteStrangers(round, from)
	return all, missing, nil
}

// message reads a party's message of a round, nil if it is not there yet.
func (p *Party) message(round, name string, t secagg.Transcript) (*folder.Message, error) {
	path := filepath.Join(p.Folder, round, folder.MessageName(name))
	found, why := p.read(path, round, name)
	if why != "" {
		p.note("%s: %s; it counts as not there yet", filepath.Join(filepath.Base(p.Folder), round, folder.MessageName(name)), why)
	}
	if name == p.Name {
		m, err := p.own(round)
		if err == nil && found != nil && (m == nil || m.Digest != found.Digest) {
			err = fmt.Errorf("%s has a message of this site's that its home does not know: %w", path, home.ErrCopied)
		}
		return m, err
	}
	seen := filepath.Join(p.home(), "seen", round, folder.MessageName(name))
	text, err := folder.ReadFile(seen, folder.MaxMessage)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	default:
		m, err := p.parse(text, name)
		if err != nil {
			return nil, fmt.Errorf("%s: damaged: %w", seen, err)
		}
		if found != nil && found.Digest != m.Digest {
			return nil, p.end([]*folder.Message{m, found}, "%s sent two different messages in the round %s", name, round)
		}
		return m, nil
	}
	if found == nil {
		return nil, nil
	}
	if found.T != folder.Digest(t) {
		return nil, p.end([]*folder.Message{found}, "%s has read other messages before the round %s than this site has: the folder shows different files to different sites", name, round)
	}
	if err := os.MkdirAll(filepath.Dir(seen), 0o700); err != nil {
		return nil, err
	}
	return found, atomicfile.Write(seen, found.Bytes, private)
}

// read reads a message from the folder, or says why there is none.
func (p *Party) read(path, round, name string) (m *folder.Message, why string) {
	text, err := folder.ReadFile(path, folder.MaxMessage)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ""
	}
	if err != nil {
		return nil, err.Error()
	}
	if m, err = p.parse(text, name); err != nil {
		return nil, err.Error()
	}
	if m.Study != p.Charter.Study || m.Analysis != p.D || m.Round != round || m.From != name {
		return nil, fmt.Sprintf("it belongs to another place (study %.32q, analysis %.8s, round %.32q, from %.32q), or the analysis was proposed with another charter or other keys", m.Study, m.Analysis, m.Round, m.From)
	}
	return m, ""
}

// parse reads a message of a party. The copies in the folder and in the home are mostly the
// same: what was read once in a step is not read again. In a fit of 24 sites, reading was four
// fifths of all steps' time.
func (p *Party) parse(text []byte, name string) (*folder.Message, error) {
	sum := sha256.Sum256(text)
	key := name + string(sum[:])
	if m := p.parsed[key]; m != nil {
		return m, nil
	}
	m, err := folder.Parse(text, p.Keys[name])
	if err != nil {
		return nil, err
	}
	if p.parsed == nil {
		p.parsed = map[string]*folder.Message{}
	}
	p.parsed[key] = m
	return m, nil
}

// noteStrangers names files of a round that nobody expects, such as the "conflicted copies"
// of programs that synchronise folders. They are left alone.
func (p *Party) noteStrangers(round string, from []string) {
	entries, err := os.ReadDir(filepath.Join(p.Folder, round))
	if err != nil {
		return
	}
	var strangers []string
	for _, e := range entries {
		who, rest, _ := strings.Cut(e.Name(), ".")
		if slices.Contains(from, who) && (rest == "msg" || strings.HasSuffix(rest, ".words")) || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		strangers = append(strangers, fmt.Sprintf("%.80q", e.Name()))
	}
	if len(strangers) > 5 {
		strangers = append(strangers[:5], fmt.Sprintf("and %d more", len(strangers)-5))
	}
	if strangers != nil {
		p.note("%s: ignored: %s", filepath.Join(filepath.Base(p.Folder), round), strings.Join(strangers, ", "))
	}
}

// checkCounter refuses a home that is behind its own messages.
func (p *Party) checkCounter() error {
	counter, err := p.Home.Counter()
	if err != nil {
		return err
	}
	rounds, err := os.ReadDir(p.Folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, r := range rounds {
		path := filepath.Join(p.Folder, r.Name(), folder.MessageName(p.Name))
		if m, _ := p.read(path, r.Name(), p.Name); m != nil && m.Counter > counter {
			return fmt.Errorf("%s is message %d of this site, and its home has made %d: %w", path, m.Counter, counter, home.ErrCopied)
		}
	}
	return nil
}
