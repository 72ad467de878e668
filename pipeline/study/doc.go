// Package study is what people do in a study of several institutions: they make its folder,
// join it, confirm each other's keys by a phrase, propose and approve analyses, and let
// their program take the steps in between. A site's data stay at home; docs/studies.md says
// what leaves it, and what can be learnt from that.
package study
