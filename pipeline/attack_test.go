package pipeline_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"genoveil/genomics/glm"
	"genoveil/genomics/pheno"
	"genoveil/genomics/simulate"
	"genoveil/genomics/test"
	"genoveil/he"
	"genoveil/he/cpu"
	"genoveil/he/hetest"
	"genoveil/he/reference"
	kernels "genoveil/kernels/cpu"
	"genoveil/pipeline/chunkfile"
	"genoveil/pipeline/format"
	"genoveil/pipeline/owner"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/private"
)

// The attacks on the check that a compute site can make with what it has: it evaluates
// any column against any ciphertext, its own included, and puts results where it likes.
// These sites know even more, the values of all columns and which of them are checks,
// so that each attack is one try; with one key κ for all checks all of them passed.

// A heldQuery is a query as the site and a trait's owner who helps it know it.
type heldQuery struct {
	name    string
	private *private.Query
	traits  *format.Traits
	values  [][]int32 // of private.Columns
	first   int       // number of its first column among all that the site holds
}

// A attacker is a compute site with several queries on one cohort.
type attacker struct {
	*pipelinetest.World
	engine  he.Engine
	queries []*heldQuery
	packed  []he.SeededCiphertext

	constants he.Constants // of the first samples
	units     map[unit][]he.Sum
}

// A unit is one sample's genotype of the first variant larger by one, or by the key.
type unit struct {
	sample int
	key    bool
}

// siteOf encrypts the queries and evaluates each honestly into NAME.sums.
func siteOf(w *pipelinetest.World, engine he.Engine, tests map[string]string, queries map[string][]private.TraitSection) *attacker {
	s := &attacker{World: w, engine: engine, units: map[unit][]he.Sum{}}
	for _, name := range slices.Sorted(mapKeys(queries)) {
		job := owner.TraitsJob{
			Index: w.Index(), Secret: w.Secret, Test: test.Find(tests[name]), Sections: queries[name],
			TraitsPath: w.Path(name + ".traits"), PrivatePath: w.Path(name + ".private"),
		}
		private, err := job.Run(w.T.Context())
		w.Must(err)
		w.Run(name, name)
		q := &heldQuery{name: name, private: private, first: len(s.packed)}
		for _, section := range queries[name] {
			for _, trait := range section.Traits {
				for _, c := range trait.Columns {
					if !slices.ContainsFunc(q.values, func(v []int32) bool { return slices.Equal(v, c.Values) }) {
						q.values = append(q.values, c.Values)
					}
				}
			}
		}
		q.traits, err = format.OpenTraits(w.Path(name + ".traits"))
		w.Must(err)
		w.T.Cleanup(func() { q.traits.Close() })
		for k := range q.traits.Columns {
			p, err := q.traits.Packed(0, k)
			w.Must(err)
			s.packed = append(s.packed, p)
		}
		s.queries = append(s.queries, q)
	}
	var err error
	s.constants, err = engine.NewExpansion(s.packed).Expand(0, he.ChunkSamples)
	w.Must(err)
	return s
}

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// shift encrypts what all columns' sums gain at the first variant if a sample's genotype
// is larger by one, with the trivial ciphertext (Δg, 0) in its place. With key, that is
// (0, Δg): the genotypes are the secret.
func (s *attacker) shift(u unit) []he.Sum {
	if sums := s.units[u]; sums != nil {
		return sums
	}
	chain := s.Params.Chain()
	n, primes := chain.N(), len(chain.Sums)
	all := make([]int, len(s.packed))
	for k := range all {
		all[k] = k
	}
	zero := he.EncryptedChunk{Samples: he.ChunkSamples, C0: make([]uint32, chain.ChunkLen(he.ChunkSamples))}
	marked := he.EncryptedChunk{Samples: he.ChunkSamples, C0: make([]uint32, chain.ChunkLen(he.ChunkSamples))}
	for l, q := range chain.Sums {
		m, err := kernels.NewModulus(q)
		s.Must(err)
		for tile := range n / he.TileWidth {
			row := marked.C0[((l*n/he.TileWidth+tile)*he.ChunkSamples+u.sample)*he.TileWidth:][:he.TileWidth]
			for p := range row {
				row[p] = m.Reduce(s.Params.PlaneScale().Uint64())
			}
		}
	}
	with, without := s.engine.NewAccumulator(all), s.engine.NewAccumulator(all)
	// Both have the same second halves, which their difference is free of.
	s.Must(s.engine.Add(s.constants, []he.Product{{Chunk: he.NewChunk(zero, nil), Accumulator: without}}))
	s.Must(s.engine.Add(s.constants, []he.Product{{Chunk: he.NewChunk(marked, nil), Accumulator: with}}))
	result := s.engine.NewAccumulator(all)
	a, b := make([]uint32, chain.SumLen(3)), make([]uint32, chain.SumLen(3))
	for k := range all {
		s.Must(with.Save(k, a))
		s.Must(without.Save(k, b))
		for i := range a {
			q := chain.Sums[i/n%primes]
			a[i] = (a[i] + q - b[i]) % q
		}
		if u.key {
			component := primes * n
			copy(a[component:], slices.Clone(a[:2*component]))
			clear(a[:component])
		}
		s.Must(result.Restore(k, a))
	}
	sums, err := result.Sums()
	s.Must(err)
	s.units[u] = sums
	return sums
}

// addTimes adds x·b to a.
func (s *attacker) addTimes(a []uint32, b he.Sum, x int64) {
	chain := s.Params.Chain()
	n, primes := chain.N(), len(chain.Sums)
	for i := range a {
		q := int64(chain.Sums[i/n%primes])
		a[i] = uint32((int64(a[i]) + ((x%q+q)%q)*int64(b.Residues[i])) % q)
	}
}

// A helper is a combination of the digits of checks, with factors that add up to one.
type helper struct {
	name    string
	checks  []*private.QueryPlane
	queries []*heldQuery
	factors []int64
}

// forge puts into FORGED.sums what the sums of a query would be for altered genotypes,
// in one block and plane, and takes from the digits of the check what the same
// alteration makes of the helper, and adds a constant.
func (s *attacker) forge(target *heldQuery, block int, plane format.Plane, check *private.QueryPlane, genotypes map[unit]int64, h helper, constant []int64) {
	forged(s.World, target.name, func(e format.SumEntry, sum *he.Sum) {
		if e.Block != block || e.Plane != plane {
			return
		}
		for u, x := range genotypes {
			s.addTimes(sum.Residues, s.shift(u)[target.first+e.Column], x)
		}
		if l := slices.Index(check.Digits, e.Column); l >= 0 {
			for u, x := range genotypes {
				for i, helping := range h.checks {
					s.addTimes(sum.Residues, s.shift(u)[h.queries[i].first+helping.Digits[l]], -x*h.factors[i])
				}
			}
			s.addConstant(*sum, constant[l])
		}
	})
}

// forged writes forged.sums: the sums of a query, changed.
func forged(w *pipelinetest.World, sums string, change func(e format.SumEntry, sum *he.Sum)) {
	w.T.Helper()
	whole, err := format.OpenSums(w.Path(sums + ".sums"))
	w.Must(err)
	defer whole.Close()
	out, index, err := whole.SumsMeta.Create(w.Path("forged.sums"))
	w.Must(err)
	for e, i := range index {
		sum, err := whole.Read(e)
		w.Must(err)
		change(e, &sum)
		w.Must(out.WriteChunk(i, format.BytesOf(sum.Residues)))
	}
	_, err = out.Commit()
	w.Must(err)
}

// addConstant adds x to what the first variant's sum decodes to.
func (s *attacker) addConstant(sum he.Sum, x int64) {
	chain := s.Params.Chain()
	for l, q := range chain.Sums {
		m, err := kernels.NewModulus(q)
		s.Must(err)
		value := m.Mul(m.ReduceSigned(x), m.Mul(m.Reduce(s.Params.PlaneScale().Uint64()), m.Reduce(s.SumParams().ColumnScale())))
		row := sum.Residues[l*chain.N():][:chain.N()]
		for j := range row {
			row[j] = m.Add(row[j], value)
		}
	}
}

// refused demands that forged sums fail the check.
func (s *attacker) refused(target *heldQuery, what string) {
	s.T.Helper()
	d, err := s.Decryption(target.name, "forged")
	s.Must(err)
	err = d.Each(s.T.Context(), func(*private.IndexBlock, int, owner.BlockSums) error { return nil })
	var failed *owner.CheckFailed
	if !errors.As(err, &failed) {
		s.T.Errorf("%s: forged sums of %s passed: %v", what, target.name, err)
	}
}

// value is a column's value of a sample.
func (q *heldQuery) value(column, sample int) int64 { return int64(q.values[column][sample]) }

// pair finds two of the first samples that are alike in all columns of the helper and
// differ in one of the target's.
func pair(target *heldQuery, check *private.QueryPlane, h helper) (i, u int, ok bool) {
	for i := range he.ChunkSamples {
		for u := range i {
			alike := true
			for n, helping := range h.checks {
				for _, c := range helping.Columns {
					alike = alike && h.queries[n].value(c, i) == h.queries[n].value(c, u)
				}
			}
			if alike && slices.ContainsFunc(check.Columns, func(c int) bool { return target.value(c, i) != target.value(c, u) }) {
				return i, u, true
			}
		}
	}
	return 0, 0, false
}

// attack tries, on every check of every query, all other checks that the site holds.
// It returns how many forgeries were tried.
func (s *attacker) attack() int {
	s.T.Helper()
	tried := 0
	modulus, err := s.SumParams().NewCheckModulus(len(s.Index().Samples))
	s.Must(err)
	for _, target := range s.queries {
		for _, section := range target.private.Sections {
			for _, plane := range s.Index().Genotypes.Planes() {
				check := section.Planes[plane]
				if check == nil || !slices.Contains(s.Index().Blocks[section.From].Planes, plane) {
					continue
				}
				for _, h := range s.helpers(check) {
					what := fmt.Sprintf("%s of blocks %d to %d by %s", plane, section.From, section.To, h.name)
					// Genotypes of two samples exchanged, in part.
					if i, u, ok := pair(target, check, h); ok {
						for _, key := range []bool{false, true} {
							genotypes := map[unit]int64{{i, key}: 1, {u, key}: -1}
							s.forge(target, section.From, plane, check, genotypes, h, make([]int64, modulus.Digits))
							s.refused(target, fmt.Sprintf("%s (key: %v)", what, key))
						}
						tried++
					}
					// A helper whose owner tells its coefficients: any alteration, made up for by a
					// constant.
					i := slices.IndexFunc(target.values[check.Columns[0]][:he.ChunkSamples], func(x int32) bool { return x != 0 })
					if i < 0 {
						continue
					}
					sum := uint64(0)
					for n, helping := range h.checks {
						for k, c := range helping.Columns {
							sum = modulus.Add(sum, modulus.Mul(helping.Check.Coefficients[k], h.factors[n]*h.queries[n].value(c, i)))
						}
					}
					constant, rest := make([]int64, modulus.Digits), int64(sum)
					for l := range constant {
						constant[l], rest = rest%8191, rest/8191
					}
					s.forge(target, section.From, plane, check, map[unit]int64{{i, false}: 1}, h, constant)
					s.refused(target, what+", whose coefficients are known")
					tried++
				}
			}
		}
	}
	return tried
}

// helpers are all checks but one, each by itself and, of three, twice one less another.
func (s *attacker) helpers(but *private.QueryPlane) []helper {
	var single []helper
	seen := map[string]bool{}
	for _, q := range s.queries {
		for _, section := range q.private.Sections {
			for _, plane := range s.Index().Genotypes.Planes() {
				p := section.Planes[plane]
				name := ""
				if p != nil {
					name = fmt.Sprint(q.name, p.Digits)
				}
				if p == nil || slices.Equal(p.Digits, but.Digits) && p.Check.Point == but.Check.Point || seen[name] {
					continue
				}
				seen[name] = true
				single = append(single, helper{name: fmt.Sprintf("the check of %s in %s", plane, q.name), checks: []*private.QueryPlane{p}, queries: []*heldQuery{q}, factors: []int64{1}})
			}
		}
	}
	all := single
	if len(single) > 1 {
		a, b := single[0], single[len(single)-1]
		all = append(all, helper{
			name: a.name + " twice, less " + b.name, checks: []*private.QueryPlane{a.checks[0], b.checks[0]},
			queries: []*heldQuery{a.queries[0], b.queries[0]}, factors: []int64{2, -1},
		})
	}
	return all
}

// twoValued is a covariate of few values, so that many samples are alike.
func twoValued(n, period int) []float64 {
	values := make([]float64, n)
	for i := range values {
		if i%period < period/2 {
			values[i] = 1
		}
	}
	return values
}

// TestAttackWithOtherChecks: no check that a site holds helps it to alter what another
// one covers, whatever the query, on both engines.
func TestAttackWithOtherChecks(t *testing.T) {
	const samples, variants = 128, 1100
	status := func(period int) []pheno.Status {
		s := make([]pheno.Status, samples)
		for i := range s {
			s[i] = pheno.Control
			if i%period == 0 {
				s[i] = pheno.Case
			}
			if i%31 == 30 {
				s[i] = pheno.Absent
			}
		}
		return s
	}
	covar := []glm.Covariate{{Name: "A", Values: twoValued(samples, 8)}}
	logistic := func(w *pipelinetest.World, name string, period int, offset []float64) test.Trait {
		null, err := glm.FitLogistic(status(period), covar, offset)
		w.Must(err)
		return pipelinetest.GLMTrait(name, null.Model(), &w.Index().Index)
	}
	linear := func(w *pipelinetest.World, name string, period int) test.Trait {
		y := twoValued(samples, period)
		for i := range y {
			y[i] += float64(i%3) / 4
		}
		null, err := glm.FitLinear(y, covar, nil)
		w.Must(err)
		return pipelinetest.GLMTrait(name, null.Model(), &w.Index().Index)
	}
	whole := func(w *pipelinetest.World, traits ...test.Trait) []private.TraitSection {
		return w.Index().Whole(traits...)
	}
	for name, setup := range map[string]struct {
		missing float64
		dosages bool
		tests   map[string]string
		queries func(w *pipelinetest.World) map[string][]private.TraitSection
	}{
		"two chi2 queries": {
			tests: map[string]string{"a": "chi2", "b": "chi2"},
			queries: func(w *pipelinetest.World) map[string][]private.TraitSection {
				return map[string][]private.TraitSection{"a": whole(w, test.Chi2Trait("A", status(3), false)), "b": whole(w, test.Chi2Trait("B", status(5), true))}
			},
		},
		"three queries, missing calls": {
			missing: 0.03,
			tests:   map[string]string{"a": "chi2", "b": "logistic", "c": "linear"},
			queries: func(w *pipelinetest.World) map[string][]private.TraitSection {
				return map[string][]private.TraitSection{"a": whole(w, test.Chi2Trait("A", status(3), true)), "b": whole(w, logistic(w, "B", 5, nil)), "c": whole(w, linear(w, "C", 6))}
			},
		},
		"logistic, several traits": {
			tests: map[string]string{"a": "logistic"},
			queries: func(w *pipelinetest.World) map[string][]private.TraitSection {
				return map[string][]private.TraitSection{"a": whole(w, logistic(w, "A", 3, nil), logistic(w, "B", 5, nil))}
			},
		},
		"linear": {
			missing: 0.03,
			tests:   map[string]string{"a": "linear"},
			queries: func(w *pipelinetest.World) map[string][]private.TraitSection {
				return map[string][]private.TraitSection{"a": whole(w, linear(w, "A", 6))}
			},
		},
		"a model for every chromosome": {
			tests: map[string]string{"a": "logistic"},
			queries: func(w *pipelinetest.World) map[string][]private.TraitSection {
				return map[string][]private.TraitSection{"a": {
					{Chromosome: "1", From: 0, To: 1, Traits: []test.Trait{logistic(w, "A", 3, twoValued(samples, 10))}},
					{Chromosome: "2", From: 1, To: 2, Traits: []test.Trait{logistic(w, "A", 3, twoValued(samples, 12))}},
				}}
			},
		},
		"dosages": {
			dosages: true,
			tests:   map[string]string{"a": "linear", "b": "logistic"},
			queries: func(w *pipelinetest.World) map[string][]private.TraitSection {
				return map[string][]private.TraitSection{"a": whole(w, linear(w, "A", 6)), "b": whole(w, logistic(w, "B", 5, nil))}
			},
		},
	} {
		for engineName, newEngine := range attackEngines {
			t.Run(name+"/"+engineName, func(t *testing.T) {
				t.Parallel()
				w := pipelinetest.WorldOf(t, hetest.SumParams(t, 10, 1024))
				if setup.dosages {
					w = pipelinetest.WorldOf(t, hetest.WideSumParams(t, 10, 1024))
					cohort, err := simulate.New(simulate.Options{Samples: samples, Variants: variants, Causal: 2, Heritability: 0.2, CaseFraction: 0.3, Seed: 3})
					w.Must(err)
					job := w.Genotypes(nil)
					job.Dosages = cohort.Impute()
					_, err = job.Run(t.Context())
					w.Must(err)
				} else {
					w.Encrypt(pipelinetest.Simulated(t, samples, variants, setup.missing, variants).All())
				}
				engine, err := newEngine(w.Keys)
				w.Must(err)
				s := siteOf(w, engine, setup.tests, setup.queries(w))
				if tried := s.attack(); tried < 3 {
					t.Errorf("%d forgeries were tried", tried)
				}
				// The attacks are on sums that pass when nothing is altered.
				for _, q := range s.queries {
					d, err := s.Decryption(q.name, q.name)
					s.Must(err)
					s.Must(d.Each(t.Context(), func(*private.IndexBlock, int, owner.BlockSums) error { return nil }))
				}
			})
		}
	}
}

// TestAttackByLinearRelations: no linear relation among all that a site holds makes an
// alteration pass, for a single check and for many more than the cohort has keys.
func TestAttackByLinearRelations(t *testing.T) {
	const samples, tries = 8, 100_000
	r := rand.New(rand.NewPCG(9, 10))
	params, err := format.Plan(samples, format.HardCalls)
	if err != nil {
		t.Fatal(err)
	}
	m, err := params.NewCheckModulus(samples) // the smallest in use, below 2^26
	if err != nil {
		t.Fatal(err)
	}
	small := func() int64 { return int64(r.IntN(7)) - 3 }
	for _, checks := range []int{1, 2, he.Masks, he.Masks + 1, 3 * he.Masks} {
		passed := 0
		for range tries / 20 {
			key, err := m.NewKey(samples)
			if err != nil {
				t.Fatal(err)
			}
			v := make([]int64, samples)
			var K [he.Masks]uint64
			for i := range v {
				v[i] = small()
				for k := range K {
					K[k] = m.Add(K[k], m.Mul(key[i][k], v[i]))
				}
			}
			// What the site holds: the columns of all queries, then their digits.
			var held [][]int32
			var used []uint64
			var all []he.Check
			for range checks {
				columns := make([][]int32, 2)
				for k := range columns {
					columns[k] = make([]int32, samples)
					for i := range columns[k] {
						columns[k][i] = int32(r.IntN(2)) // as of cases: many samples alike
					}
				}
				c, err := m.NewCheck(len(columns), used)
				if err != nil {
					t.Fatal(err)
				}
				used, all = append(used, c.Point), append(all, c)
				held = append(append(held, columns...), m.Columns(c, key, columns)...)
			}
			for tried := 0; tried < 20; {
				// Every sum of the first query gains a linear form in all that is held: some columns
				// and samples, and for whole checks the digits alike.
				gains := make([]int64, 4)
				for n := range 1 + r.IntN(3) {
					from, weight := r.IntN(len(held)), small()
					sample := r.IntN(samples)
					to := r.IntN(4)
					gains[to] += weight * int64(held[from][sample])
					if from%4 >= 2 && n > 0 { // both digits of a check into both digits
						for l := range 2 {
							gains[2+l] -= weight * int64(held[from-from%4+2+l][sample])
						}
					}
				}
				// And often the same alteration of genotypes for all, less that of another check.
				if r.IntN(2) == 0 {
					sample, weight, other := r.IntN(samples), small(), r.IntN(checks)
					for k := range gains {
						gains[k] += weight * int64(held[k][sample])
					}
					for l := range 2 {
						gains[2+l] -= weight * int64(held[4*other+2+l][sample])
					}
				}
				sum := func(k int) []int64 {
					total := gains[k]
					for i := range v {
						total += v[i] * int64(held[k][i])
					}
					return []int64{total}
				}
				if gains[0] == 0 && gains[1] == 0 {
					continue // no result is altered
				}
				tried++
				if m.Verify(1, all[0], [][]int64{sum(2), sum(3)}, [][he.Masks]uint64{K}, [][]int64{sum(0), sum(1)}) == nil {
					passed++
				}
			}
		}
		if passed > 0 {
			t.Errorf("%d checks: %d of %d forgeries passed", checks, passed, tries)
		}
	}
}

// evaluate sums every column that the site holds against a plane of block 0, with the
// genotypes of chunk from[c] in place of chunk c's, and none where that is negative.
func (s *attacker) evaluate(plane format.Plane, from ...int) []he.Sum {
	cohort, err := format.OpenCohort(s.Path("cohort"))
	s.Must(err)
	all := make([]int, len(s.packed))
	for k := range all {
		all[k] = k
	}
	expansion, accumulator := s.engine.NewExpansion(s.packed), s.engine.NewAccumulator(all)
	for c, other := range from {
		if other < 0 {
			continue
		}
		constants, err := expansion.Expand(cohort.ChunkRange(c))
		s.Must(err)
		var memory chunkfile.Mapping
		chunk, finish, err := cohort.ReadChunk(&memory, 0, plane, other)
		s.Must(err)
		s.Must(s.engine.Add(constants, []he.Product{{Chunk: chunk, Accumulator: accumulator}}))
		s.Must(finish())
		constants.Release()
		memory.Release()
	}
	sums, err := accumulator.Sums()
	s.Must(err)
	return sums
}

// TestAttackWithOtherGenotypes: a site that exchanges or leaves out whole chunks of
// samples, and corrects the check with another one in which that makes no difference.
func TestAttackWithOtherGenotypes(t *testing.T) {
	const samples = 128
	first, second := make([]pheno.Status, samples), make([]pheno.Status, samples)
	for i := range first {
		first[i], second[i] = pheno.Control, pheno.Control
		if i >= 120 { // none in the first chunk
			first[i] = pheno.Case
		}
		if i%3 == 0 {
			second[i] = pheno.Case
		}
	}
	for name, attack := range map[string]struct {
		tests   map[string]string
		queries func(w *pipelinetest.World) map[string][]private.TraitSection
		target  int // query
		helper  func(s *attacker) (*heldQuery, *private.QueryPlane)
		from    []int
	}{
		// All samples are analysed, so the column against hom-alt is one everywhere.
		"chunks exchanged in a linear query": {
			tests: map[string]string{"a": "linear"},
			queries: func(w *pipelinetest.World) map[string][]private.TraitSection {
				null, err := glm.FitLinear(pipelinetest.Wave(samples, 0.7), nil, nil)
				w.Must(err)
				return map[string][]private.TraitSection{"a": w.Index().Whole(pipelinetest.GLMTrait("A", null.Model(), &w.Index().Index))}
			},
			helper: func(s *attacker) (*heldQuery, *private.QueryPlane) {
				return s.queries[0], s.queries[0].private.Sections[0].Planes[format.HomAlt]
			},
			from: []int{1, 0},
		},
		"controls of one query left out of another": {
			tests: map[string]string{"a": "chi2", "b": "chi2"},
			queries: func(w *pipelinetest.World) map[string][]private.TraitSection {
				return map[string][]private.TraitSection{"a": w.Index().Whole(test.Chi2Trait("A", first, false)), "b": w.Index().Whole(test.Chi2Trait("B", second, false))}
			},
			target: 1,
			helper: func(s *attacker) (*heldQuery, *private.QueryPlane) {
				return s.queries[0], s.queries[0].private.Sections[0].Planes[format.Dosage]
			},
			from: []int{-1, 1},
		},
	} {
		for engineName, newEngine := range attackEngines {
			t.Run(name+"/"+engineName, func(t *testing.T) {
				w := pipelinetest.NewSmallWorld(t)
				w.Encrypt(pipelinetest.Simulated(t, samples, 900, 0, 0).All())
				engine, err := newEngine(w.Keys)
				w.Must(err)
				s := siteOf(w, engine, attack.tests, attack.queries(w))
				target := s.queries[attack.target]
				check := target.private.Sections[0].Planes[format.Dosage]
				helping, other := attack.helper(s)
				honest, altered := s.evaluate(format.Dosage, 0, 1), s.evaluate(format.Dosage, attack.from...)
				forged(s.World, target.name, func(e format.SumEntry, sum *he.Sum) {
					if e.Plane != format.Dosage {
						return
					}
					*sum = altered[target.first+e.Column]
					if l := slices.Index(check.Digits, e.Column); l >= 0 {
						s.addTimes(sum.Residues, altered[helping.first+other.Digits[l]], -1)
						s.addTimes(sum.Residues, honest[helping.first+other.Digits[l]], 1)
					}
				})
				s.refused(target, name)
			})
		}
	}
}

var attackEngines = map[string]func(*he.EvaluationKeys) (he.Engine, error){
	"cpu":       func(k *he.EvaluationKeys) (he.Engine, error) { return cpu.New(k, 2) },
	"reference": func(k *he.EvaluationKeys) (he.Engine, error) { return reference.New(k) },
}

// TestAttackByRejection: a site that damages sums by noise that depends on one
// coefficient of the key learns whether they are refused, and nothing of where. That one
// bit is not to be had from a message with block numbers in it.
func TestAttackByRejection(t *testing.T) {
	w := pipelinetest.NewSmallWorld(t)
	c := pipelinetest.Simulated(t, 100, 2500, 0, 0)
	w.Encrypt(c.All())
	w.Query("case", c.Status)
	w.Run("case", "honest")
	var messages []string
	for _, damaged := range [][]int{{0}, {2}, {0, 1, 2}} {
		forged(w, "honest", func(e format.SumEntry, sum *he.Sum) {
			if e.Plane == format.Dosage && slices.Contains(damaged, e.Block) {
				sum.Residues[3]++
			}
		})
		_, _, err := w.TryDecrypt("case", "forged")
		if err == nil {
			t.Fatal("damaged sums passed")
		}
		messages = append(messages, err.Error())
		report := w.Path("forged.check-failed")
		text, err := os.ReadFile(report)
		w.Must(err)
		info, err := os.Stat(report)
		w.Must(err)
		want := "blocks that failed, of 3:\n" + strings.Trim(strings.ReplaceAll(fmt.Sprint(damaged), " ", "\n"), "[]") + "\n"
		if info.Mode() != 0o600 || !strings.HasSuffix(string(text), want) || !strings.Contains(string(text), "as secret as secret.key") {
			t.Errorf("%v\n%s", info.Mode(), text)
		}
		w.Must(os.Remove(report))
	}
	if len(slices.Compact(messages)) != 1 || strings.Contains(messages[0], "block") {
		t.Errorf("messages: %q", messages)
	}
}

// TestAttackOfDegreeTwo: of two checks with one κ, determinants of degree two in the
// columns are free of κ. (The site can multiply columns, and puts noise between such
// products and the grid; here it has the plaintext.) With more keys they are not.
func TestAttackOfDegreeTwo(t *testing.T) {
	const samples, tries = 40, 2000
	params, err := format.Plan(samples, format.HardCalls)
	if err != nil {
		t.Fatal(err)
	}
	m, err := params.NewCheckModulus(samples)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	attack := func(masks int) (passed int) {
		for range tries {
			key, err := m.NewKey(samples)
			if err != nil {
				t.Fatal(err)
			}
			for i := range key {
				clear(key[i][masks:])
			}
			// Sample 0 is in the first query alone, sample 1 in neither.
			one, two := [][]int32{make([]int32, samples)}, [][]int32{make([]int32, samples)}
			v := make([]int64, samples)
			var K [he.Masks]uint64
			for i := range samples {
				v[i] = int64(r.IntN(3)) - 1
				if i > 1 {
					one[0][i], two[0][i] = int32(r.IntN(2)), int32(r.IntN(2))
				}
				for k := range K {
					K[k] = m.Add(K[k], m.Mul(key[i][k], v[i]))
				}
			}
			one[0][0] = 1
			first, err := m.NewCheck(1, nil)
			if err != nil {
				t.Fatal(err)
			}
			second, err := m.NewCheck(1, []uint64{first.Point})
			if err != nil {
				t.Fatal(err)
			}
			tau := func(c he.Check, columns [][]int32, sample int) uint64 {
				digits := m.Columns(c, key, columns)
				x := int64(digits[0][sample]) + 8191*int64(digits[1][sample])
				return m.Mul(1, x)
			}
			dot := func(x []int32) (sum int64) {
				for i := range v {
					sum += v[i] * int64(x[i])
				}
				return sum
			}
			// τ1(0)·τ2(1) − τ1(1)·τ2(0) is c·ρ(0)·τ2(1) plus what the masks leave.
			left, right := tau(second, two, 1), tau(second, two, 0)
			d := m.Add(m.Mul(tau(first, one, 0), int64(left)), m.Mul(m.Mul(tau(first, one, 1), int64(right)), -1))
			digits := m.Columns(first, key, one)
			sums, check := [][]int64{{dot(one[0]) + int64(left)}}, [][]int64{{dot(digits[0]) + int64(d)}, {dot(digits[1])}}
			if m.Verify(1, first, check, [][he.Masks]uint64{K}, sums) == nil {
				passed++
			}
		}
		return passed
	}
	if passed := attack(1); passed != tries {
		t.Errorf("with one key the attack passes %d of %d times: it is not what it should be", passed, tries)
	}
	if passed := attack(he.Masks); passed > 0 {
		t.Errorf("%d of %d forgeries passed", passed, tries)
	}
}
