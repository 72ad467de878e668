package protocol

import (
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/study/charter"
	"genoveil/pipeline/study/folder"
	"genoveil/secagg"
)

// Documents say what an analysis is. All parties have the same.
type Documents struct {
	Charter  *charter.Charter
	Analysis *charter.Analysis
	Keys     map[string]ed25519.PublicKey
	D        folder.Digest // T₀, by which the analysis is known

	// Exposed are the sets of sites too few to hide in, about which the totals tell something
	// by themselves. These sites approve, whether they contribute or not.
	Exposed [][]string

	bytes stored
}

// stored is how documents are kept.
type stored struct {
	Charter  []byte            `json:"charter"`
	Keys     map[string][]byte `json:"keys"`
	Analysis []byte            `json:"analysis"`
}

// NewDocuments reads the canonical forms.
func NewDocuments(charterText []byte, keys map[string][]byte, analysis []byte) (*Documents, error) {
	d := &Documents{Charter: &charter.Charter{}, Keys: map[string]ed25519.PublicKey{}, bytes: stored{charterText, keys, analysis}}
	if err := folder.Strict(charterText, d.Charter); err != nil {
		return nil, fmt.Errorf("the charter: %w", err)
	}
	if err := d.Charter.Check(); err != nil {
		return nil, fmt.Errorf("the charter: %w", err)
	}
	for _, name := range d.Charter.Parties() {
		if len(keys[name]) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("no key of %s", name)
		}
		d.Keys[name] = keys[name]
	}
	var err error
	if d.Analysis, err = d.Charter.ParseCanonical(analysis); err != nil {
		return nil, fmt.Errorf("the analysis: %w", err)
	}
	keysText, err := json.Marshal(keys) // in the order of names
	if err != nil {
		return nil, err
	}
	d.D = folder.Digest(secagg.Begin(charterText, keysText, analysis))
	d.Exposed = Exposed(d.Charter, d.Analysis)
	return d, nil
}

const documentsName = "documents"

// Save keeps the documents in the home of the analysis.
func (d *Documents) Save(dir string) error {
	text, err := json.Marshal(&d.bytes)
	if err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(dir, documentsName), text, private)
}

// LoadDocuments reads what Save kept. The error is fs.ErrNotExist where nothing is.
func LoadDocuments(dir string) (*Documents, error) {
	path := filepath.Join(dir, documentsName)
	text, err := folder.ReadFile(path, 16<<20)
	if err != nil {
		return nil, err
	}
	var s stored
	if err := folder.Strict(text, &s); err != nil {
		return nil, fmt.Errorf("%s: damaged: %w", path, err)
	}
	return NewDocuments(s.Charter, s.Keys, s.Analysis)
}

// contributors have data in the analysis, in order.
func (d *Documents) contributors() []string { return d.Analysis.Sites }

// everyone is the contributors and recipients, who are sent the totals of preparations.
func (d *Documents) everyone() []string { return union(d.Analysis.Sites, d.Analysis.Recipients) }

// Approvers are all whose approval it takes.
func (d *Documents) Approvers() []string {
	return union(append([][]string{d.everyone()}, d.Exposed...)...)
}

// ExposedSite says whether a site is one of those exposed.
func (d *Documents) ExposedSite(name string) bool {
	return slices.ContainsFunc(d.Exposed, func(set []string) bool { return slices.Contains(set, name) })
}

// union is the sorted names of several lists, each once.
func union(lists ...[]string) []string {
	all := slices.Concat(lists...)
	slices.Sort(all)
	return slices.Compact(all)
}
