// Package slurmtest contains tests that start their own Slurm ('make test-slurm').
package slurmtest
