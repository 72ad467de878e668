package info

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"genoveil/genomics"
	"genoveil/he"
	"genoveil/pipeline/chunkfile"
	"genoveil/pipeline/format"
	"genoveil/pipeline/model"
	"genoveil/pipeline/owner"
	"genoveil/pipeline/private"
	"genoveil/pipeline/site"
)

// Describe says what a file or directory of genoveil is, who may see it, and what
// it holds, in lines of "name: value". It shows no secret.
func Describe(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		if _, err := os.Stat(filepath.Join(path, "secret.key")); err == nil {
			return nil, fmt.Errorf("%s: a directory of keys; ask about the files in it", path)
		}
		return describeCohort(path)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: is not a regular file", path)
	}
	kind, err := chunkfile.Kind(path)
	if err != nil {
		switch {
		case strings.Contains(filepath.Base(path), ".index"):
			return describeIndex(path)
		case strings.HasSuffix(path, owner.CheckFailedSuffix):
			return []string{"what: where a check failed", "for: its owner alone, as secret as the key"}, nil
		case private.HasPassphrase(path):
			return []string{"what: secret key", "for: its owner alone", "key: sealed with a passphrase; an eval.key that was made with it says which"}, nil
		}
		return nil, err
	}
	switch kind {
	case format.EvalKind:
		return describeEvaluationKeys(path)
	case format.TraitsKind:
		return describeTraits(path)
	case format.SumsKind:
		return describeSums(path)
	case format.ScoreKeysKind:
		return describeScoreKeys(path)
	case format.ScoresKind:
		return describeScores(path)
	case model.ModelKind:
		return describeModel(path)
	case private.QueryKind:
		return describeQuery(path)
	case format.CohortKind:
		return []string{"what: part of encrypted genotypes; ask about the directory"}, nil
	case private.SecretKind:
		return describeSecretKey(path)
	case site.RunKind:
		return []string{"what: unfinished work of a run; the same command continues from it", "for: the compute site"}, nil
	case site.ScoreCheckpointKind:
		return []string{"what: unfinished scores; the same command continues from it", "for: whoever computes the scores, and never for the client"}, nil
	}
	return nil, fmt.Errorf("%s: holds %q, which this program does not know", path, kind)
}

// describeSecurity names the table that the number comes from (he.Chain.Security).
func describeSecurity(c he.Chain) string {
	table := "the Homomorphic Encryption Standard of 2018"
	if c.Security() == 128 {
		table = "the guidelines of 2024"
	}
	return fmt.Sprintf("security: inside the %d-bit row of %s", c.Security(), table)
}

func describeParams(p he.Params) []string {
	c := p.Chain()
	var exact string
	if s, err := p.Sums(); err == nil {
		exact = fmt.Sprintf("exact for: values up to %d times columns up to %d over batches of %d samples, %.1f standard deviations from a wrong rounding", s.MaxPlane(), s.MaxColumn(), s.Batch(), s.Margin())
	}
	if s, err := p.Scores(); err == nil {
		exact = fmt.Sprintf("exact for: values up to %d, weights of 2-norm up to %d, answers up to %d", s.MaxPlane(), s.MaxNorm(), s.MaxAnswer())
	}
	return []string{
		fmt.Sprintf("ring degree: %d", c.N()),
		fmt.Sprintf("primes: %d for sums, %d dropped after expansion, %d for key-switching; %.1f bits in all", len(c.Sums), len(c.Dropped), len(c.Switches), c.LogQP()),
		describeSecurity(c),
		exact,
	}
}

func describeCohort(dir string) ([]string, error) {
	c, err := format.OpenCohort(dir)
	if err != nil {
		return nil, err
	}
	missing := 0
	for _, b := range c.Blocks {
		if slices.Contains(b.Planes, format.Missing) {
			missing++
		}
	}
	return append([]string{
		"what: encrypted genotypes",
		"for: the compute site",
		fmt.Sprintf("fingerprint: %s", c.Fingerprint),
		fmt.Sprintf("key: %s", c.KeyID),
		fmt.Sprintf("genotypes: %s", c.Genotypes),
		fmt.Sprintf("encrypted for: %s", c.Purpose),
		fmt.Sprintf("samples: %d", c.Samples),
		fmt.Sprintf("blocks: %d of up to %d variants, %d with missing calls", len(c.Blocks), c.Params.N(), missing),
		fmt.Sprintf("bytes: %d in %d files", c.Bytes(), len(c.Files)),
	}, describeParams(c.Params)...), nil
}

func describeSecretKey(path string) ([]string, error) {
	sk, err := private.LoadSecretKey(path, func() (string, error) { return "", fmt.Errorf("%s: has a passphrase", path) })
	if err != nil {
		return nil, err
	}
	return []string{"what: secret key", "for: its owner alone", fmt.Sprintf("key: %s", format.NewKeyID(sk.ID()))}, nil
}

func describeEvaluationKeys(path string) ([]string, error) {
	keys, err := format.LoadEvaluationKeys(path)
	if err != nil {
		return nil, err
	}
	return []string{
		"what: evaluation keys",
		"for: the compute site",
		fmt.Sprintf("key: %s", format.NewKeyID(keys.KeyID)),
		fmt.Sprintf("ring degree: %d", keys.Chain.N()),
		describeSecurity(keys.Chain),
	}, nil
}

func describeTraits(path string) ([]string, error) {
	t, err := format.OpenTraits(path)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	return []string{
		"what: encrypted traits",
		"for: the compute site",
		fmt.Sprintf("query: %s", t.QueryID),
		fmt.Sprintf("cohort: %s", t.Cohort),
		fmt.Sprintf("key: %s", t.KeyID),
		fmt.Sprintf("samples: %d", t.Samples),
		fmt.Sprintf("columns: %d", t.Columns),
	}, nil
}

func describeSums(path string) ([]string, error) {
	s, err := format.OpenSums(path)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return []string{
		"what: encrypted sums",
		"for: the owner, to decrypt",
		fmt.Sprintf("query: %s", s.QueryID),
		fmt.Sprintf("cohort: %s", s.Cohort),
		fmt.Sprintf("key: %s", s.KeyID),
		fmt.Sprintf("samples: %s of %d", s.Parts, s.Samples),
		fmt.Sprintf("blocks: %d", len(s.Blocks)),
	}, nil
}

func describeQuery(path string) ([]string, error) {
	q, err := private.LoadQuery(path)
	if err != nil {
		return nil, err
	}
	return []string{
		"what: the owner's half of a query",
		"for: its owner alone",
		fmt.Sprintf("query: %s", q.QueryID),
		fmt.Sprintf("cohort: %s", q.Cohort),
		fmt.Sprintf("key: %s", q.KeyID),
		fmt.Sprintf("test: %s", q.Test),
		fmt.Sprintf("traits: %s", strings.Join(q.TraitNames(), ", ")),
	}, nil
}

// describeSexes counts them, if they were given.
func describeSexes(sexes private.Sexes) string {
	if sexes == nil {
		return ""
	}
	var n [3]int
	for _, s := range sexes {
		n[s]++
	}
	return fmt.Sprintf(" (%d male, %d female, %d of unknown sex)", n[genomics.Male], n[genomics.Female], n[genomics.UnknownSex])
}

func describeIndex(path string) ([]string, error) {
	r, err := private.OpenIndex(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	what, checks := "what: index of a cohort", []string(nil)
	if r.Retired {
		what += ", from before its check was renewed"
	}
	if r.Purpose == format.GWAS {
		checks = []string{fmt.Sprintf("checks: %d drawn; %d are proven (docs/security.md)", len(r.Checks), he.Masks)}
	}
	return append(append([]string{
		what,
		"for: its owner alone",
		fmt.Sprintf("cohort: %s", r.Cohort),
		fmt.Sprintf("key: %s", r.KeyID),
		fmt.Sprintf("encrypted for: %s", r.Purpose),
		fmt.Sprintf("samples: %d%s", len(r.Samples), describeSexes(r.Sexes)),
		fmt.Sprintf("variants: %d", r.Variants),
	}, checks...), describeParams(r.Params)...), nil
}
