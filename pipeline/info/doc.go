// Package info says in words what a file is, from its header.
package info
