// Package folder has the files by which the parties of a study speak to each other: signed
// messages, each written once, and the payloads that they list. The folder that carries
// them is nobody's friend: it may delay, drop, swap and alter files, and show different ones
// to different sites. What is not complete and validly signed is not there yet.
package folder
