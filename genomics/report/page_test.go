package report

import (
	"bytes"
	"math"
	"regexp"
	"strings"
	"testing"
)

func page(t *testing.T, s *Scan, p Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := s.WritePage(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPageSaysWhatItWasTold(t *testing.T) {
	s := simulated(2000)
	s.Add(Result{Chrom: "1", LogP: math.NaN()})
	text := page(t, s, Page{
		Title:    "Height & weight",
		Sections: []Section{{"Timings", []Row{{"Encryption", "12 s"}}}, {"Who saw what", []Row{{"Server", "ciphertexts"}}}},
	})
	for _, want := range []string{
		"<title>Height &amp; weight</title>", "<h2>Timings</h2>", "<dt>Encryption</dt><dd>12 s</dd>",
		"<h2>Who saw what</h2>", "<dt>Server</dt><dd>ciphertexts</dd>",
		"<dt>Skipped: no p-value</dt><dd>1</dd>", "<dt>Results with a p-value</dt><dd>2,000</dd>",
		"λ = " + lambdaText(s.Lambda()), s.Loci(1)[0].ID, formatP(s.Loci(1)[0].LogP),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if n := strings.Count(text, `<td class="name">`); n != topLoci {
		t.Errorf("the table has %d loci", n)
	}
}

func TestPageIsSelfContained(t *testing.T) {
	for name, s := range extremes() {
		text := page(t, s, Page{Title: name})
		if found := regexp.MustCompile(`(?i)\s(src|href|srcset)=|url\(|@import|<script|<link|\son\w+=`).FindString(text); found != "" {
			t.Errorf("%s: the page has %q", name, found)
		}
		_, body, _ := strings.Cut(text, "<body>")
		if found := regexp.MustCompile(`(fill|stroke)[:="]+#\w+`).FindString(body); found != "" {
			t.Errorf("%s: the colour %s is the same on the dark page", name, found)
		}
		if strings.Contains(text, "ZgotmplZ") {
			t.Errorf("%s: the template refused a value", name)
		}
	}
}

// TestPageHasTheFiguresColours finds a light and a dark one for each.
func TestPageHasTheFiguresColours(t *testing.T) {
	text := page(t, simulated(20_000), Page{})
	for _, variable := range regexp.MustCompile(`var\((--\w+)\)`).FindAllStringSubmatch(text, -1) {
		if n := strings.Count(text, variable[1]+": #"); n != 2 {
			t.Fatalf("the colour %s is set %d times", variable[1], n)
		}
	}
	for _, c := range []colour{paper, ink, muted, band, oddDots, evenDots, hitDots} {
		if !strings.Contains(text, ":var(--"+c.name+")") {
			t.Errorf("no figure has the colour %s", c.name)
		}
	}
}

func TestPageEscapes(t *testing.T) {
	for _, hostile := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</svg><b>`, `{{.Title}}`, `</title><b>`, `<!--`, `'`,
	} {
		var s Scan
		s.Add(Result{Chrom: hostile, Pos: 1, ID: hostile, A1: hostile, LogP: 9})
		s.Add(Result{Chrom: "2" + hostile, Pos: 1, ID: ".", A1: hostile, LogP: 12})
		s.skip(hostile)
		text := page(t, &s, withEverything(hostile))
		for kind, figure := range map[string]Figure{"manhattan": s.Manhattan(), "qq": s.QQ()} {
			var file bytes.Buffer
			if err := figure.WriteSVG(&file); err != nil {
				t.Fatal(err)
			}
			checkXML(t, hostile+", "+kind, file.String())
		}
		var plain Scan
		plain.Add(Result{Chrom: "1", Pos: 1, ID: "rs1", A1: "A", LogP: 9})
		plain.Add(Result{Chrom: "2", Pos: 1, ID: ".", A1: "A", LogP: 12})
		plain.skip("x")
		harmless := page(t, &plain, withEverything("x"))
		tag := regexp.MustCompile(`<[a-zA-Z/!][^\s>]*`)
		got, want := tag.FindAllString(text, -1), tag.FindAllString(harmless, -1)
		if strings.Join(got, "") != strings.Join(want, "") {
			t.Errorf("%s: the page has other elements than one without it", hostile)
		}
	}
}

func TestOutputIsDeterministic(t *testing.T) {
	outputs := func() [3][]byte {
		s := simulated(5000)
		s.skip("b")
		s.skip("a")
		var all [3]bytes.Buffer
		for _, err := range []error{
			s.Manhattan().WritePNG(&all[0]), s.QQ().WriteSVG(&all[1]), s.WritePage(&all[2], Page{Title: "x"}),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		return [3][]byte{all[0].Bytes(), all[1].Bytes(), all[2].Bytes()}
	}
	first, second := outputs(), outputs()
	for i := range first {
		if !bytes.Equal(first[i], second[i]) {
			t.Errorf("output %d differs between two runs", i)
		}
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 12345678: "12,345,678", 100000: "100,000"} {
		if got := count(n); got != want {
			t.Errorf("count(%d) = %s", n, got)
		}
	}
}

func TestPrintable(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		want string
	}{
		{"rs12", 22, "rs12"},
		{"chr1:1000000:ACGTACGTACGT:A", 14, "chr1:10…ACGT:A"},
		{"a\x00b\xff", 22, "a?b\ufffd"},
		{"ééééé", 4, "éé…é"},
	} {
		if got := printable(c.text, c.n); got != c.want {
			t.Errorf("printable(%q, %d) = %q, want %q", c.text, c.n, got, c.want)
		}
	}
}
