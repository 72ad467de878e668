package main

import (
	"runtime/debug"
	"strings"
)

// release is the version that this source is. The suffix -dev says that it comes
// before that version.
const release = "0.5.0-dev"

// commit is set by make, with -ldflags -X: builds that the go command does not stamp
// have it too. It is what git describe --dirty prints.
var commit string

// version is the release and the commit that it was built from, where that is known.
func version() string {
	info, _ := debug.ReadBuildInfo()
	return versionOf(commit, info)
}

func versionOf(commit string, info *debug.BuildInfo) string {
	commit, modified := strings.CutSuffix(commit, "-dirty")
	if commit == "" && info != nil {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				commit = s.Value[:min(len(s.Value), 12)]
			case "vcs.modified":
				modified = s.Value == "true"
			}
		}
	}
	switch {
	case commit == "":
		return release
	case modified:
		return release + " (commit " + commit + ", modified)"
	default:
		return release + " (commit " + commit + ")"
	}
}
