// Package genoveil_test holds the walls between the folders of this repository.
package genoveil_test

import (
	"bytes"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// walls say what the code of a folder may import of this module. Whatever it may import
// has its own line, so that nothing comes in through somebody else.
var walls = map[string][]string{
	"genomics":   {"genomics"},             // knows no cryptography
	"gpu":        {"gpu"},                  // knows arrays alone
	"kernels":    {"kernels", "gpu"},       // knows arrays alone
	"he":         {"he", "kernels", "gpu"}, // knows no genetics
	"secagg":     {"secagg"},               // knows words and keys alone
	"pipeline":   {"pipeline", "genomics", "he", "secagg", "kernels", "gpu"},
	"cmd":        {"cmd", "pipeline", "genomics", "he", "kernels", "gpu"},
	"benchmarks": {"benchmarks", "cmd", "pipeline", "genomics", "he", "secagg", "kernels", "gpu"},
}

// cryptography is what genomics must not import from elsewhere either.
var cryptography = []string{"crypto", "filippo.io", "golang.org/x/crypto", "github.com/tuneinsight/lattigo"}

// isTestHelper says whether a package is for tests: hetest, pipelinetest and the like.
// Package test of genomics is the tests of a study.
func isTestHelper(path string) bool {
	name := path[strings.LastIndex(path, "/")+1:]
	return strings.HasSuffix(name, "test") && name != "test"
}

// TestWalls reads the imports of every file but tests, whatever its build tags.
func TestWalls(t *testing.T) {
	files := 0
	for folder, may := range walls {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			files++
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
			if err != nil {
				return err
			}
			for _, spec := range file.Imports {
				imported, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					return err
				}
				inside, ours := strings.CutPrefix(imported, "genoveil/")
				top, _, _ := strings.Cut(inside, "/")
				if ours && !slices.Contains(may, top) {
					t.Errorf("%s imports %s", path, imported)
				}
				if ours && isTestHelper(imported) && !isTestHelper(filepath.ToSlash(filepath.Dir(path))) {
					t.Errorf("%s, which is no test, imports %s", path, imported)
				}
				isCryptography := slices.ContainsFunc(cryptography, func(c string) bool { return imported == c || strings.HasPrefix(imported, c+"/") })
				if folder == "genomics" && isCryptography {
					t.Errorf("%s imports %s", path, imported)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 250 {
		t.Errorf("only %d files were read", files)
	}
}

// genetics is the words of a geneticist, by themselves or inside a name.
var genetics = regexp.MustCompile(`(?i:\b(genotyp|variant|trait|dosage|hard[ -]?call|phenotyp|allele))|[a-z](Genotyp|Variant|Trait|Dosage|HardCall|Phenotyp|Allele)`)

// TestWords: what must not know genetics does not speak of it either, in names and in
// comments. It has planes, positions, columns, weights and samples.
func TestWords(t *testing.T) {
	files := 0
	for _, folder := range []string{"he", "secagg", "kernels", "gpu"} {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			files++
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for i, line := range bytes.Split(text, []byte("\n")) {
				if word := genetics.Find(line); word != nil {
					t.Errorf("%s:%d speaks of %q", path, i+1, word)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 120 {
		t.Errorf("only %d files were read", files)
	}
	for _, text := range []string{"func (c Chain) Trait()", "of hard calls", "hetest.DosageParams", "genotypes", "meanAllele", "a variant"} {
		if !genetics.MatchString(text) {
			t.Errorf("%q passes", text)
		}
	}
}
