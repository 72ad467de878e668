package vcf

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestInFiles finds regions in the files that have their chromosomes.
func TestInFiles(t *testing.T) {
	path := indexed(t, ".tbi")
	idx, err := readIndex(path)
	if err != nil {
		t.Fatal(err)
	}
	name := idx.names[0]
	const wheat = "testdata/wheat.vcf.gz"
	other, err := readIndex(wheat)
	if err != nil {
		t.Fatal(err)
	}
	there := other.names[0]
	in, err := InFiles([]string{path, wheat, path}, []string{name, there + ":1-2", name + ":1-2"})
	if err != nil || fmt.Sprint(in) != fmt.Sprintf("[[%s %s:1-2] [%s:1-2] [%s %s:1-2]]", name, name, there, name, name) {
		t.Error(in, err)
	}
	plain := filepath.Join(t.TempDir(), "plain.vcf")
	if err := os.WriteFile(plain, []byte(file()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ path, region, want string }{
		{path, "77", `region 77: no records on chromosome "77"; the files have records on ` + strings.Join(idx.names, ", ")},
		{path, name + ":x", fmt.Sprintf("region %s:x: write it as %s or %s:FROM-TO", name, name, name)},
		{plain, name, plain + ": regions need a file compressed with bgzip and indexed with tabix -p vcf"},
		{"none.vcf.gz", name, "open none.vcf.gz: no such file or directory"},
	} {
		if _, err := InFiles([]string{path, test.path}, []string{name, test.region}); err == nil || err.Error() != test.want {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
}
