package info

import (
	"fmt"

	"genoveil/pipeline/format"
	"genoveil/pipeline/model"
)

func describeScores(path string) ([]string, error) {
	s, err := format.OpenScores(path)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	lines := []string{
		"what: encrypted scores",
		"for: the owner, to decrypt",
		fmt.Sprintf("run: %s", s.RunID),
		fmt.Sprintf("cohort: %s", s.Cohort),
		fmt.Sprintf("key: %s", s.KeyID),
		fmt.Sprintf("samples: %s of %d", s.Parts, s.Samples),
		fmt.Sprintf("scores: %d", s.Scores),
	}
	if d := s.Description; d != nil {
		for i, name := range d.Names {
			intercept := ""
			if d.Intercept[i] {
				intercept = ", with an intercept"
			}
			lines = append(lines, fmt.Sprintf("score: %s, in units of 2^%d, %d weights%s", name, -d.Exponents[i], d.Weights[i], intercept))
		}
	} else {
		lines = append(lines, "model: encrypted; its description, too")
	}
	return lines, nil
}

func describeModel(path string) ([]string, error) {
	m, err := model.OpenModel(path)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	return []string{
		"what: encrypted model",
		"for: the server",
		fmt.Sprintf("cohort: %s", m.Cohort),
		fmt.Sprintf("key: %s", m.KeyID),
		fmt.Sprintf("scores: %d", m.Scores),
		fmt.Sprintf("blocks: %d", len(m.Blocks)),
	}, nil
}

func describeScoreKeys(path string) ([]string, error) {
	keys, err := format.LoadScoreKeys(path)
	if err != nil {
		return nil, err
	}
	return []string{
		"what: evaluation keys for scores",
		"for: the server",
		fmt.Sprintf("key: %s", format.NewKeyID(keys.KeyID)),
		fmt.Sprintf("ring degree: %d", keys.Chain.N()),
		describeSecurity(keys.Chain),
	}, nil
}
