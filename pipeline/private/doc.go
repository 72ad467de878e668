// Package private is the files that never leave the owner's machine: the secret key, the
// index of a cohort with the keys of its check, the private half of a query. A package
// that imports it may see secrets; package site does not.
package private
