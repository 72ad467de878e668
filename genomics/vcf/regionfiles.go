package vcf

import (
	"os"
	"slices"
)

// InFiles says which of the regions to read from each of several files: those on
// chromosomes that its index has. It is an error if no file has a region's chromosome.
func InFiles(paths, regions []string) ([][]string, error) {
	in := make([][]string, len(paths))
	found := make([]bool, len(regions))
	var chroms []string
	known := map[string]bool{}
	for i, path := range paths {
		idx, err := openIndex(path)
		if err != nil {
			return nil, err
		}
		for k, name := range regions {
			_, ok, err := findRegion(name, idx)
			if err != nil {
				return nil, err
			}
			if ok {
				in[i], found[k] = append(in[i], name), true
			}
		}
		for _, name := range idx.names {
			if !known[name] {
				known[name] = true
				chroms = append(chroms, name)
			}
		}
	}
	if k := slices.Index(found, false); k >= 0 {
		return nil, notThere(regions[k], "the files have", chroms)
	}
	return in, nil
}

// openIndex reads the index of a file that can have one.
func openIndex(path string) (*index, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if err := checkBlocks(file); err != nil {
		return nil, err
	}
	return readIndex(path)
}
