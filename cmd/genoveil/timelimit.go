package main

import (
	"fmt"
	"time"
)

// mostHours bounds a time limit, which Slurm counts in minutes: 11 years.
const mostHours = 100_000

// parseLimit reads a time limit.
func parseLimit(text string) (time.Duration, error) {
	var h, m, s int
	if n, err := fmt.Sscanf(text, "%d:%02d:%02d", &h, &m, &s); err != nil || n != 3 || h < 0 || m < 0 || m > 59 || s < 0 || s > 59 || fmt.Sprintf("%d:%02d:%02d", h, m, s) != text {
		return 0, fmt.Errorf("%q is not a time such as 4:00:00", text)
	}
	if h >= mostHours {
		return 0, fmt.Errorf("%q is too long; give less than %d:00:00", text, mostHours)
	}
	d := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second
	if d < 10*time.Minute {
		return 0, fmt.Errorf("%q is less than ten minutes, too short for a task to start and to save its work", text)
	}
	return d, nil
}
