package cpu

// maxRows bounds the rows of AddWeighted: what one Montgomery reduction takes
// (InnerProduct).
const maxRows = 15

// AddWeighted adds to every tile of 64 words of sums the tiles of up to 15 rows at
// the same place, weighted word by word by the rows of a key of 64 words each, the
// same for all tiles:
//
//	sums[64·t+i] += Σ_j rows[j][64·t+i]·key_j[i] mod q
//
// The key comes from InterleaveKey. A row is as long as sums or longer. All residues
// are reduced, before and after.
func (m Modulus) AddWeighted(sums []uint32, rows [][]uint32, key []uint32) {
	if len(rows) == 0 || len(rows) > maxRows || len(key) != tileWidth*len(rows) || len(sums)%tileWidth != 0 {
		panic("cpu: rows and keys that do not make tiles of 64 words")
	}
	for _, row := range rows {
		_ = row[:len(sums)]
	}
	done := m.addWeightedVector(sums, rows, key)
	m.addWeightedPortable(sums[done:], done, rows, key)
}

// addWeightedPortable takes sums from word `first` on.
func (m Modulus) addWeightedPortable(sums []uint32, first int, rows [][]uint32, key []uint32) {
	for i := range sums {
		position := i % tileWidth
		k := key[position/16*16*len(rows)+position%16:]
		sum := uint64(0)
		for j, row := range rows {
			sum += uint64(row[first+i]) * uint64(k[16*j])
		}
		sums[i] = m.Add(sums[i], m.montgomery(sum))
	}
}
