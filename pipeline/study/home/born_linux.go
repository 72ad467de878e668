package home

import "golang.org/x/sys/unix"

// born is when a file was made, in nanoseconds; 0 where the file system does not say.
func born(path string) int64 {
	var stat unix.Statx_t
	if unix.Statx(unix.AT_FDCWD, path, 0, unix.STATX_BTIME, &stat) != nil || stat.Mask&unix.STATX_BTIME == 0 {
		return 0
	}
	return stat.Btime.Sec*1e9 + int64(stat.Btime.Nsec)
}
