// Package charter has the two documents that say what a study is: its charter, and one
// analysis of it. People write them in YAML. A site works with their canonical forms, in
// which every default is written out, so that all sites agree on them byte for byte.
package charter
