// Package pipelinetest has what tests of several rooms of pipeline share: simulated cohorts
// in memory, and directories with everything that an owner and a compute site have.
package pipelinetest
