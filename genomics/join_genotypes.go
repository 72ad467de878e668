package genomics

// Join reads several files of genotypes as one, in their order. It is an error if one
// cannot be opened, or has other samples than the first or has them in another order.
func Join(files []File[Source]) (Source, error) {
	j, err := join(files)
	if err != nil {
		return nil, err
	}
	return joinedGenotypes{j}, nil
}

// joinedGenotypes is a Source of several files.
type joinedGenotypes struct{ *joined[Source] }

func (j joinedGenotypes) Next(v *Variant, row Row) error {
	for j.open() {
		if j.took(v, j.now.Next(v, row)) {
			return nil
		}
	}
	return j.err
}
