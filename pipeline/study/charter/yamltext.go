package charter

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	unknownKey = regexp.MustCompile(`field (\S+) (not found|already set) in type .+`)
	keyTwice   = regexp.MustCompile(`mapping key "([^"]*)" already defined at line (\d+)`)
	otherKind  = regexp.MustCompile("cannot unmarshal !!(\\w+)(?: `([^`]*)`)? into (\\S+)")
)

// YAMLText says in plain words what a YAML decoder did not like.
func YAMLText(err error) string {
	var lines []string
	for line := range strings.Lines(strings.TrimPrefix(err.Error(), "yaml: ")) {
		line = strings.TrimSpace(line)
		if line == "" || line == "unmarshal errors:" {
			continue
		}
		line = unknownKey.ReplaceAllStringFunc(line, func(text string) string {
			m := unknownKey.FindStringSubmatch(text)
			return fmt.Sprintf("%s %.40q", map[string]string{"not found": "there is no setting", "already set": "twice there is the setting"}[m[2]], m[1])
		})
		line = keyTwice.ReplaceAllString(line, `the setting "$1" is there already, in line $2`)
		line = otherKind.ReplaceAllStringFunc(line, func(text string) string {
			m := otherKind.FindStringSubmatch(text)
			what := fmt.Sprintf("%.40q", m[2])
			switch {
			case m[1] == "seq":
				what = "a list"
			case m[1] == "map":
				what = "a group of settings"
			case m[2] == "":
				what = "nothing"
			}
			return fmt.Sprintf("%s where there should be %s", what, kindText(m[3]))
		})
		lines = append(lines, line)
	}
	return strings.Join(lines, "; ")
}

// kindText is a type of Go in the words of who writes YAML.
func kindText(kind string) string {
	switch {
	case kind == "int":
		return "a whole number"
	case kind == "float64":
		return "a number"
	case kind == "bool":
		return "yes or no"
	case kind == "string":
		return "a text"
	case kind == "[]string":
		return "a list, such as [a, b]"
	case strings.HasPrefix(kind, "[]"):
		return "a list"
	}
	return "a group of settings"
}
