package bundle

// small is what is not worth to be split: a file of up to that goes into the next bundle as
// a whole, and a bundle with less room than that is full. It fits into every bundle.
const small = minBundle / 2

// plan spreads files, given as whole entries, over bundles of at most maxSize bytes.
func plan(files []entry, maxSize int64) (bundles [][]entry) {
	var entries []entry
	room := maxSize - int64(fixedSize)
	for _, e := range files {
		for {
			left := e.total - e.offset
			fits := room - e.size()
			enough := fits >= left || fits >= small && e.total > small
			if len(entries) == maxEntries || !enough {
				bundles, entries, room = append(bundles, entries), nil, maxSize-int64(fixedSize)
				continue
			}
			e.length = min(left, fits)
			entries, room = append(entries, e), fits-e.length
			if e.ends() {
				break
			}
			e.offset += e.length
		}
	}
	if len(entries) > 0 {
		bundles = append(bundles, entries)
	}
	return bundles
}
