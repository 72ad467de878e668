package bgen

import (
	"bytes"
	"encoding/binary"
	"math/big"

	"genoveil/genomics"

	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// A variant is what the tests write.
type variant struct {
	id, rsid, chrom string
	pos             uint32
	alleles         []string
	phased          bool
	width           int
	ploidies        []byte // and the bit for missing
	least, greatest byte
	probabilities   []uint64
}

func put16(out *bytes.Buffer, s string) {
	out.Write(binary.LittleEndian.AppendUint16(nil, uint16(len(s))))
	out.WriteString(s)
}

func put32(out *bytes.Buffer, n int) { out.Write(binary.LittleEndian.AppendUint32(nil, uint32(n))) }

// data are a variant's data, written bit by bit.
func (v variant) data() []byte {
	var out bytes.Buffer
	put32(&out, len(v.ploidies))
	out.Write(binary.LittleEndian.AppendUint16(nil, uint16(len(v.alleles))))
	out.Write([]byte{v.least, v.greatest})
	out.Write(v.ploidies)
	phased := byte(0)
	if v.phased {
		phased = 1
	}
	out.Write([]byte{phased, byte(v.width)})
	bits := new(big.Int)
	for i, p := range v.probabilities {
		bits.Or(bits, new(big.Int).Lsh(new(big.Int).SetUint64(p), uint(i*v.width)))
	}
	stream := make([]byte, (len(v.probabilities)*v.width+7)/8)
	bits.FillBytes(stream)
	for i := len(stream) - 1; i >= 0; i-- {
		out.WriteByte(stream[i])
	}
	return out.Bytes()
}

var zstdWriter, _ = zstd.NewWriter(nil)

// write writes a file. Names are nil where it has none.
func write(samples int, names []string, compression uint32, free string, variants []variant) []byte {
	var list bytes.Buffer
	flags := compression | layout2<<2
	if names != nil {
		flags |= 1 << 31
		for _, name := range names {
			put16(&list, name)
		}
		body := bytes.Clone(list.Bytes())
		list.Reset()
		put32(&list, 8+len(body))
		put32(&list, samples)
		list.Write(body)
	}
	var out bytes.Buffer
	put32(&out, 20+len(free)+list.Len())
	put32(&out, 20+len(free))
	put32(&out, len(variants))
	put32(&out, samples)
	out.WriteString("bgen" + free)
	put32(&out, int(flags))
	out.Write(list.Bytes())
	for _, v := range variants {
		v.write(&out, compression)
	}
	return out.Bytes()
}

func (v variant) write(out *bytes.Buffer, compression uint32) {
	put16(out, v.id)
	put16(out, v.rsid)
	put16(out, v.chrom)
	put32(out, int(v.pos))
	out.Write(binary.LittleEndian.AppendUint16(nil, uint16(len(v.alleles))))
	for _, allele := range v.alleles {
		put32(out, len(allele))
		out.WriteString(allele)
	}
	data := v.data()
	packed := data
	switch compression {
	case uncompressed:
		put32(out, len(data))
	case zlibbed:
		var z bytes.Buffer
		w := zlib.NewWriter(&z)
		w.Write(data)
		w.Close()
		packed = z.Bytes()
	case zstandard:
		packed = zstdWriter.EncodeAll(data, nil)
	}
	if compression != uncompressed {
		put32(out, len(packed)+4)
		put32(out, len(data))
	}
	out.Write(packed)
}

// skipped says why the variant should be passed over, or "".
func (v variant) skipped() string {
	switch {
	case len(v.alleles) < 2:
		return genomics.NoAlt
	case len(v.alleles) > 2:
		return genomics.MultiAllelic
	case v.alleles[1] == "<DEL>":
		return genomics.SymbolicAlt
	case v.alleles[0] == "<DEL>":
		return genomics.OddAlleles
	case v.greatest > 2:
		return otherPloidy
	}
	return ""
}

// dosages are the exact dosages of the second allele of diploid and haploid samples, nil
// where they are missing.
func (v variant) dosages() []*big.Rat {
	one := int64(1<<v.width - 1)
	rest := v.probabilities
	var all []*big.Rat
	for _, p := range v.ploidies {
		n := int(p & 0x3f)
		mine := rest[:n]
		rest = rest[n:]
		var parts int64
		switch {
		case n == 0:
			all = append(all, nil)
			continue
		case n == 1:
			parts = 2 * (one - int64(mine[0]))
		case v.phased:
			parts = 2*one - int64(mine[0]) - int64(mine[1])
		default: // P(0/1) + 2 P(1/1)
			parts = int64(mine[1]) + 2*(one-int64(mine[0])-int64(mine[1]))
		}
		if p&0x80 != 0 {
			all = append(all, nil)
		} else {
			all = append(all, big.NewRat(parts, one))
		}
	}
	return all
}
