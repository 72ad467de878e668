package slurm

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/chunkfile"
)

// A Job is a command that is computed in shards. It is kept in a directory of its
// own (Dir), which has the scripts, the logs, and what the shards write.
type Job struct {
	Version int      `json:"version"`
	Program string   `json:"program"` // absolute path of genoveil
	Command []string `json:"command"` // without shard, threads, output and record
	Output  string   `json:"output"`  // what all shards together make
	Suffix  string   `json:"suffix"`  // of the shards' files, which are to be merged; empty if the shards write Output themselves
	Shards  int      `json:"shards"`

	Name    string   `json:"name"`
	CPUs    int      `json:"cpus"`    // a task
	Memory  int64    `json:"memory"`  // bytes a task
	Minutes int      `json:"minutes"` // time limit of a task
	GPUs    int      `json:"gpus,omitempty"`
	Options []string `json:"options,omitempty"` // further options of sbatch, on its command line

	Submitted []Submission `json:"submitted"`
}

// A Submission is one call of sbatch.
type Submission struct {
	ID     string `json:"id"`
	Script string `json:"script"`
	Tasks  []int  `json:"tasks,omitempty"` // of an array
}

const (
	version   = 1
	stateName = "job.json"

	// maxState bounds job.json: a submission lists up to a million tasks, of 15 bytes each.
	maxState = 256 << 20

	// ShardsName is the script of the array, in the job's directory.
	ShardsName = "shards.sh"
)

// Dir is the directory of the job that makes an output.
func Dir(output string) string { return output + ".slurm" }

// Dir is the job's directory.
func (j *Job) Dir() string { return Dir(j.Output) }

// OpensKey says that the tasks need the owner's secret key, and its passphrase if it has
// one: 'encrypt genotypes' does.
func (j *Job) OpensKey() bool { return j.Command[0] == "encrypt" }

// path names a file in the job's directory.
func (j *Job) path(name string) string { return filepath.Join(j.Dir(), name) }

// ShardFile is what a shard writes, where shards are merged.
func (j *Job) ShardFile(shard int) string { return j.path(fmt.Sprintf("shard-%d%s", shard, j.Suffix)) }

// Record is the final record of a shard: it is there when the shard is done.
func (j *Job) Record(shard int) string { return j.path(fmt.Sprintf("shard-%d.json", shard)) }

// Product is the file that is there when all is done.
func (j *Job) Product() string {
	if j.Suffix == "" {
		return j.Output + ".index"
	}
	return j.Output
}

// log is where a shard's messages go.
func (j *Job) log(shard string) string { return j.path("shard-" + shard + ".log") }

// Create makes the job's directory with its scripts. The output must be new.
func (j *Job) Create() error {
	if _, err := os.Stat(j.Product()); err == nil {
		return fmt.Errorf("%s: already exists; choose a different name or remove it", j.Product())
	}
	if err := os.Mkdir(j.Dir(), 0o777); errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s: was submitted before; look at it with 'genoveil status', continue it with 'genoveil resume', or remove it", j.Dir())
	} else if err != nil {
		return err
	}
	for _, s := range j.Scripts() {
		if err := atomicfile.Write(j.path(s.Name), []byte(s.Text), 0o777); err != nil {
			return err
		}
	}
	return j.save()
}

func (j *Job) save() error {
	j.Version = version
	text, err := json.MarshalIndent(j, "", "  ")
	if err != nil {
		return err
	}
	return errors.Join(atomicfile.Clean(j.path(stateName)), atomicfile.Write(j.path(stateName), append(text, '\n'), 0o666))
}

// Load reads the job of a directory.
func Load(dir string) (*Job, error) {
	path := filepath.Join(dir, stateName)
	text, err := chunkfile.ReadSmall(path, maxState)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no job found here; give the directory that 'genoveil submit' made", dir)
	}
	if err != nil {
		return nil, err
	}
	j := new(Job)
	if err := json.Unmarshal(text, j); err != nil {
		return nil, fmt.Errorf("%s: damaged (%w)", path, err)
	}
	if j.Version != version || j.Shards < 1 || len(j.Command) == 0 || filepath.Clean(j.Dir()) != filepath.Clean(dir) {
		return nil, fmt.Errorf("%s: is not the job of %s, or was made by a different version; run this in the directory where 'submit' was run", path, dir)
	}
	return j, nil
}

// number writes a number of shards: "3" or, for an array, "1-8".
func numbers(tasks []int) string {
	text := ""
	for i := 0; i < len(tasks); {
		last := i
		for last+1 < len(tasks) && tasks[last+1] == tasks[last]+1 {
			last++
		}
		if text != "" {
			text += ","
		}
		text += strconv.Itoa(tasks[i])
		if last > i {
			text += "-" + strconv.Itoa(tasks[last])
		}
		i = last + 1
	}
	return text
}
