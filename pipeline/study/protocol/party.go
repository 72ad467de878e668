package protocol

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"genoveil/pipeline/study/folder"
	"genoveil/pipeline/study/home"
)

// A Party runs one analysis for one of its parties.
type Party struct {
	*Documents
	Name        string
	Key         ed25519.PrivateKey
	Home        *home.Study
	Folder      string // of the analysis
	Program     string // version
	Now         time.Time
	Computation Computation

	// Inputs are the digests of what the site contributes from, as it stands now. They are
	// compared with what was pledged before every vector. Nil for those without data.
	Inputs func() ([]byte, error)

	last     *Stage                     // of which there is a total
	parsed   map[string]*folder.Message // by their sender and bytes
	notes    []string
	thorough bool // compare what was sent byte by byte
}

// Home of the analysis.
func (p *Party) home() string { return p.Home.Analysis(p.Analysis.Name) }

func (p *Party) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(p.notes, text) {
		p.notes = append(p.notes, text)
	}
}

// An Approval is what a party says when it approves.
type Approval struct {
	PublicKey []byte          `json:"public_key,omitempty"` // of contributors and recipients
	Pledge    *folder.Digest  `json:"pledge,omitempty"`     // of contributors, to their inputs
	Program   string          `json:"program"`
	Declared  json.RawMessage `json:"declared,omitempty"` // of contributors, about their data
	Consent   bool            `json:"consent"`            // to being exposed
}

const approveRound = "approve"

// Approved says whether this party approved.
func (p *Party) Approved() (bool, error) {
	m, err := p.own(approveRound)
	return m != nil, err
}

// Approve signs the approval, with what a contributor declares of its data. What is to be
// noted is in the ledger before.
// Used is what the site's ledger is to know of them.
func (p *Party) Approve(declared any, used []home.Used, consent bool) error {
	if err := p.Open(); err != nil {
		return err
	}
	if err := p.checkCounter(); err != nil {
		return err
	}
	if p.ExposedSite(p.Name) && !consent {
		return errors.New("the totals would tell something about this site by itself; it takes this site's consent")
	}
	if err := os.MkdirAll(p.home(), 0o700); err != nil {
		return err
	}
	m, err := p.own(approveRound)
	if err != nil {
		return err
	}
	if m == nil {
		if m, err = p.approve(declared, used, consent); err != nil {
			return err
		}
	}
	return p.publish(approveRound, m, true)
}

func (p *Party) approve(declared any, used []home.Used, consent bool) (*folder.Message, error) {
	a := Approval{Program: p.Program, Consent: consent}
	if slices.Contains(p.everyone(), p.Name) {
		var inputs []byte
		contributes := slices.Contains(p.contributors(), p.Name)
		if contributes {
			var err error
			if inputs, err = p.pledged(); err != nil {
				return nil, err
			}
			if a.Declared, err = json.Marshal(declared); err != nil {
				return nil, err
			}
		}
		s, err := p.draw(inputs)
		if err != nil {
			return nil, err
		}
		if a.PublicKey = s.pair.Public().Bytes(); contributes {
			pledge := folder.Digest(s.secret.Pledge(inputs))
			a.Pledge = &pledge
		}
	}
	if err := p.Save(p.home()); err != nil {
		return nil, err
	}
	entry := p.entry(home.Approved)
	past := p.Analysis.Past(p.Charter)
	entry.Rosters, entry.Numbers, entry.Factors, entry.Used = past.Rosters, past.Numbers, past.Factors, used
	if err := p.Home.Note(entry); err != nil {
		return nil, err
	}
	if err := p.send(approveRound, [32]byte(p.D), &draft{body: a}); err != nil {
		return nil, err
	}
	return p.own(approveRound)
}

// pledged is what a vector is a function of, beside the transcript: the site's data, and
// the program.
func (p *Party) pledged() ([]byte, error) {
	inputs, err := p.Inputs()
	if err != nil {
		return nil, err
	}
	return json.Marshal(pledge{inputs, p.Program})
}

type pledge struct {
	Inputs  []byte `json:"inputs"`
	Program string `json:"program"`
}

// Total opens the total of a stage that this party was sent. The error is fs.ErrNotExist
// where there is none.
func (p *Party) Total(s Stage) (*Vector, error) { return OpenVector(p.total(s), s.Len) }

func (p *Party) total(s Stage) string { return filepath.Join(p.home(), "totals", s.Name) }

// Open is nil where the analysis can be approved: nobody abandoned it, and it has not expired.
func (p *Party) Open() error {
	if why := p.ended(); why != "" {
		return &Ended{why}
	}
	why, err := p.stopped()
	if err == nil && why != "" {
		err = &Ended{why}
	}
	return err
}

// Over says whether there is nothing more to do.
func (p *Party) Over() bool { return p.done() || p.ended() != "" }

// LastTotal opens the total of the last sum, after Step has said that all is done.
func (p *Party) LastTotal() (*Vector, error) {
	if p.last == nil {
		return nil, errors.New("there is no total")
	}
	return p.Total(*p.last)
}
