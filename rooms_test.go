package genoveil_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rooms say which other rooms of pipeline each may import. What is in no row is a tool,
// which imports no room, and which all may import.
var rooms = map[string][]string{
	"format":  {},
	"private": {"format"},
	"owner":   {"format", "private"},
	"site":    {"format"},
	"model":   {"format", "private"},
	"info":    {"format", "private", "owner", "site", "model"},
}

// testHelpers of pipeline may import every room.
var testHelpers = []string{"filetest", "pipelinetest"}

// parse reads the files of a package that are no tests, whatever their build tags.
func parse(t *testing.T, folder string) []*ast.File {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, e.Name()), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// imports lists the packages of this module that a package imports.
func imports(t *testing.T, folder string) []string {
	t.Helper()
	var all []string
	for _, file := range parse(t, folder) {
		for _, spec := range file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if inside, ours := strings.CutPrefix(path, "genoveil/"); ours {
				all = append(all, inside)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// TestRooms holds the walls between the rooms of pipeline.
func TestRooms(t *testing.T) {
	entries, err := os.ReadDir("pipeline")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, e := range entries {
		if !e.IsDir() || slices.Contains(testHelpers, e.Name()) {
			continue
		}
		may, isRoom := rooms[e.Name()]
		if isRoom {
			found++
		}
		for _, path := range imports(t, filepath.Join("pipeline", e.Name())) {
			name, inside := strings.CutPrefix(path, "pipeline/")
			_, room := rooms[name]
			if inside && (room && !slices.Contains(may, name) || slices.Contains(testHelpers, name)) && name != e.Name() {
				t.Errorf("pipeline/%s imports %s", e.Name(), path)
			}
		}
	}
	if found != len(rooms) {
		t.Errorf("%d of %d rooms are there", found, len(rooms))
	}
}

// secrets is what package he has of secrets: keys, and what is made with one.
var secrets = []string{
	"SecretKey", "SecretKeyFromBytes", "GenerateSecret", "GenerateEvaluationKeys", "GenerateScoreKeys", "MaskKey", "CheckModulus", "Check",
	"Encryptor", "NewEncryptor", "ColumnEncryptor", "NewColumnEncryptor", "ModelEncryptor", "NewModelEncryptor",
	"SumDecryptor", "NewSumDecryptor", "ScoreDecryptor", "NewScoreDecryptor",
}

// TestSiteReachesNoSecret: nothing of pipeline that the room of the compute site imports,
// however indirectly, is a room with secrets or names what package he has of them. The
// tests of that room do: they play both roles.
func TestSiteReachesNoSecret(t *testing.T) {
	declared := map[string]bool{}
	for _, file := range parse(t, "he") {
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				declared[d.Name.Name] = true
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if s, ok := s.(*ast.TypeSpec); ok {
						declared[s.Name.Name] = true
					}
				}
			}
		}
	}
	for _, name := range secrets {
		if !declared[name] {
			t.Errorf("he.%s is not there any more: mend this list", name)
		}
	}
	reached := []string{"pipeline/site"}
	for i := 0; i < len(reached); i++ {
		for _, path := range imports(t, reached[i]) {
			if strings.HasPrefix(path, "pipeline/") && !slices.Contains(reached, path) {
				reached = append(reached, path)
			}
		}
	}
	for _, folder := range reached {
		if room := filepath.Base(folder); slices.Contains([]string{"private", "owner", "model", "info"}, room) {
			t.Errorf("pipeline/site reaches %s", folder)
		}
		for _, file := range parse(t, folder) {
			ast.Inspect(file, func(n ast.Node) bool {
				s, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "he" && slices.Contains(secrets, s.Sel.Name) {
					t.Errorf("%s, which pipeline/site reaches, names he.%s", folder, s.Sel.Name)
				}
				return true
			})
		}
	}
	if len(reached) < 4 {
		t.Errorf("only %v is reached", reached)
	}
}
