package slurm

import (
	"fmt"
	"strings"
	"text/template"
)

// A Script is a file for sbatch.
type Script struct {
	Name  string
	Text  string
	Tasks int // of the array, 0 for a single job
}

// warning is how many seconds before the time limit a task is told to save what it
// has. A checkpoint is up to 3/8 of the memory, and the chunk of samples under way is
// finished before; 750 MB take 1 to 6 s to save. It is at most a third of the limit,
// so that a task has time to get on.
func (j *Job) warning() int64 { return min(120+4*j.Memory/1e9, int64(j.Minutes)*60/3) }

// fanIn is the number of files that one task merges.
const fanIn = 64

// Scripts are the array of shards and, where shards are merged, the levels of the
// tree that merges them: the last has one task, which writes Output.
func (j *Job) Scripts() []Script {
	scripts := []Script{{Name: ShardsName, Text: j.render(shardScript, nil), Tasks: j.Shards}}
	if j.Suffix == "" {
		return scripts
	}
	inputs, n := "shard", j.Shards
	for level := 1; ; level++ {
		m := merge{Level: level, Inputs: inputs, Count: n, FanIn: fanIn, Tasks: (n + fanIn - 1) / fanIn}
		name := fmt.Sprintf("merge-%d.sh", level)
		if m.Tasks == 1 {
			return append(scripts, Script{Name: "merge.sh", Text: j.render(mergeScript, &m)})
		}
		scripts = append(scripts, Script{Name: name, Text: j.render(mergeScript, &m), Tasks: m.Tasks})
		inputs, n = fmt.Sprintf("merged-%d", level), m.Tasks
	}
}

// A merge is one level of the tree.
type merge struct {
	Level  int
	Inputs string // what the files' names begin with
	Count  int    // of files
	FanIn  int
	Tasks  int
}

func (j *Job) render(t *template.Template, m *merge) string {
	var text strings.Builder
	err := t.Execute(&text, map[string]any{
		"Job": j, "Merge": m, "Command": strings.Join(quoted(j.Command), " "), "Program": Quote(j.Program), "Dir": Quote(j.Dir()),
		"Output": Quote(j.Output), "Product": Quote(j.Product()), "Options": strings.Join(quoted(j.Options), " "), "Name": Quote(j.Name), "Half": j.Memory / 2e6, "Log": j.log("%a"), "Megabytes": j.Memory / 1e6, "Warning": j.warning(),
	})
	if err != nil {
		panic(err) // templates and data are both ours
	}
	return text.String()
}

func quoted(words []string) []string {
	all := make([]string, len(words))
	for i, word := range words {
		all[i] = Quote(word)
	}
	return all
}

// Quote protects a word from the shell.
func Quote(word string) string {
	if word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,+@%") == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

var shardScript = template.Must(template.New("").Parse(`#!/bin/bash
#SBATCH --job-name={{.Name}}
#SBATCH --array=1-{{.Job.Shards}}
#SBATCH --ntasks=1
#SBATCH --cpus-per-task={{.Job.CPUs}}
#SBATCH --mem={{.Megabytes}}M
#SBATCH --time={{.Job.Minutes}}
{{- if .Job.GPUs}}
#SBATCH --gpus-per-task={{.Job.GPUs}}
{{- end}}
#SBATCH --output={{.Log}}
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --signal=B:USR1@{{.Warning}}

# Each task computes one shard. Written by 'genoveil submit'; may be edited, and is
# used again by 'genoveil resume'.{{if .Options}} Submitted with {{.Options}}{{end}}
dir={{.Dir}}
i=$SLURM_ARRAY_TASK_ID
{{- if not .Job.Suffix}}
if [ -e {{.Product}} ]; then
	exit 0 # another task has completed the cohort
fi
{{- end}}
rm -f "$dir/shard-$i.json"

{{.Program}} {{.Command}} \
	--shard "$i/{{.Job.Shards}}" --threads "${SLURM_CPUS_PER_TASK:-{{.Job.CPUs}}}" \
	-o {{if .Job.Suffix}}"$dir/shard-$i{{.Job.Suffix}}"{{else}}{{.Output}}{{end}} --log json --record "$dir/shard-$i.json" &

# Before the time limit Slurm sends USR1: genoveil saves what it has and exits with 75,
# and the task goes back into the queue. At TERM it does the same, but what comes then
# is Slurm's to say: a cancelled task ends, a preempted one is put back.
task=$!
trap 'again=yes; kill -TERM $task' USR1
trap 'kill -TERM $task' TERM
wait $task
while kill -0 $task 2>/dev/null; do
	wait $task # a signal ended the wait, not the task
done
wait $task
status=$?
if [ "$again" ] && [ $status -eq 75 ]; then
	scontrol requeue "${SLURM_ARRAY_JOB_ID}_$i"
fi
exit $status
`))

var mergeScript = template.Must(template.New("").Parse(`#!/bin/bash
#SBATCH --job-name={{.Name}}-merge
{{- if gt .Merge.Tasks 1}}
#SBATCH --array=1-{{.Merge.Tasks}}
{{- end}}
#SBATCH --ntasks=1
#SBATCH --cpus-per-task={{.Job.CPUs}}
#SBATCH --mem={{.Megabytes}}M
#SBATCH --time={{.Job.Minutes}}
#SBATCH --output={{.Job.Dir}}/merge-{{.Merge.Level}}{{if gt .Merge.Tasks 1}}-%a{{end}}.log
#SBATCH --open-mode=append
#SBATCH --requeue

# Adds up what {{if eq .Merge.Inputs "shard"}}the shards{{else}}the level before{{end}} wrote. Written by 'genoveil submit'.
dir={{.Dir}}
{{- if gt .Merge.Tasks 1}}
i=$SLURM_ARRAY_TASK_ID
first=$(((i - 1) * {{.Merge.FanIn}} + 1))
last=$((i * {{.Merge.FanIn}} < {{.Merge.Count}} ? i * {{.Merge.FanIn}} : {{.Merge.Count}}))
{{- else}}
first=1
last={{.Merge.Count}}
{{- end}}
files=()
for ((k = first; k <= last; k++)); do
	files+=("$dir/{{.Merge.Inputs}}-$k{{.Job.Suffix}}")
done
exec {{.Program}} merge "${files[@]}" --threads "${SLURM_CPUS_PER_TASK:-{{.Job.CPUs}}}" --memory {{.Half}}MB --log json -o {{if gt .Merge.Tasks 1}}"$dir/merged-{{.Merge.Level}}-$i{{.Job.Suffix}}"{{else}}{{.Output}} --complete{{end}}
`))
