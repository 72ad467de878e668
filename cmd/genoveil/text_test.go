package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"strings"
	"testing"
	"testing/iotest"
)

func TestParseBytes(t *testing.T) {
	tests := []struct {
		text string
		want int64
	}{
		{"0", 0},
		{"1000000", 1e6},
		{"17B", 17},
		{"3k", 3e3},
		{"500M", 5e8},
		{"500mb", 5e8},
		{"2 GB", 2e9},
		{"4T", 4e12},
		{"9223372TB", 9223372e12},
		{"9223372036854775807", math.MaxInt64},
	}
	for _, test := range tests {
		if got, err := parseBytes(test.text); err != nil || got != test.want {
			t.Errorf("parseBytes(%q) = %d, %v; expected %d", test.text, got, err, test.want)
		}
	}
	for _, text := range []string{"", "B", "-1", "1.5GB", "2PB", "2GiB", "9223372036854775808", "9223373TB", "٣"} {
		if got, err := parseBytes(text); err == nil {
			t.Errorf("parseBytes(%q) = %d, expected an error", text, got)
		}
	}
}

func TestHumanBytes(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1 KB", 1234567: "1.23 MB", 99_900_000: "99.9 MB", 5e9: "5 GB", math.MaxInt64: "9.22e+03 PB"} {
		if got := humanBytes(n); got != want {
			t.Errorf("humanBytes(%d) = %q, expected %q", n, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 blocks", 1: "1 block", 2: "2 blocks"} {
		if got := count(n, "block"); got != want {
			t.Errorf("count(%d) = %q, expected %q", n, got, want)
		}
	}
}

func TestInterruptiblePassesEverything(t *testing.T) {
	text := strings.Repeat("variants ", 50_000)
	got, err := io.ReadAll(interruptible(t.Context(), iotest.HalfReader(strings.NewReader(text))))
	if err != nil || string(got) != text {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	broken := errors.New("broken pipe")
	got, err = io.ReadAll(interruptible(t.Context(), io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken))))
	if err != broken || string(got) != text {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestInterruptibleEndsWithItsContext(t *testing.T) {
	silent, writer := io.Pipe() // never says anything
	defer writer.Close()
	ctx, cancel := context.WithCancel(t.Context())
	r := interruptible(ctx, silent)
	cancel()
	if n, err := io.ReadAll(r); len(n) > 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d bytes, %v", len(n), err)
	}
}

// TestMessagesArePrintable: what a file from elsewhere says reaches a terminal as text.
func TestMessagesArePrintable(t *testing.T) {
	for message, want := range map[string]string{
		"wrote a.sums":          "wrote a.sums\n",
		"χ², 3 × 4, “Größe”":    "χ², 3 × 4, “Größe”\n",
		"two\nlines\tand a tab": "two\nlines\tand a tab\n",
		"\x1b]0;owned\a\x1b[2J": `\x1b]0;owned\a\x1b[2J` + "\n",
		"\x7f \u202e \u0085 \r": `\x7f \u202e \u0085 \r` + "\n",
		"a\xffb":                "a\ufffdb\n",
	} {
		var out strings.Builder
		slog.New(textHandler{&out}).Info(message)
		if out.String() != want {
			t.Errorf("%q is %q", message, out.String())
		}
	}
}
