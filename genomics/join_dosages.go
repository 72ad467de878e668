package genomics

// JoinDosages reads several files of dosages as one, as Join does.
func JoinDosages(files []File[DosageSource]) (DosageSource, error) {
	j, err := join(files)
	if err != nil {
		return nil, err
	}
	return joinedDosages{j}, nil
}

// joinedDosages is a DosageSource of several files.
type joinedDosages struct{ *joined[DosageSource] }

func (j joinedDosages) NextDosages(v *Variant, row DosageRow) error {
	for j.open() {
		if j.took(v, j.now.NextDosages(v, row)) {
			return nil
		}
	}
	return j.err
}
