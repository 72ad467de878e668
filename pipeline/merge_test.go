package pipeline_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"genoveil/genomics/pheno"
	"genoveil/genomics/test"
	"genoveil/pipeline/format"
	"genoveil/pipeline/owner"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/private"
	"genoveil/pipeline/site"
)

// TestRefusals: files that do not belong together are named and refused, by
// merge, run and decrypt.
func TestRefusals(t *testing.T) {
	c := pipelinetest.Simulated(t, 200, 500, 0.02, 500)
	w := pipelinetest.NewSmallWorld(t)
	w.Encrypt(c.All())
	w.Query("case", c.Status)
	other := append([]pheno.Status(nil), c.Status...)
	other[0], other[1] = pheno.Case, pheno.Control
	w.Query("other", other)
	for i := 1; i <= 3; i++ {
		w.Must(w.Job("case", fmt.Sprintf("part%d", i), format.Shard{Index: i, Count: 3}).Run(t.Context()))
	}
	w.Run("other", "other")

	foreign := pipelinetest.NewSmallWorld(t)
	foreign.Encrypt(c.All())
	foreign.Query("case", c.Status)
	foreign.Run("case", "case")

	merge := func(names ...string) error {
		var paths []string
		for _, name := range names {
			if !strings.Contains(name, "/") {
				name = w.Path(name + ".sums")
			}
			paths = append(paths, name)
		}
		_, err := (&site.MergeJob{Paths: paths, Path: w.Path("merged.sums"), Threads: 2, Memory: 1 << 20}).Run(t.Context())
		return err
	}
	decrypt := func(query, sums string) error {
		_, _, err := w.TryDecrypt(query, sums)
		return err
	}
	for _, test := range []struct {
		name, want string
		do         func() error
	}{
		{"a shard twice", "both contain sample", func() error { return merge("part1", "part2", "part2") }},
		{"nothing to merge", "no sums to merge", func() error { return merge() }},
		{"another query", "answers a different query", func() error { return merge("part1", "other") }},
		{"another cohort", "comes from a different cohort", func() error { return merge("part1", foreign.Path("case.sums")) }},
		{"a missing shard", "samples 65 to 128 of 200 are missing", func() error {
			w.Must(merge("part1", "part3"))
			return decrypt("case", "merged")
		}},
		{"the last shards missing", "samples 65 to 200 of 200 are missing", func() error { return decrypt("case", "part1") }},
		{"another query's private file", "answers a different query", func() error { return decrypt("other", "part1") }},
		{"another cohort's sums", "comes from a different cohort", func() error {
			d, err := w.Decryption("case", "part1")
			w.Must(err)
			if d.Sums, err = format.OpenSums(foreign.Path("case.sums")); err != nil {
				return err
			}
			defer d.Sums.Close()
			err = pipelinetest.WriteTables(t.Context(), d, test.Output{Prefix: w.Path("x")})
			return err
		}},
		{"another key", "the secret key is not the one", func() error {
			d, err := w.Decryption("other", "other")
			w.Must(err)
			d.Secret = foreign.Secret
			err = pipelinetest.WriteTables(t.Context(), d, test.Output{Prefix: w.Path("x")})
			return err
		}},
		{"traits of another cohort", "was encrypted for a different cohort", func() error {
			job := w.Job("case", "x", format.Whole)
			traits, err := format.OpenTraits(foreign.Path("case.traits"))
			w.Must(err)
			defer traits.Close()
			job.Traits = traits
			return job.Run(t.Context())
		}},
		{"another evaluation key", "keys differ", func() error {
			job := w.Job("case", "x", format.Whole)
			job.Keys = foreign.Keys
			return job.Run(t.Context())
		}},
		{"a trait with the wrong key", "the secret key is not the one", func() error {
			index, err := private.OpenIndex(w.Path("cohort.index"))
			w.Must(err)
			defer index.Close()
			_, err = (&owner.TraitsJob{
				Index: index, Secret: foreign.Secret, Sections: index.Whole(test.Chi2Trait("CASE", c.Status, true)),
				TraitsPath: w.Path("x.traits"), PrivatePath: w.Path("x.private"),
			}).Run(t.Context())
			return err
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := test.do(); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

func TestParseShard(t *testing.T) {
	for _, text := range []string{"1/1", "3/7", "1000/1000"} {
		s, err := format.ParseShard(text)
		if err != nil || fmt.Sprintf("%d/%d", s.Index, s.Count) != text {
			t.Errorf("%s: %v, %v", text, s, err)
		}
	}
	for _, text := range []string{"", "1", "0/1", "2/1", "-1/2", "1/0", "a/b", "1/2/3", "1/2 "} {
		if s, err := format.ParseShard(text); err == nil {
			t.Errorf("%q was read as %v", text, s)
		}
	}
}

// TestShardsCoverAll: for any count, the ranges follow one another and cover all.
func TestShardsCoverAll(t *testing.T) {
	for n := range 40 {
		for count := 1; count < 50; count++ {
			next := 0
			for i := 1; i <= count; i++ {
				from, to := format.Shard{Index: i, Count: count}.Chunks(n)
				if from != next || to < from {
					t.Fatalf("shard %d/%d of %d chunks: %d to %d after %d", i, count, n, from, to, next)
				}
				next = to
			}
			if next != n {
				t.Fatalf("%d shards end at %d of %d", count, next, n)
			}
		}
	}
}

// TestMergeManyShards merges 1000 shards, most of them empty, in one step, in little
// memory, and as a tree: the files are the same.
func TestMergeManyShards(t *testing.T) {
	c := pipelinetest.Simulated(t, 700, 300, 0.02, 300)
	w := pipelinetest.NewSmallWorld(t)
	w.Encrypt(c.All())
	w.Query("case", c.Status)
	w.Run("case", "whole")
	const shards = 1000
	var paths, tens []string
	job := w.Job("case", "", format.Whole)
	for i := 1; i <= shards; i++ {
		job.Shard, job.Path = format.Shard{Index: i, Count: shards}, w.Path(fmt.Sprintf("part%d.sums", i))
		w.Must(job.Run(t.Context()))
		paths = append(paths, job.Path)
	}
	merge := func(name string, memory int64, complete bool, paths ...string) error {
		_, err := (&site.MergeJob{Paths: paths, Path: w.Path(name), Complete: complete, Threads: 2, Memory: memory}).Run(t.Context())
		return err
	}
	w.Must(merge("once.sums", 1<<30, true, paths...))
	w.Must(merge("slabs.sums", 100_000, true, paths...))
	for group := range slices.Chunk(paths, 10) {
		tens = append(tens, fmt.Sprintf("tens%d.sums", len(tens)))
		w.Must(merge(tens[len(tens)-1], 1<<30, false, group...))
		tens[len(tens)-1] = w.Path(tens[len(tens)-1])
	}
	w.Must(merge("tree.sums", 1<<30, true, tens...))
	want, err := os.ReadFile(w.Path("once.sums"))
	w.Must(err)
	for _, name := range []string{"slabs.sums", "tree.sums"} {
		if got, err := os.ReadFile(w.Path(name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s differs (%v)", name, err)
		}
	}
	wholeAssoc, _ := w.Decrypt("case", "whole")
	if got, _ := w.Decrypt("case", "once"); !bytes.Equal(got, wholeAssoc) {
		t.Error(pipelinetest.FirstDifference(got, wholeAssoc))
	}

	// 700 samples are 11 chunks; shard 91 is the first of 1000 that has one.
	err = merge("some.sums", 1<<30, true, paths[91:]...)
	if want := "samples 1 to 64 of 700 are missing (shard 91 of 1000)"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
	err = merge("some.sums", 1<<30, true, append(slices.Clone(paths[:500]), paths[636], paths[1])...)
	if want := "samples 321 to 384, 449 to 700 of 700 are missing"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
}
