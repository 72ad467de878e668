// Package filetest makes hostile and damaged files for tests, and bounds what reading them
// may take.
package filetest
