package computation

import "genoveil/genomics/meta"

// readCalibration finds the variants of the charter's calibration in the list.
func readCalibration(path string, l *meta.List) (controls, nulls []int32, err error) {
	c, err := meta.OpenControls(path)
	if err != nil {
		return nil, nil, err
	}
	if controls, err = l.Find(c.Known); err != nil {
		return nil, nil, err
	}
	nulls, err = l.Find(c.Null)
	return controls, nulls, err
}
