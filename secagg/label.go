package secagg

import "encoding/binary"

// domain separates this protocol from any other use of the same keys.
const domain = "genoveil secure aggregation v1"

// label joins a purpose and parts such that no two lists of parts give the same bytes: each
// has its length before it.
func label(purpose string, parts ...[]byte) []byte {
	var l []byte
	for _, part := range append([][]byte{[]byte(domain), []byte(purpose)}, parts...) {
		l = binary.BigEndian.AppendUint64(l, uint64(len(part)))
		l = append(l, part...)
	}
	return l
}

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
