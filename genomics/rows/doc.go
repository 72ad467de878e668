// Package rows reads the rows of a table that have a number in each of some columns.
//
// A table is text, plain or compressed. The first line names the columns, perhaps behind a #;
// lines before it that begin with ## are comments. Columns are separated by commas if the first line
// has them, else by tabs if it has any, else by spaces. Between commas and tabs a field may
// be empty.
//
// Rows without a number in one of the columns are left out and counted. [text.Missing] says
// what stands for no number: not -9, which is one. It is counted, since PLINK's tables have
// it where there is none.
//
// Columns named IID or ID name the row, which may be there once.
package rows
