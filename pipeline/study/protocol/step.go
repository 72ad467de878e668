package protocol

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/study/folder"
	"genoveil/secagg"
)

// A State is how far an analysis is for a party.
type State struct {
	Round   string
	Done    bool
	Waiting []string // for whom
	Person  bool     // a person has to act here: to approve, or to agree to what was said
	Notes   []string // what is odd in the folder
}

// maxStages bounds a computation. A fit takes nine.
const maxStages = 40

// Step does all that this party can do now. The error is an *Ended where the analysis is
// over without a result. Agree says that a person agrees to what was said.
func (p *Party) Step(ctx context.Context, agree bool) (*State, error) {
	r := &run{Party: p, ctx: ctx, agree: agree, state: &State{}}
	err := r.step()
	r.state.Notes = p.notes
	return r.state, err
}

// A run is one step through the rounds.
type run struct {
	*Party
	ctx   context.Context
	agree bool
	state *State
	stop  string // why nothing more may be made

	missing []string // whose messages are, in the last round

	t         secagg.Transcript
	approvals map[string]*Approval
	public    map[string]secagg.PublicKey
	masks     map[string]secagg.Key // of pairs with this party
	secrets   *secrets
}

func (r *run) step() (err error) {
	if why := r.ended(); why != "" {
		return errors.Join(&Ended{why}, r.bury())
	}
	if err := r.checkCounter(); err != nil {
		return err
	}
	if r.stop, err = r.stopped(); err != nil {
		return err
	}
	complete, err := r.rounds()
	if err != nil {
		return err
	}
	if err := r.remember(); err != nil {
		return err
	}
	if complete {
		r.state.Done = true
		return r.finish()
	}
	if r.stop == "" {
		return nil
	}
	if approved, err := r.Approved(); !approved || err != nil {
		return errors.Join(err, &Ended{r.stop})
	}
	return r.abandon(r.stop)
}

// finish ends what is complete: nobody needs the secrets any more. Killed in between, the
// next step destroys what is left of them.
func (r *run) finish() error {
	if !r.done() {
		if err := atomicfile.Write(filepath.Join(r.home(), doneName), nil, private); err != nil {
			return err
		}
	}
	return r.destroy()
}

// rounds goes through the rounds, and says whether there are no more.
func (r *run) rounds() (complete bool, err error) {
	r.t = secagg.Transcript(r.D)
	approvals, ok, err := r.round(approveRound, r.Approvers(), func() (*draft, error) { return nil, nil })
	if !ok || err != nil {
		return false, err
	}
	if err := r.readApprovals(approvals); err != nil {
		return false, err
	}
	if !slices.Contains(r.everyone(), r.Name) {
		return true, nil // it consented to being exposed, and that was all
	}
	if err := r.begin(); err != nil {
		return false, err
	}
	if ok, err := r.agreeOnKeys(); !ok || err != nil {
		return false, err
	}
	for number := 1; ; number++ {
		if err := r.ctx.Err(); err != nil {
			return false, err
		}
		s, err := r.Computation.Next()
		if err != nil {
			return false, r.fail(err)
		}
		if s.Form == Complete {
			return true, nil
		}
		if err := s.check(); err != nil || number > maxStages {
			return false, r.end(nil, "stage %d: %v", number, err)
		}
		ok, last, err := r.stage(fmt.Sprintf("%02d-%s", number, s.Name), s)
		if !ok || err != nil || last {
			return ok && last && err == nil, err
		}
	}
}

// fail ends the analysis where its totals lead nowhere. A file that cannot be read is no
// reason, and what is complete does not end any more.
func (r *run) fail(err error) error {
	if of := (*fs.PathError)(nil); r.done() || errors.As(err, &of) || r.ctx.Err() != nil {
		return err
	}
	return r.end(nil, "%v", err)
}

// stage does one stage. It is the last where this party is sent nothing that follows.
func (r *run) stage(name string, s Stage) (ok, last bool, err error) {
	switch s.Form {
	case Statement:
		ok, err = r.statement(name)
	case Consent:
		_, ok, err = r.round(name, r.contributors(), func() (*draft, error) {
			if !r.agree {
				return nil, nil
			}
			return &draft{body: struct{}{}}, nil
		})
		if ok && err == nil {
			err = r.Computation.Hear(nil)
		}
	default:
		ok, err = r.sum(name, s)
		if ok && err == nil && !s.ToAll && !slices.Contains(r.Analysis.Recipients, r.Name) {
			return true, true, nil
		}
		if ok && err == nil {
			err = r.take(s)
		}
	}
	return ok, false, err
}

func (r *run) take(s Stage) error {
	total, err := r.Total(s)
	if err != nil {
		return err
	}
	defer total.Close()
	r.last = &s
	if err := r.Computation.Take(total); err != nil {
		return r.fail(err)
	}
	return nil
}

func (r *run) statement(name string) (bool, error) {
	messages, ok, err := r.round(name, r.contributors(), func() (*draft, error) {
		said, err := r.Computation.Statement()
		return &draft{body: said}, err
	})
	if !ok || err != nil {
		return false, err
	}
	said := map[string]json.RawMessage{}
	for who, m := range messages {
		said[who] = m.Body
	}
	if err := r.Computation.Hear(said); err != nil {
		return false, r.fail(err)
	}
	return true, nil
}

// round sends this party's message of a round, unless it was sent, and reads those of all
// who take part. It is not ok while some are missing. A draft that is nil waits for a person.
func (r *run) round(name string, parties []string, make func() (*draft, error)) (map[string]*folder.Message, bool, error) {
	r.state.Round = name
	if slices.Contains(parties, r.Name) {
		m, err := r.own(name)
		if err == nil && m == nil && r.stop == "" {
			m, err = r.make(name, make)
		}
		if err != nil {
			return nil, false, err
		}
		if m != nil {
			if m.T != folder.Digest(r.t) {
				return nil, false, r.end([]*folder.Message{m}, "what others said before the round %s changed after this site had sent its message", name)
			}
			if !r.done() {
				if _, err := r.message(name, r.Name, r.t); err != nil {
					return nil, false, err
				}
				if err := r.publish(name, m, r.thorough); err != nil {
					return nil, false, err
				}
			}
		}
	}
	messages, missing, err := r.collect(name, parties, r.t)
	if err != nil || missing != nil {
		r.missing = missing
		r.state.Waiting = slices.DeleteFunc(missing, func(n string) bool { return n == r.Name && !r.state.Person })
		return nil, false, err
	}
	var digests [][32]byte
	for _, p := range parties {
		digests = append(digests, messages[p].Digest)
	}
	r.t = r.t.Next(name, digests)
	return messages, true, nil
}

// make makes this party's message.
func (r *run) make(name string, make func() (*draft, error)) (*folder.Message, error) {
	d, err := make()
	if err != nil {
		return nil, err
	}
	if d == nil {
		r.state.Person = true
		return nil, nil
	}
	if err := r.send(name, r.t, d); err != nil {
		return nil, err
	}
	return r.own(name)
}

// readApprovals reads what others approved with. All of it is as hostile as they are.
func (r *run) readApprovals(messages map[string]*folder.Message) error {
	r.approvals, r.public = map[string]*Approval{}, map[string]secagg.PublicKey{}
	for _, name := range r.Approvers() {
		a := &Approval{}
		if err := folder.Strict(messages[name].Body, a); err != nil {
			return r.end(nil, "the approval of %s is of another version of the program: %v", name, err)
		}
		r.approvals[name] = a
		if r.ExposedSite(name) && !a.Consent {
			return r.end(nil, "%s is exposed and did not consent", name)
		}
		if !slices.Contains(r.everyone(), name) {
			continue
		}
		key, err := secagg.ParsePublicKey(a.PublicKey)
		if err != nil {
			return r.end(nil, "the key of %s in the round %s: %v", name, approveRound, err)
		}
		for other, b := range r.approvals {
			if other != name && bytes.Equal(a.PublicKey, b.PublicKey) {
				return r.end(nil, "%s and %s have the same key: is one home a copy of the other?", min(name, other), max(name, other))
			}
		}
		r.public[name] = key
		if contributes := slices.Contains(r.contributors(), name); contributes != (a.Pledge != nil) || contributes != (a.Declared != nil) {
			return r.end(nil, "the approval of %s does not pledge data, or pledges some that are not asked for", name)
		}
	}
	return nil
}

// begin gives the computation what was declared.
func (r *run) begin() error {
	declared := map[string]json.RawMessage{}
	for _, name := range r.contributors() {
		declared[name] = r.approvals[name].Declared
	}
	if err := r.Computation.Begin(declared); err != nil {
		return r.fail(err)
	}
	if r.done() {
		return nil
	}
	var err error
	if r.secrets, err = r.loadSecrets(); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: the secrets of the analysis are gone; 'genoveil study abandon' ends it", r.home())
	}
	return err
}

const keysRound = "keys"

// keys is the body of the message by which pairs agree on keys: what the smaller name
// offers to each larger one.
type keys struct {
	Offers map[string][]byte `json:"offers"`
}

// pairs are the secrets of the pairs in which this party has the smaller name.
type pairs struct {
	Secrets map[string][]byte `json:"secrets"`
}

// agreeOnKeys makes the keys of masks with all other contributors.
func (r *run) agreeOnKeys() (bool, error) {
	const round = keysRound
	t1 := r.t
	pair := func(a, b string) secagg.Pair { return secagg.Pair{T: t1, Small: min(a, b), Large: max(a, b)} }
	messages, ok, err := r.round(round, r.contributors(), func() (*draft, error) {
		offers, own := keys{map[string][]byte{}}, pairs{map[string][]byte{}}
		for _, other := range r.contributors() {
			if other <= r.Name {
				continue
			}
			offer, secret, err := pair(r.Name, other).Offer(r.public[other])
			if err != nil {
				return nil, r.end(nil, "%s and %s cannot agree on a key: %v", r.Name, other, err)
			}
			offers.Offers[other], own.Secrets[other] = offer, secret[:]
		}
		return &draft{body: offers, private: own}, nil
	})
	if !ok || err != nil || r.done() || !slices.Contains(r.contributors(), r.Name) {
		return ok, err
	}
	var own pairs
	if err := r.recall(round, &own); err != nil {
		return false, err
	}
	r.masks = map[string]secagg.Key{}
	for _, other := range r.contributors() {
		var secret secagg.Key
		switch {
		case other == r.Name:
			continue
		case other > r.Name:
			if len(own.Secrets[other]) != len(secret) {
				return false, fmt.Errorf("%s: damaged: no secret with %s", filepath.Join(r.outbox(round), privateName), other)
			}
			secret = secagg.Key(own.Secrets[other])
		default:
			var theirs keys
			if err := folder.Strict(messages[other].Body, &theirs); err != nil {
				return false, r.end(nil, "the keys of %s are of another version of the program: %v", other, err)
			}
			if secret, err = pair(other, r.Name).Accept(r.secrets.pair, theirs.Offers[r.Name]); err != nil {
				return false, r.end([]*folder.Message{messages[other]}, "%s and %s have no key in common: %v", other, r.Name, err)
			}
		}
		r.masks[other] = secret.MaskKey(r.t)
	}
	return true, nil
}
