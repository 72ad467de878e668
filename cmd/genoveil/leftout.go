package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"genoveil/genomics"
	"genoveil/genomics/chrom"
)

// logSkipped says what was left out: by filters, in their order, and for other reasons.
func logSkipped(log *slog.Logger, skipped map[string]int) {
	place := func(reason string) int {
		flag, _, _ := strings.Cut(strings.TrimPrefix(reason, "--"), ":")
		if at := slices.Index(siteFilters, flag); at >= 0 {
			return at
		}
		return len(siteFilters)
	}
	for _, reason := range slices.SortedFunc(maps.Keys(skipped), func(a, b string) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b))
	}) {
		n := skipped[reason]
		log.Info(fmt.Sprintf("%s left out: %s", count(n, "variant"), reason), "variants", n, "reason", reason)
	}
}

// logSkippedRows says which rows of tables were left out.
func logSkippedRows(log *slog.Logger, skipped map[string]int) {
	for _, reason := range slices.Sorted(maps.Keys(skipped)) {
		n := skipped[reason]
		log.Info(fmt.Sprintf("%s left out: %s", count(n, "row"), reason), "rows", n, "reason", reason)
	}
}

// logAbsent says which chromosomes of --chr the input does not have.
func logAbsent(log *slog.Logger, s *chrom.Selection) {
	if s == nil || s.Absent() == "" {
		return
	}
	log.Warn(fmt.Sprintf("--chr: the input has no variant on %s; it has variants on %s", s.Absent(), s.Met()), "absent", s.Absent())
}

// logNotes says what the reads were like.
func logNotes(log *slog.Logger, notes []genomics.Note) {
	for _, note := range notes {
		level := slog.LevelInfo
		if note.Warning {
			level = slog.LevelWarn
		}
		log.Log(context.Background(), level, note.String())
	}
}
