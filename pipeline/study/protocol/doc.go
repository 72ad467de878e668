// Package protocol runs one analysis of a study for one of its parties: approvals, keys,
// and then stages, each of which adds up a vector of all sites (package secagg) or has them
// say something. docs/secure-sums.md has the proof; this package keeps its checklist.
//
// Every state is on disk. A message is complete in the home before anything of it is in the
// folder, and what is sent again is those bytes. What was read of others is kept, so that
// the transcript stays what it was. A step that was killed is taken again.
//
// The home of an analysis has
//
//	documents            charter, keys and analysis, as they were approved
//	secrets              the secret and the key pair, until the analysis is over
//	outbox/ROUND/        the own message and its payload; private: what later rounds need
//	seen/ROUND/NAME.msg  what others said
//	totals/STAGE         the words of a total
//	ended                why there is nothing more to do
//	evidence/            messages that ended it
package protocol
