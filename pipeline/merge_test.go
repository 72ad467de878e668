package pipeline

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"genoveil/genomics/pheno"
)

// TestRefusals: files that do not belong together are named and refused, by
// merge, run and decrypt.
func TestRefusals(t *testing.T) {
	c := simulated(t, 200, 500, 0.02, 500)
	w := newSmallWorld(t)
	w.encrypt(c.all())
	w.query("case", c.status)
	other := append([]pheno.Status(nil), c.status...)
	other[0], other[1] = pheno.Case, pheno.Control
	w.query("other", other)
	for i := 1; i <= 3; i++ {
		w.must(w.job("case", fmt.Sprintf("part%d", i), Shard{i, 3}).Run(t.Context()))
	}
	w.run("other", "other")

	foreign := newSmallWorld(t)
	foreign.encrypt(c.all())
	foreign.query("case", c.status)
	foreign.run("case", "case")

	merge := func(names ...string) error {
		var paths []string
		for _, name := range names {
			if !strings.Contains(name, "/") {
				name = w.path(name + ".sums")
			}
			paths = append(paths, name)
		}
		_, err := (&MergeJob{Paths: paths, Path: w.path("merged.sums"), Threads: 2, Memory: 1 << 20}).Run(t.Context())
		return err
	}
	decrypt := func(query, sums string) error {
		_, _, err := w.tryDecrypt(query, sums)
		return err
	}
	for _, test := range []struct {
		name, want string
		do         func() error
	}{
		{"a shard twice", "both contain sample", func() error { return merge("part1", "part2", "part2") }},
		{"nothing to merge", "no sums to merge", func() error { return merge() }},
		{"another query", "answers a different query", func() error { return merge("part1", "other") }},
		{"another cohort", "comes from a different cohort", func() error { return merge("part1", foreign.path("case.sums")) }},
		{"a missing shard", "samples 65 to 128 of 200 are missing", func() error {
			w.must(merge("part1", "part3"))
			return decrypt("case", "merged")
		}},
		{"the last shards missing", "samples 65 to 200 of 200 are missing", func() error { return decrypt("case", "part1") }},
		{"another query's private file", "answers a different query", func() error { return decrypt("other", "part1") }},
		{"another cohort's sums", "comes from a different cohort", func() error {
			d, err := w.decryption("case", "part1")
			w.must(err)
			if d.Sums, err = OpenSums(foreign.path("case.sums")); err != nil {
				return err
			}
			defer d.Sums.Close()
			_, err = d.WriteChi2(t.Context(), Chi2Output{Prefix: w.path("x")})
			return err
		}},
		{"another key", "the secret key is not the one", func() error {
			d, err := w.decryption("other", "other")
			w.must(err)
			d.Secret = foreign.secret
			_, err = d.WriteChi2(t.Context(), Chi2Output{Prefix: w.path("x")})
			return err
		}},
		{"traits of another cohort", "was encrypted for a different cohort", func() error {
			job := w.job("case", "x", Whole)
			traits, err := OpenTraits(foreign.path("case.traits"))
			w.must(err)
			defer traits.Close()
			job.Traits = traits
			return job.Run(t.Context())
		}},
		{"another evaluation key", "keys differ", func() error {
			job := w.job("case", "x", Whole)
			job.Keys = foreign.keys
			return job.Run(t.Context())
		}},
		{"a trait with the wrong key", "the secret key is not the one", func() error {
			index, err := OpenIndex(w.path("cohort.index"))
			w.must(err)
			defer index.Close()
			_, err = (&TraitsJob{
				Index: index, Secret: foreign.secret, Sections: index.Whole(Chi2Trait("CASE", c.status, true)),
				TraitsPath: w.path("x.traits"), PrivatePath: w.path("x.private"),
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
		s, err := ParseShard(text)
		if err != nil || fmt.Sprintf("%d/%d", s.Index, s.Count) != text {
			t.Errorf("%s: %v, %v", text, s, err)
		}
	}
	for _, text := range []string{"", "1", "0/1", "2/1", "-1/2", "1/0", "a/b", "1/2/3", "1/2 "} {
		if s, err := ParseShard(text); err == nil {
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
				from, to := Shard{i, count}.chunks(n)
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
	c := simulated(t, 700, 300, 0.02, 300)
	w := newSmallWorld(t)
	w.encrypt(c.all())
	w.query("case", c.status)
	w.run("case", "whole")
	const shards = 1000
	var paths, tens []string
	job := w.job("case", "", Whole)
	for i := 1; i <= shards; i++ {
		job.Shard, job.Path = Shard{i, shards}, w.path(fmt.Sprintf("part%d.sums", i))
		w.must(job.Run(t.Context()))
		paths = append(paths, job.Path)
	}
	merge := func(name string, memory int64, complete bool, paths ...string) error {
		_, err := (&MergeJob{Paths: paths, Path: w.path(name), Complete: complete, Threads: 2, Memory: memory}).Run(t.Context())
		return err
	}
	w.must(merge("once.sums", 1<<30, true, paths...))
	w.must(merge("slabs.sums", 100_000, true, paths...))
	for group := range slices.Chunk(paths, 10) {
		tens = append(tens, fmt.Sprintf("tens%d.sums", len(tens)))
		w.must(merge(tens[len(tens)-1], 1<<30, false, group...))
		tens[len(tens)-1] = w.path(tens[len(tens)-1])
	}
	w.must(merge("tree.sums", 1<<30, true, tens...))
	want, err := os.ReadFile(w.path("once.sums"))
	w.must(err)
	for _, name := range []string{"slabs.sums", "tree.sums"} {
		if got, err := os.ReadFile(w.path(name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s differs (%v)", name, err)
		}
	}
	wholeAssoc, _ := w.decrypt("case", "whole")
	if got, _ := w.decrypt("case", "once"); !bytes.Equal(got, wholeAssoc) {
		t.Error(firstDifference(got, wholeAssoc))
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
