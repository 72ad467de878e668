package main

import (
	"runtime/debug"
	"testing"
)

func TestVersionOf(t *testing.T) {
	stamped := func(modified string) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: []debug.BuildSetting{
			{Key: "vcs", Value: "git"},
			{Key: "vcs.revision", Value: "4a268bb0123456789abcdef0123456789abcdef0"},
			{Key: "vcs.modified", Value: modified},
		}}
	}
	for _, test := range []struct {
		name, commit string
		info         *debug.BuildInfo
		want         string
	}{
		{"stamped by the go command", "", stamped("false"), release + " (commit 4a268bb01234)"},
		{"stamped, with changes", "", stamped("true"), release + " (commit 4a268bb01234, modified)"},
		{"by make", "d70ee9712345", &debug.BuildInfo{}, release + " (commit d70ee9712345)"},
		{"by make, with changes", "d70ee9712345-dirty", &debug.BuildInfo{}, release + " (commit d70ee9712345, modified)"},
		{"make goes first", "d70ee9712345", stamped("true"), release + " (commit d70ee9712345)"},
		{"no commit known", "", &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, release},
		{"no information", "", nil, release},
	} {
		if got := versionOf(test.commit, test.info); got != test.want {
			t.Errorf("%s: %s, expected %s", test.name, got, test.want)
		}
	}
}
