package genoveil_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
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
	"study":   {},
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
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, e.Name()), nil, parser.SkipObjectResolution|parser.ParseComments)
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
			if inside, ours := strings.CutPrefix(imported(t, spec), "genoveil/"); ours {
				all = append(all, inside)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// imported is the path of the package that is imported.
func imported(t *testing.T, spec *ast.ImportSpec) string {
	t.Helper()
	path, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// below lists a folder and all folders in it.
func below(t *testing.T, folder string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			all = append(all, filepath.ToSlash(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// roomOf is the room or tool of pipeline that a package is in; empty for others.
func roomOf(path string) string {
	inside, _ := strings.CutPrefix(path, "pipeline/")
	if inside == path {
		return ""
	}
	room, _, _ := strings.Cut(inside, "/")
	return room
}

// TestRooms holds the walls between the rooms of pipeline.
func TestRooms(t *testing.T) {
	found := map[string]bool{}
	for _, folder := range below(t, "pipeline") {
		from := roomOf(folder)
		if slices.Contains(testHelpers, from) {
			continue
		}
		may, isRoom := rooms[from]
		if isRoom {
			found[from] = true
		}
		for _, path := range imports(t, folder) {
			to := roomOf(path)
			_, room := rooms[to]
			if (room && !slices.Contains(may, to) || slices.Contains(testHelpers, to)) && to != from {
				t.Errorf("%s imports %s", folder, path)
			}
		}
	}
	if len(found) != len(rooms) {
		t.Errorf("%d of %d rooms are there", len(found), len(rooms))
	}
	// These folders are in no room, and whoever imported them would be in all.
	for _, folder := range []string{".", "pipeline"} {
		for _, file := range parse(t, folder) {
			if len(file.Decls) > 0 {
				t.Errorf("%s has code; put it into a room", folder)
			}
		}
	}
}

// secrets is what package he has of secrets: keys, and what is made with one.
var secrets = []string{
	"SecretKey", "SecretKeyFromBytes", "GenerateSecret", "GenerateEvaluationKeys", "GenerateScoreKeys", "MaskKey", "CheckModulus", "Check",
	"Encryptor", "NewEncryptor", "ColumnEncryptor", "NewColumnEncryptor", "ModelEncryptor", "NewModelEncryptor",
	"SumDecryptor", "NewSumDecryptor", "ScoreDecryptor", "NewScoreDecryptor",
}

// mentions says whether code speaks of one of the names.
func mentions(node ast.Node, names []string) bool {
	found := false
	ast.Inspect(node, func(n ast.Node) bool {
		x, ok := n.(*ast.Ident)
		found = found || ok && slices.Contains(names, x.Name)
		return true
	})
	return found
}

// TestSecrets: the list of secrets is whole. What has a secret in its declaration is one,
// but for methods, which nobody has without the value.
func TestSecrets(t *testing.T) {
	declared := map[string]bool{}
	for _, file := range parse(t, "he") {
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				declared[d.Name.Name] = true
				if d.Recv == nil && d.Name.IsExported() && !slices.Contains(secrets, d.Name.Name) && mentions(d.Type, secrets) {
					t.Errorf("he.%s takes or returns a secret: add it to this list", d.Name.Name)
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						declared[s.Name.Name] = true
						if s.Name.IsExported() && !slices.Contains(secrets, s.Name.Name) && mentions(s.Type, secrets) {
							t.Errorf("he.%s holds a secret: add it to this list", s.Name.Name)
						}
					case *ast.ValueSpec:
						if slices.ContainsFunc(s.Names, (*ast.Ident).IsExported) && mentions(s, secrets) {
							t.Errorf("he.%s is of a secret", s.Names[0].Name)
						}
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
}

// privateKinds lists the kinds of files that the room of private files reads.
func privateKinds(t *testing.T) []string {
	t.Helper()
	var kinds []string
	for _, file := range parse(t, "pipeline/private") {
		ast.Inspect(file, func(n ast.Node) bool {
			s, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for i, name := range s.Names {
				if !strings.HasSuffix(name.Name, "Kind") || i >= len(s.Values) {
					continue
				}
				if value, ok := s.Values[i].(*ast.BasicLit); ok {
					kinds = append(kinds, value.Value)
				}
			}
			return true
		})
	}
	return kinds
}

// leaks lists the ways in which a file has secrets within its reach.
func leaks(t *testing.T, file *ast.File, kinds []string) []string {
	t.Helper()
	var found []string
	he := map[string]bool{} // names of the package
	for _, spec := range file.Imports {
		path := imported(t, spec)
		switch inside, ours := strings.CutPrefix(path, "genoveil/"); {
		case ours && slices.Contains([]string{"private", "owner", "model", "info"}, roomOf(inside)),
			strings.HasPrefix(inside, "he/"): // engines and helpers of tests make keys and read encryptors'
			found = append(found, "imports "+path)
		case spec.Name != nil && spec.Name.Name == "." && ours:
			found = append(found, "imports "+path+" without a name")
		case inside == "he" && spec.Name == nil:
			he["he"] = true
		case inside == "he":
			he[spec.Name.Name] = true
		}
	}
	for _, group := range file.Comments {
		for _, c := range group.List {
			if strings.HasPrefix(c.Text, "//go:linkname ") {
				found = append(found, "has "+c.Text)
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && he[x.Name] && slices.Contains(secrets, n.Sel.Name) {
				found = append(found, "names he."+n.Sel.Name)
			}
		case *ast.BasicLit:
			if slices.Contains(kinds, n.Value) {
				found = append(found, "has the kind "+n.Value)
			}
		}
		return true
	})
	return found
}

// TestSiteReachesNoSecret: nothing of pipeline that the room of the compute site imports,
// however indirectly, is a room with secrets, names what package he has of them or opens
// private files. The tests of that room do: they play both roles.
func TestSiteReachesNoSecret(t *testing.T) {
	kinds := privateKinds(t)
	if len(kinds) < 2 {
		t.Errorf("only the kinds %v are private", kinds)
	}
	reached := below(t, "pipeline/site")
	for i := 0; i < len(reached); i++ {
		for _, path := range imports(t, reached[i]) {
			if roomOf(path) != "" && !slices.Contains(reached, path) {
				reached = append(reached, path)
			}
		}
		for _, file := range parse(t, reached[i]) {
			for _, leak := range leaks(t, file, kinds) {
				t.Errorf("%s, which pipeline/site reaches, %s", reached[i], leak)
			}
		}
	}
	if len(reached) < 4 {
		t.Errorf("only %v is reached", reached)
	}
}

// TestLeaks: no spelling hides a secret.
func TestLeaks(t *testing.T) {
	for _, text := range []string{
		"import \"genoveil/he\"\nvar k he.SecretKey",
		"import crypt \"genoveil/he\"\nvar k crypt.SecretKey",
		"import . \"genoveil/he\"\nvar k SecretKey",
		"import \"genoveil/he/hetest\"\nvar k = hetest.Keys",
		"import \"genoveil/pipeline/private/keyring\"",
		"import _ \"genoveil/pipeline/owner\"",
		"//go:linkname secret genoveil/he.SecretKeyFromBytes\nfunc secret([]byte)",
		"const mine = \"secret key\"",
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "", "package site\n"+text, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if leaks(t, file, privateKinds(t)) == nil {
			t.Errorf("%q passes", text)
		}
	}
}
