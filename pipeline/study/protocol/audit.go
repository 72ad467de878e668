package protocol

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"genoveil/pipeline/study/folder"
	"genoveil/secagg"
)

// Audit checks all that an analysis's folder has: signatures, transcripts and payloads. It
// tells the story of the analysis, and what does not fit.
func Audit(d *Documents, dir string) (story, problems []string) {
	t := secagg.Transcript(d.D)
	for _, round := range Rounds(dir) {
		var names []string
		var digests [][32]byte
		var files int
		var bytes int64
		for _, party := range d.Approvers() {
			path := filepath.Join(dir, round, folder.MessageName(party))
			p := &Party{Documents: d}
			m, why := p.read(path, round, party)
			if why != "" {
				problems = append(problems, fmt.Sprintf("%s: %s", path, why))
			}
			if m == nil {
				continue
			}
			if round != abandonRound && m.T != folder.Digest(t) {
				problems = append(problems, fmt.Sprintf("%s: %s had read other messages before", path, party))
			}
			if round == approveRound {
				var a Approval
				if json.Unmarshal(m.Body, &a) == nil {
					party += " (" + a.Program + map[bool]string{true: ", consents to being exposed"}[a.Consent] + ")"
				}
			}
			names, digests = append(names, party), append(digests, m.Digest)
			for _, f := range m.Files {
				at := filepath.Join(dir, round, f.Name)
				digest, err := folder.DigestOf(at, f.Size)
				if err == nil && digest != f.SHA256 {
					err = fmt.Errorf("%s: not what was signed", at)
				}
				if err != nil {
					problems = append(problems, err.Error())
					continue
				}
				files, bytes = files+1, bytes+f.Size
			}
		}
		line := fmt.Sprintf("%s: %s", round, strings.Join(names, ", "))
		if files > 0 {
			line += fmt.Sprintf("; %d payload files of %d bytes", files, bytes)
		}
		story = append(story, line)
		if round != abandonRound {
			t = t.Next(round, digests)
		}
	}
	return story, problems
}
