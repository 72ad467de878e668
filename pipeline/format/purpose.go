package format

import (
	"fmt"
	"slices"

	"genoveil/he"
)

// A Purpose says what a cohort was encrypted for: which planes it has and which
// parameter set.
type Purpose string

const (
	// GWAS is the evaluation of encrypted traits. In files the purpose is then
	// absent.
	GWAS Purpose = ""

	// Score is the evaluation of a model that the server knows.
	Score Purpose = "score"

	// PrivateModel is the evaluation of a model that is encrypted, too.
	PrivateModel Purpose = "private-model"
)

const gwas = "gwas" // what a user calls GWAS

func (p Purpose) String() string {
	if p == GWAS {
		return gwas
	}
	return string(p)
}

// ParsePurpose reads gwas, score or private-model.
func ParsePurpose(text string) (Purpose, error) {
	for _, p := range []Purpose{GWAS, Score, PrivateModel} {
		if text == p.String() {
			return p, nil
		}
	}
	return "", fmt.Errorf("--for takes gwas, score or private-model, not %q", text)
}

// Validate checks a purpose from a file.
func (p Purpose) Validate() error {
	if !slices.Contains([]Purpose{GWAS, Score, PrivateModel}, p) {
		return fmt.Errorf("genotypes are encrypted for %q, which this program does not know", string(p))
	}
	return nil
}

// Fits refuses a parameter set from a file that is for another purpose, when the file is
// opened and not when the set is used.
func (p Purpose) Fits(params he.Params) error {
	_, notSums := params.Sums()
	scores, notScores := params.Scores()
	if p == GWAS && notSums == nil || p != GWAS && notScores == nil && scores.PrivateModel() == (p == PrivateModel) {
		return nil
	}
	return fmt.Errorf("the parameter set is not one for %s", p)
}

// Need refuses a cohort, or its index, of another purpose than one of those that
// a command is for. No purposes stand for all.
func (p Purpose) Need(name string, wanted []Purpose) error {
	if len(wanted) == 0 || slices.Contains(wanted, p) {
		return nil
	}
	use := map[Purpose]string{
		GWAS:         "'genoveil run' evaluates traits on it",
		Score:        "'genoveil score --weights' evaluates a model on it",
		PrivateModel: "'genoveil score --encrypted-model' evaluates an encrypted model on it",
	}[p]
	return fmt.Errorf("%s: was encrypted --for %s, and %s; for this, encrypt the genotypes --for %s", name, p, use, wanted[0])
}

// Planes lists the planes that a cohort of this purpose has, in the order of files.
// Missing is last. A score is linear in the dosage and needs no square.
func (p Purpose) Planes(e Encoding) []Plane {
	if p == GWAS {
		return e.Planes()
	}
	return []Plane{Dosage, Missing}
}

// Plan is the parameter set for a cohort of n samples. Those for scoring depend on
// neither samples nor model, and have the same chain.
func (p Purpose) Plan(n int, e Encoding) (he.Params, error) {
	switch p {
	case Score:
		params, err := he.PlanScore(int64(e.Steps()))
		return params.Params(), err
	case PrivateModel:
		params, err := he.PlanPrivateModel(int64(e.Steps()))
		return params.Params(), err
	}
	params, err := Plan(n, e)
	return params.Params(), err
}

// CheckSet refuses a cohort whose parameter set is not the planned one. The client
// writes the set into the cohort, and with it the ring in which a reply is masked and
// flooded: in a ring of degree 64 anybody can take the mask off, and the weights with it.
// So the owner of a model does not leave it to the client.
func (c *Cohort) CheckSet() error {
	planned, err := c.Purpose.Plan(c.Samples, c.Genotypes)
	if err != nil {
		return err
	}
	if !c.Params.Equal(planned) {
		chain := c.Params.Chain()
		return fmt.Errorf("%s: its parameter set (ring degree %d, %d-bit security) is not the one that protects weights; ask for genotypes that this version of genoveil encrypted", c.dir, chain.N(), chain.Security())
	}
	return nil
}
