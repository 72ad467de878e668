// Package bundle packs files of a study's folder for a mail or a stick, and unpacks them
// where the folder cannot be mounted. Bundles may arrive in any order, twice, cut off or
// damaged, and from anybody: Import writes only names that the caller allows, replaces
// nothing, and takes nothing of a bundle that is not whole.
//
//	     "genoveil study bundle v1\n"
//	4    length H of the table
//	H    for each entry: length of the path (2), path, bytes of the whole file (8), where
//	     the entry begins in it (8), bytes of the entry (8), SHA-256 of the whole file (32)
//	32   SHA-256 of everything above
//	     the bytes of the entries, one after another
//	32   SHA-256 of everything above
//
// Integers are little-endian. A bundle has a path once. A file that fits no bundle is
// continued: only the first and the last entry of a bundle can be parts of files. The sums find
// accidents; whoever alters a bundle on purpose can make them anew. The signatures of the
// study protect what is in it.
package bundle
