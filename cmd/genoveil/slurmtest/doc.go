// Package slurmtest has tests that start a Slurm of their own ('make test-slurm').
package slurmtest
