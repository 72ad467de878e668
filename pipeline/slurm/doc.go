// Package slurm runs a command as an array of Slurm jobs, one shard of the data each,
// followed by jobs that merge what the shards wrote. It writes scripts that a person
// can read, submits them with sbatch and asks squeue; Slurm does the scheduling.
package slurm
