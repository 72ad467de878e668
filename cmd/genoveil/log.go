package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"genoveil/pipeline/progress"
)

// Values of --log.
const (
	textLog = "text"
	jsonLog = "json"
)

// openLog has the session log as --log says: messages on standard error, one a line, or
// JSON records.
func (s *session) openLog(format string) error {
	switch format {
	case textLog:
		s.logTo(textHandler{s.stderr})
	case jsonLog:
		s.json = true
		s.logTo(slog.NewJSONHandler(escapingWriter{s.stderr}, nil))
	default:
		return usagef("--log takes 'text' or 'json', not %q", format)
	}
	return nil
}

// logTo has the session log there and in its journal.
func (s *session) logTo(handler slog.Handler) {
	s.log = slog.New(slog.NewMultiHandler(handler, textHandler{&s.journal}))
}

// textHandler prints messages alone: they are sentences, and their attributes,
// which JSON records carry, only repeat them.
type textHandler struct{ w io.Writer }

func (h textHandler) Enabled(context.Context, slog.Level) bool { return true }
func (h textHandler) WithAttrs([]slog.Attr) slog.Handler       { return h }
func (h textHandler) WithGroup(string) slog.Handler            { return h }

func (h textHandler) Handle(_ context.Context, r slog.Record) error {
	prefix := ""
	switch {
	case r.Level >= slog.LevelError:
		prefix = "error: "
	case r.Level >= slog.LevelWarn:
		prefix = "warning: "
	}
	_, err := fmt.Fprintf(h.w, "%s%s\n", prefix, printable(r.Message))
	return err
}

// An escapingWriter writes as JSON escapes the characters that control a terminal and that
// encoding/json lets through: DEL and those from U+0080 to U+009F.
type escapingWriter struct{ w io.Writer }

func (e escapingWriter) Write(record []byte) (int, error) {
	var safe []byte
	for _, r := range string(record) {
		if r >= 0x7f && r < 0xa0 {
			safe = fmt.Appendf(safe, `\u%04x`, r)
		} else {
			safe = utf8.AppendRune(safe, r)
		}
	}
	if _, err := e.w.Write(safe); err != nil {
		return 0, err
	}
	return len(record), nil
}

// printable writes characters that would control a terminal as Go writes them: messages
// name what stands in files from elsewhere.
func printable(text string) string {
	var safe strings.Builder
	for _, r := range text {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) {
			safe.WriteRune(r)
		} else {
			quoted := strconv.QuoteRune(r)
			safe.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return safe.String()
}

// progressInterval is the time between lines of progress where there is no
// terminal.
const progressInterval = time.Minute

// progress shows how far a step is: a bar on a terminal, otherwise one line a minute in
// the log. finish must be called at the end.
func (s *session) progress(what string) (report progress.Func, finish func()) {
	if f, ok := s.stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) && !s.json {
		return bar(f, what)
	}
	last := time.Now()
	return func(done, total int) {
		if time.Since(last) < progressInterval {
			return
		}
		last = time.Now()
		message := fmt.Sprintf("%d %s done", done, what)
		if total > 0 {
			message = fmt.Sprintf("%d of %d %s done", done, total, what)
		}
		s.log.Info(message, "done", done, "total", total, "of", what)
	}, func() {}
}

func bar(w io.Writer, what string) (progress.Func, func()) {
	container := mpb.New(mpb.WithOutput(w), mpb.WithWidth(60))
	bar := container.AddBar(0,
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.CurrentNoUnit("%d"), decor.Name(" "+what+" ")),
		mpb.AppendDecorators(decor.Percentage(), decor.Name(" "), decor.AverageETA(decor.ET_STYLE_GO)),
	)
	return func(done, total int) {
			bar.SetTotal(int64(total), false)
			bar.SetCurrent(int64(done))
		}, func() {
			bar.SetTotal(-1, true)
			container.Wait()
		}
}
