package study

import (
	"path/filepath"

	"genoveil/pipeline/study/protocol"
)

// An Audited is the story of an analysis.
type Audited struct {
	Name            string
	Story, Problems []string
}

// Audit checks every signature, transcript and payload of the folder, with the charter and
// the keys that it has now.
func (d *Dir) Audit() ([]Audited, error) {
	names, err := d.Analyses()
	if err != nil {
		return nil, err
	}
	var all []Audited
	for _, name := range names {
		a := Audited{Name: name}
		text, _, err := d.analysis(name)
		if err == nil {
			var docs *protocol.Documents
			if docs, err = protocol.NewDocuments(d.Charter.Canonical(), d.Keys, text); err == nil && d.proposedBefore(docs) {
				a.Story = []string{"not checked: " + proposedBefore}
			} else if err == nil {
				a.Story, a.Problems = protocol.Audit(docs, filepath.Join(d.Path, name))
			}
		}
		if err != nil {
			a.Problems = append(a.Problems, err.Error())
		}
		all = append(all, a)
	}
	return all, nil
}
