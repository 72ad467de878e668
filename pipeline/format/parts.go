package format

// maxRanges bounds a list for people.
const maxRanges = 20
