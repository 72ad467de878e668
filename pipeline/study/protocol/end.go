package protocol

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/study/folder"
	"genoveil/pipeline/study/home"
)

const (
	endedName    = "ended"
	doneName     = "done"
	abandonRound = "abandon"
)

// An Ended is an analysis that is over without a result.
type Ended struct{ Why string }

func (e *Ended) Error() string { return e.Why }

// end notes why the analysis is over, keeps the messages that show it, and abandons it.
func (p *Party) end(evidence []*folder.Message, format string, args ...any) error {
	why := fmt.Sprintf(format, args...)
	dir := filepath.Join(p.home(), "evidence")
	if evidence != nil {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	for _, m := range evidence {
		name := fmt.Sprintf("%s.%s.%.8s.msg", m.Round, m.From, m.Digest)
		if err := atomicfile.Write(filepath.Join(dir, name), m.Bytes, private); err != nil {
			return err
		}
		why += fmt.Sprintf("; kept as %s", filepath.Join(dir, name))
	}
	return p.abandon(why)
}

// Abandon ends the analysis for good: what was not released by now never is, and nobody
// can find out any more.
func (p *Party) Abandon() error {
	if why := p.ended(); why != "" {
		return &Ended{why}
	}
	if p.done() {
		return errors.New("complete already; what was opened cannot be taken back")
	}
	err := p.abandon("this site abandoned it")
	var ended *Ended
	if errors.As(err, &ended) {
		return nil
	}
	return err
}

// abandon notes it in the ledger, destroys the secrets, and tells the others. Killed in
// between, the next step goes on here.
func (p *Party) abandon(why string) error {
	if err := os.MkdirAll(p.home(), 0o700); err != nil {
		return err
	}
	if err := atomicfile.Write(filepath.Join(p.home(), endedName), []byte(why), private); err != nil {
		return err
	}
	if err := p.bury(); err != nil {
		return err
	}
	return &Ended{why}
}

// bury completes what abandon began.
func (p *Party) bury() error {
	ledger, err := p.Home.Ledger()
	if err != nil {
		return err
	}
	if _, there := home.Has(ledger, p.D, home.Abandoned, ""); !there {
		if err := p.Home.Note(p.entry(home.Abandoned)); err != nil {
			return err
		}
	}
	if err := p.destroy(); err != nil {
		return err
	}
	return p.tell()
}

// Farewell tells the others that this party abandons the analysis, unless it is over. The
// ledger is not told: what a copied home has released is not known.
func (p *Party) Farewell() error {
	if p.Over() {
		return nil
	}
	return p.tell()
}

// tell has the others know that this party abandoned the analysis.
func (p *Party) tell() error {
	m, err := p.own(abandonRound)
	if err == nil && m == nil {
		if err := p.send(abandonRound, [32]byte(p.D), &draft{body: struct{}{}}); err != nil {
			return err
		}
		m, err = p.own(abandonRound)
	}
	if err != nil {
		return err
	}
	return p.publish(abandonRound, m, false)
}

// entry is one of the ledger about this analysis.
func (p *Party) entry(event string) home.Entry {
	return home.Entry{When: p.Now.UTC().Format(time.RFC3339), Study: p.Charter.Study, Analysis: p.D, ID: p.Analysis.ID, Name: p.Analysis.Name, Event: event}
}

// ended is why the analysis is over without a result, "" if it is not.
func (p *Party) ended() string {
	text, err := os.ReadFile(filepath.Join(p.home(), endedName))
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// done says whether all that this party had to do is done.
func (p *Party) done() bool {
	_, err := os.Stat(filepath.Join(p.home(), doneName))
	return err == nil
}

// stopped says why nothing more may be made, "" if it may: a party abandoned the analysis,
// or it expired.
func (p *Party) stopped() (string, error) {
	for _, name := range p.Approvers() {
		if name == p.Name {
			continue
		}
		path := filepath.Join(p.Folder, abandonRound, folder.MessageName(name))
		if m, _ := p.read(path, abandonRound, name); m != nil {
			return fmt.Sprintf("%s abandoned it", name), nil
		}
	}
	last, err := p.Analysis.LastDay()
	if err == nil && !p.Now.Before(last) {
		return fmt.Sprintf("it expired on %s", p.Analysis.Expires), nil
	}
	return "", err
}
