// Package home is what a party of studies keeps to itself: its signing keys, what it
// confirmed, a counter of its messages, and the ledger of what was released of its data.
//
// A home is not to be copied. From a backup of the days of an analysis, and a copy of the
// study's folder, one can read what the site contributed; and a restored home does not know
// what it released after the backup. So a home notices that it was copied, and that the
// folder has messages of its own from after its last one.
package home
