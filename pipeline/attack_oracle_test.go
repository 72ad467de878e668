package pipeline_test

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"genoveil/genomics/test"
	"genoveil/he"
	"genoveil/pipeline/format"
	"genoveil/pipeline/owner"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/private"
)

// TestAttackByOrderOfErrors: a site makes one file of sums. In every block the first column
// asks a question about the key (here: noise that is refused or not), and the last chunk has
// a residue that no reader accepts, which is public. A block whose question is refused
// counts as failed and decryption goes on; at the first whose question is not, the error of
// the bad chunk ends it, with the chunk's number and without the words "check failed". So
// the message says how many blocks in a row were refused: log2(blocks+1) bits a try, not one,
// in a sentence that looks like a fault of the disk and tells the owner to ask for the file
// again. Whatever the answers, the message must be the same.
func TestAttackByOrderOfErrors(t *testing.T) {
	w := pipelinetest.NewSmallWorld(t)
	c := pipelinetest.Simulated(t, 100, 5000, 0, 0) // 5 blocks
	w.Encrypt(c.All())
	w.Query("case", c.Status)
	w.Run("case", "honest")
	for _, threads := range []int{1, 2} {
		messages := map[string][]int{}
		for refused := range 5 {
			whole, err := format.OpenSums(w.Path("honest.sums"))
			w.Must(err)
			out, index, err := whole.SumsMeta.Create(w.Path("forged.sums"))
			w.Must(err)
			first, last := map[int]int{}, map[int]int{}
			for e, i := range index {
				if at, ok := first[e.Block]; !ok || i < at {
					first[e.Block] = i
				}
				last[e.Block] = max(last[e.Block], i)
			}
			for e, i := range index {
				sum, err := whole.Read(e)
				w.Must(err)
				if i == first[e.Block] && e.Block < refused {
					sum.Residues[3]++ // stands for noise that crosses the limit, depending on the key
				}
				if i == last[e.Block] {
					sum.Residues[0] = math.MaxUint32
				}
				w.Must(out.WriteChunk(i, format.BytesOf(sum.Residues)))
			}
			_, err = out.Commit()
			w.Must(err)
			whole.Close()
			d, err := w.Decryption("case", "forged")
			w.Must(err)
			d.Threads = threads
			err = pipelinetest.WriteTables(t.Context(), d, test.Output{Prefix: w.Path("forged"), Models: true})
			if err == nil {
				t.Fatal("damaged sums passed")
			}
			messages[err.Error()] = append(messages[err.Error()], refused)
		}
		if len(messages) > 1 {
			t.Errorf("%d threads: the message tells how many blocks were refused before:\n%v", threads, messages)
		}
	}
}

// TestAttackByProgress: what the log says of progress ("N of M variants done", in the JSON
// log too) leaves out the blocks that failed, so it says how many did, and when.
func TestAttackByProgress(t *testing.T) {
	w := pipelinetest.NewSmallWorld(t)
	c := pipelinetest.Simulated(t, 100, 5000, 0, 0)
	w.Encrypt(c.All())
	w.Query("case", c.Status)
	w.Run("case", "honest")
	var seen [][]int
	for _, damaged := range [][]int{{0}, {3}, {0, 2, 3}} {
		forged(w, "honest", func(e format.SumEntry, sum *he.Sum) {
			if e.Plane == format.Dosage && slices.Contains(damaged, e.Block) {
				sum.Residues[3]++
			}
		})
		d, err := w.Decryption("case", "forged")
		w.Must(err)
		var reports []int
		d.Progress = func(done, _ int) { reports = append(reports, done) }
		err = pipelinetest.WriteTables(t.Context(), d, test.Output{Prefix: w.Path("forged"), Models: true})
		if err == nil {
			t.Fatal("damaged sums passed")
		}
		seen = append(seen, reports)
	}
	if !slices.Equal(seen[0], seen[1]) || !slices.Equal(seen[0], seen[2]) {
		t.Errorf("progress depends on which blocks fail: %v", seen)
	}
}

// TestAttackByPartialTables: the hidden table under way can be read by everybody whom the
// umask lets, and stays where decryption is killed. Its length says which block was the
// first to fail.
func TestAttackByPartialTables(t *testing.T) {
	w := pipelinetest.NewSmallWorld(t)
	c := pipelinetest.Simulated(t, 100, 5000, 0, 0)
	w.Encrypt(c.All())
	w.Query("case", c.Status)
	w.Run("case", "honest")
	d, err := w.Decryption("case", "honest")
	w.Must(err)
	var worst os.FileMode
	d.Progress = func(int, int) {
		entries, _ := filepath.Glob(w.Path(".honest.*.partial"))
		for _, name := range entries {
			if info, err := os.Stat(name); err == nil && info.Size() > 0 && !strings.HasSuffix(name, ".lock") {
				worst |= info.Mode().Perm()
			}
		}
	}
	err = pipelinetest.WriteTables(t.Context(), d, test.Output{Prefix: w.Path("honest"), Models: true})
	w.Must(err)
	if worst&0o077 != 0 {
		t.Errorf("an unfinished table has mode %v", worst)
	}
}

// TestAttackByLinkedIndex: an owner who keeps one index, as the documentation asks for, and
// links it into the directory of each project. Each query must count in the one index;
// instead the first query of every project replaces the link by a copy, which counts by
// itself: twelve checks are drawn with one key, no index knows of more than four, nobody is
// warned.
func TestAttackByLinkedIndex(t *testing.T) {
	for name, link := range map[string]func(old, new string) error{"symbolic": os.Symlink, "hard": os.Link} {
		t.Run(name, func(t *testing.T) {
			w := pipelinetest.NewSmallWorld(t)
			c := pipelinetest.Simulated(t, 70, 1300, 0, 0)
			w.Encrypt(c.All())
			key := w.Index().CheckID
			most := 0
			for _, project := range []string{"a", "b", "c"} {
				w.Must(os.Mkdir(w.Path(project), 0o700))
				path := w.Path(project + "/cohort.index")
				w.Must(link(w.Path("cohort.index"), path))
				for i := range 4 {
					index, err := private.OpenIndex(path)
					w.Must(err)
					job := owner.TraitsJob{
						Index: index, Secret: w.Secret, Test: test.Find("chi2"), Sections: index.Whole(test.Chi2Trait("CASE", c.Status, true)),
						TraitsPath: w.Path(project + string(rune('0'+i)) + ".traits"), PrivatePath: w.Path(project + string(rune('0'+i)) + ".private"),
					}
					q, err := job.Run(t.Context())
					if err != nil {
						return // refused: that is a mend, too
					}
					if q.CheckID != key {
						t.Fatal("other keys")
					}
					most = max(most, len(index.Checks))
					index.Close()
				}
			}
			if most < 12 {
				t.Errorf("12 checks with one key, and the most that any index has counted is %d", most)
			}
		})
	}
}
