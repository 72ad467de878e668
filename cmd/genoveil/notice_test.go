package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// NOTICE lists the modules that the two programs contain, with their versions, and
// says which are in genoveil-cuda alone.
func TestNoticeListsLinkedModules(t *testing.T) {
	linked := map[string]string{}
	for _, module := range listModules(t, "CGO_ENABLED=1", "-tags=cuda") {
		linked[module] = "genoveil-cuda alone"
	}
	for _, module := range listModules(t, "CGO_ENABLED=0") {
		linked[module] = ""
	}

	notice, err := os.ReadFile("../../NOTICE")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for _, line := range regexp.MustCompile(`(?m)^  (\S+ v\d\S*)(?: \((genoveil-cuda alone)\))?`).FindAllStringSubmatch(string(notice), -1) {
		listed[line[1]] = line[2]
	}
	if diff := cmp.Diff(linked, listed); diff != "" {
		t.Errorf("linked (-), in NOTICE (+):\n%s", diff)
	}
}

// listModules lists the modules that a build links, one for each package.
func listModules(t *testing.T, env string, flags ...string) []string {
	t.Helper()
	const format = "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}"
	list := exec.Command("go", append([]string{"list", "-deps", "-f", format}, flags...)...)
	list.Env = append(os.Environ(), env)
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	modules := strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' })
	if len(modules) == 0 {
		t.Fatal("the go command lists no modules")
	}
	return modules
}
