package slurm

import (
	"bufio"
	"bytes"
	"encoding/json"
	"time"

	"genoveil/pipeline/chunkfile"
)

// Said is what the log of a task says of its last run.
type Said struct {
	Share   float64       // done, 0 … 1
	Takes   time.Duration // of a whole shard at the pace so far; 0 if unknown
	At      time.Time     // when it said so
	Failure string        // the last error
}

// readLog reads the log of a shard: JSON lines of genoveil, and what bash and
// slurmstepd print between them. Where there is no log, nothing was said.
func readLog(path string) (s Said) {
	f, err := chunkfile.OpenFile(path)
	if err != nil {
		return s
	}
	defer f.Close()
	var begin time.Time // of the run, or when it continued
	var before float64  // done then
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var line struct {
			Time        time.Time
			Level, Msg  string
			Shard       string
			Done, Total float64
			Continued   bool // from a checkpoint
		}
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			if bytes.HasPrefix(lines.Bytes(), []byte("slurmstepd")) || bytes.Contains(lines.Bytes(), []byte("Killed")) {
				s.Failure = lines.Text()
			}
			continue
		}
		switch {
		case line.Level == "ERROR":
			s.Failure = line.Msg
		case line.Total > 0:
			s.Share, s.At = line.Done/line.Total, line.Time
			if line.Continued {
				begin, before = line.Time, line.Done
			} else if line.Done > before && !begin.IsZero() {
				s.Takes = time.Duration(float64(line.Time.Sub(begin)) * line.Total / (line.Done - before))
			}
		case line.Shard != "":
			s, begin, before = Said{}, line.Time, 0
		}
	}
	return s
}
