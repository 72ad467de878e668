//go:build cuda

package cuda

import (
	"fmt"
	"slices"

	"genoveil/gpu"
	"genoveil/he"
)

// An accumulator keeps reduced sums [column][component][prime][N] on every device that
// has added to them.
type accumulator struct {
	e       *Engine
	columns []int
	sums    []gpu.Words // by device, each under the lock of its device
}

// NewAccumulator starts sums at zero.
func (e *Engine) NewAccumulator(columns []int) he.Accumulator {
	return &accumulator{e: e, columns: columns, sums: make([]gpu.Words, len(e.units))}
}

// on returns the sums on a device, whose lock is held.
func (a *accumulator) on(device int) (gpu.Words, error) {
	if a.sums[device].Len() == 0 {
		u := a.e.units[device]
		sums, err := u.device.Alloc(len(a.columns) * a.e.chain.SumLen(3))
		if err != nil {
			return gpu.Words{}, err
		}
		if err := u.compute.Zero(sums); err != nil {
			return gpu.Words{}, err
		}
		a.sums[device] = sums
	}
	return a.sums[device], nil
}

// Add queues the work; chunks may be used again when it returns.
func (e *Engine) Add(d he.Constants, products []he.Product) error {
	c := d.(*constants)
	for _, p := range products {
		if p.Samples != c.samples {
			return fmt.Errorf("%d samples in the chunk, %d expanded", p.Samples, c.samples)
		}
	}
	// One launch takes products with the same columns.
	products = slices.Clone(products)
	columns := func(p he.Product) []int { return p.Accumulator.(*accumulator).columns }
	slices.SortStableFunc(products, func(a, b he.Product) int { return slices.Compare(columns(a), columns(b)) })
	c.u.mu.Lock()
	defer c.u.mu.Unlock()
	for products := range slices.Chunk(products, batchChunks) {
		if err := e.add(c, products); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) add(c *constants, products []he.Product) error {
	device := slices.Index(e.units, c.u)
	var chunks []he.Chunk
	var sums []gpu.Words
	var groups []int // where they begin
	for i, p := range products {
		a := p.Accumulator.(*accumulator)
		own, err := a.on(device)
		if err != nil {
			return err
		}
		chunks, sums = append(chunks, p.Chunk), append(sums, own)
		if i == 0 || !slices.Equal(a.columns, products[i-1].Accumulator.(*accumulator).columns) {
			groups = append(groups, i)
		}
	}
	columnsOf := func(group int) []int { return products[groups[group]].Accumulator.(*accumulator).columns }
	lengths := []int{6 * len(products)}
	for g := range groups {
		lengths = append(lengths, len(columnsOf(g)))
	}
	lists, done, err := c.u.send(chunks, lengths, func(c0, c1 []gpu.Words) [][]uint32 {
		var addresses []uint32
		for i := range products {
			addresses = slices.Concat(addresses, address(c0[i]), address(c1[i]), address(sums[i]))
		}
		lists := [][]uint32{addresses}
		for g := range groups {
			var list []uint32
			for _, column := range columnsOf(g) {
				list = append(list, uint32(column))
			}
			lists = append(lists, list)
		}
		return lists
	})
	if err != nil {
		return err
	}
	for g, first := range groups {
		last := len(products)
		if g+1 < len(groups) {
			last = groups[g+1]
		}
		err := c.u.ring.Accumulate(c.u.compute, lists[0].Slice(6*first, 6*last), last-first, lists[1+g], len(columnsOf(g)),
			c.d, c.samples, c.columns, len(e.chain.Sums))
		if err != nil {
			return err
		}
	}
	return done()
}

// Save adds the running sums of a column from all devices.
func (a *accumulator) Save(k int, dst []uint32) error {
	size := a.e.chain.SumLen(3)
	clear(dst)
	row := make([]uint32, size)
	for i, u := range a.e.units {
		if a.sums[i].Len() == 0 {
			continue
		}
		if err := u.compute.Read(row, a.sums[i].Slice(k*size, (k+1)*size)); err != nil {
			return err
		}
		if err := a.e.chain.AddSum(dst, row); err != nil {
			return err
		}
	}
	return nil
}

// Restore continues a running sum, on the first device.
func (a *accumulator) Restore(k int, src []uint32) error {
	if err := (he.Sum{Components: 3, Residues: src}).Validate(a.e.chain); err != nil {
		return err
	}
	size := a.e.chain.SumLen(3)
	for i, u := range a.e.units {
		if err := a.restore(i, u, k*size, (k+1)*size, src); err != nil {
			return err
		}
	}
	return nil
}

func (a *accumulator) restore(device int, u *expander, from, to int, src []uint32) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if device == 0 {
		sums, err := a.on(0)
		if err != nil {
			return err
		}
		return u.compute.Write(sums.Slice(from, to), src)
	}
	if a.sums[device].Len() == 0 {
		return nil
	}
	return u.compute.Zero(a.sums[device].Slice(from, to))
}

// relinearizeColumns is the number of columns that are relinearised together: 7 MB each
// with three primes and N = 8192.
const relinearizeColumns = 32

// Sums relinearises: the third component is key-switched from s² to s.
func (a *accumulator) Sums() ([]he.Sum, error) {
	for i := range a.e.units[1:] {
		if a.sums[i+1].Len() == 0 {
			continue
		}
		// More than one device has sums: bring them together on the first.
		row := make([]uint32, a.e.chain.SumLen(3))
		for k := range a.columns {
			if err := a.Save(k, row); err != nil {
				return nil, err
			}
			if err := a.Restore(k, row); err != nil {
				return nil, err
			}
		}
		break
	}
	u := a.e.units[0]
	u.mu.Lock()
	defer u.mu.Unlock()
	all, err := a.on(0)
	if err != nil {
		return nil, err
	}
	var sums []he.Sum
	size := a.e.chain.SumLen(3)
	for first := 0; first < len(a.columns); first += relinearizeColumns {
		last := min(first+relinearizeColumns, len(a.columns))
		some, err := u.sums(all.Slice(first*size, last*size), last-first)
		if err != nil {
			return nil, err
		}
		sums = append(sums, some...)
	}
	for i, u := range a.e.units {
		if a.sums[i].Len() > 0 {
			u.device.Free(a.sums[i])
		}
	}
	a.sums = nil
	return sums, nil
}

// sums relinearises `count` sums [3][prime][N].
func (u *unit) sums(three gpu.Words, count int) ([]he.Sum, error) {
	primes := len(u.chain.Sums)
	pair, size := u.chain.SumLen(2), u.chain.SumLen(3)
	a, free, err := u.scratch(count * pair)
	if err != nil {
		return nil, err
	}
	defer free()
	switched := a[0]
	if err := u.keySwitch(switched, three.Slice(pair, three.Len()), size, count, u.relinearize); err != nil {
		return nil, err
	}
	for k := range count {
		own := switched.Slice(k*pair, (k+1)*pair)
		if err := u.ring.AddRows(u.compute, own, own, three.Slice(k*size, k*size+pair), 0, primes); err != nil {
			return nil, err
		}
	}
	residues := make([]uint32, count*pair)
	if err := u.compute.Read(residues, switched); err != nil {
		return nil, err
	}
	var sums []he.Sum
	for own := range slices.Chunk(residues, pair) {
		sums = append(sums, he.Sum{Components: 2, Residues: own})
	}
	return sums, nil
}
