package protocol

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/study/folder"
	"genoveil/pipeline/study/home"
	"genoveil/secagg"
)

// payloadLen is how many elements a payload file has, all but the last: whole chunks of masks.
const payloadLen = folder.PayloadSize / 8

// upload is the body of a message with masked words.
type upload struct {
	Commitment folder.Digest `json:"commitment"`
}

// uploaded stays at home of an upload.
type uploaded struct {
	Vector folder.Digest `json:"vector"` // SHA-256 of the words before they were masked
}

// openings is the body of the message that opens a site's masks to each recipient.
type openings struct {
	Sealed map[string][]byte `json:"sealed"`
}

// sum adds up one vector: upload, complete, open.
func (r *run) sum(name string, s Stage) (bool, error) {
	label := r.t
	uploads, ok, err := r.round(name+"-upload", r.contributors(), func() (*draft, error) { return r.upload(s, label) })
	if !ok || err != nil {
		return false, err
	}
	commitments := map[string][sha256.Size]byte{}
	for who, m := range uploads {
		var u upload
		if err := folder.Strict(m.Body, &u); err != nil {
			return false, r.end(nil, "the upload of %s is of another version of the program: %v", who, err)
		}
		commitments[who] = u.Commitment
		if err := checkSizes(m, s); err != nil {
			return false, r.end([]*folder.Message{m}, "the upload of %s: %v", who, err)
		}
	}
	recipients := r.Analysis.Recipients
	if s.ToAll {
		recipients = r.everyone()
	}
	var lacking []string
	_, ok, err = r.round(name+"-complete", recipients, func() (*draft, error) {
		if lacking = r.lacking(uploads, name+"-upload"); lacking != nil {
			return nil, errIncomplete
		}
		return &draft{body: struct{}{}}, nil
	})
	if errors.Is(err, errIncomplete) {
		r.state.Waiting = lacking
		return false, nil
	}
	if err == nil && !ok && !r.thorough && !r.done() && slices.Contains(r.contributors(), r.Name) {
		// Somebody waits, perhaps for what was damaged on its way.
		r.thorough = true
		err = r.publish(name+"-upload", uploads[r.Name], true)
	}
	if !ok || err != nil {
		return false, err
	}
	opened := r.t
	openings, ok, err := r.round(name+"-open", r.contributors(), func() (*draft, error) {
		return r.open(name, s, label, opened, recipients)
	})
	if !ok || err != nil || !slices.Contains(recipients, r.Name) {
		return ok, err
	}
	if _, err := os.Stat(r.total(s)); err == nil {
		return true, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	selves, err := r.selves(openings, s, opened, commitments)
	if err != nil {
		return false, err
	}
	if err := r.addUp(name+"-upload", s, label, uploads, selves); err != nil {
		return false, err
	}
	return true, r.checkTotal(s)
}

// checkTotal has a contributor look whether its own part is in a total that was just made.
func (r *run) checkTotal(s Stage) error {
	if !slices.Contains(r.contributors(), r.Name) {
		return nil
	}
	total, err := r.Total(s)
	if err != nil {
		return err
	}
	defer total.Close()
	if err := r.Computation.Check(total); err != nil {
		return r.fail(err)
	}
	return nil
}

// errIncomplete says that payloads are not there yet.
var errIncomplete = errors.New("payloads are not there yet")

// checkSizes compares what a site says of its payload with the vector's length.
func checkSizes(m *folder.Message, s Stage) error {
	left := s.Len
	for _, f := range m.Files {
		if n := min(left, payloadLen); f.Size != 8*int64(n) || n == 0 {
			return fmt.Errorf("%s has %d bytes, where %d are due", f.Name, f.Size, 8*n)
		}
		left -= min(left, payloadLen)
	}
	if left != 0 {
		return fmt.Errorf("%d of %d words are missing", left/int(s.Width), s.Len/int(s.Width))
	}
	return nil
}

// lacking names the sites of which payloads are not there, or not as the site signed them.
func (r *run) lacking(uploads map[string]*folder.Message, round string) (all []string) {
	for _, who := range r.contributors() {
		for _, f := range uploads[who].Files {
			path := filepath.Join(r.Folder, round, f.Name)
			d, err := folder.DigestOf(path, f.Size)
			if err == nil && d == f.SHA256 {
				continue
			}
			if err == nil {
				r.note("%s is not what %s signed; it counts as not there yet", filepath.Join(filepath.Base(r.Folder), round, f.Name), who)
			}
			all = append(all, who)
			break
		}
	}
	return all
}

// upload masks this site's vector. Its words are written twice: the key of the own mask
// follows from all of them, and the second time they are masked.
func (r *run) upload(s Stage, label secagg.Transcript) (*draft, error) {
	if err := r.checkInputs(); err != nil {
		return nil, err
	}
	data := make([]byte, 8*min(s.Len, payloadLen))
	vector := sha256.New()
	words := make([]uint64, min(s.Len, payloadLen))
	for at := 0; at < s.Len; at += payloadLen {
		if err := r.ctx.Err(); err != nil {
			return nil, err
		}
		part := words[:min(payloadLen, s.Len-at)]
		if err := r.Computation.Write(at, part); err != nil {
			return nil, err
		}
		vector.Write(toBytes(data, part))
	}
	digest := folder.Digest(vector.Sum(nil))
	self := r.secrets.secret.Self(label, s.Name, digest)
	masks := &secagg.Masks{T: label, Part: s.Name, Width: s.Width, Add: []secagg.Key{self}}
	for other, key := range r.masks {
		if other > r.Name {
			masks.Add = append(masks.Add, key)
		} else {
			masks.Subtract = append(masks.Subtract, key)
		}
	}
	if len(r.masks) != len(r.contributors())-1 {
		return nil, errors.New("keys of pairs are missing")
	}
	payload := func(dir string) (files []folder.File, err error) {
		again := sha256.New()
		for at := 0; at < s.Len; at += payloadLen {
			if err := r.ctx.Err(); err != nil {
				return nil, err
			}
			part := words[:min(payloadLen, s.Len-at)]
			if err := r.Computation.Write(at, part); err != nil {
				return nil, err
			}
			again.Write(toBytes(data, part))
			mask(masks, at, part)
			f := folder.File{Name: folder.PayloadName(r.Name, len(files)), Size: 8 * int64(len(part)), SHA256: sha256.Sum256(toBytes(data, part))}
			if err := writeSync(filepath.Join(dir, f.Name), data[:f.Size]); err != nil {
				return nil, err
			}
			files = append(files, f)
		}
		if folder.Digest(again.Sum(nil)) != digest {
			return nil, errors.New("the site's data changed while they were read")
		}
		return files, nil
	}
	return &draft{body: upload{folder.Digest(self.Commitment())}, payload: payload, private: uploaded{digest}}, nil
}

// mask masks a part of a vector that begins with a whole chunk, on all cores.
func mask(m *secagg.Masks, at int, words []uint64) {
	var tasks errgroup.Group
	tasks.SetLimit(runtime.GOMAXPROCS(0))
	for k := 0; k < len(words); k += secagg.ChunkLen {
		tasks.Go(func() error {
			m.Chunk(uint64((at+k)/secagg.ChunkLen), words[k:min(k+secagg.ChunkLen, len(words))])
			return nil
		})
	}
	tasks.Wait()
}

// checkInputs compares the site's data and the program with what it pledged.
func (r *run) checkInputs() error {
	inputs, err := r.pledged()
	if err != nil {
		return err
	}
	var then pledge
	if err := folder.Strict(r.secrets.inputs, &then); err != nil {
		return fmt.Errorf("%s: damaged", filepath.Join(r.home(), secretsName))
	}
	if then.Program != r.Program {
		return fmt.Errorf("this is version %s of the program, and the site approved with version %s: go on with that one, or abandon the analysis", r.Program, then.Program)
	}
	own := r.approvals[r.Name].Pledge
	if string(inputs) != string(r.secrets.inputs) || folder.Digest(r.secrets.secret.Pledge(inputs)) != *own {
		return errors.New("the site's data changed after it approved: put back the files as they were, or abandon the analysis and have it proposed again")
	}
	return nil
}

// open releases the key of the site's own mask to each recipient, for this list of uploads
// and no other.
func (r *run) open(name string, s Stage, label, opened secagg.Transcript, recipients []string) (*draft, error) {
	var kept uploaded
	if err := r.recall(name+"-upload", &kept); err != nil {
		return nil, err
	}
	ledger, err := r.Home.Ledger()
	if err != nil {
		return nil, err
	}
	if _, there := home.Has(ledger, r.D, home.Abandoned, ""); there {
		return nil, errors.New("the ledger says that this analysis was abandoned")
	}
	released, there := home.Has(ledger, r.D, home.Released, s.Name)
	switch {
	case !there:
		e := r.entry(home.Released)
		e.Stage, e.T, e.Rosters = s.Name, folder.Digest(opened), r.Analysis.Rosters(r.Charter)
		if err := r.Home.Note(e); err != nil {
			return nil, err
		}
	case released.T != folder.Digest(opened):
		return nil, r.end(nil, "the ledger says that %s was opened to another list of uploads", s.Name)
	}
	step()
	self := r.secrets.secret.Self(label, s.Name, kept.Vector)
	sealed := openings{map[string][]byte{}}
	for _, to := range recipients {
		o := secagg.Opening{T: opened, Part: s.Name, From: r.Name, To: to}
		if sealed.Sealed[to], err = o.Seal(r.public[to], self); err != nil {
			return nil, err
		}
	}
	return &draft{body: sealed}, nil
}

// selves opens what all sites sealed to this recipient. An error names who sent something
// else.
func (r *run) selves(messages map[string]*folder.Message, s Stage, opened secagg.Transcript, commitments map[string][sha256.Size]byte) ([]secagg.Key, error) {
	var all []secagg.Key
	for _, from := range r.contributors() {
		var o openings
		if err := folder.Strict(messages[from].Body, &o); err != nil {
			return nil, r.end(nil, "the opening of %s is of another version of the program: %v", from, err)
		}
		opening := secagg.Opening{T: opened, Part: s.Name, From: from, To: r.Name}
		self, err := opening.Open(r.secrets.pair, o.Sealed[r.Name], commitments[from])
		if err != nil {
			return nil, r.end([]*folder.Message{messages[from]}, "the opening of %s for %s: %v", from, r.Name, err)
		}
		all = append(all, self)
	}
	for i, k := range all {
		if slices.Contains(all[:i], k) {
			return nil, r.end(nil, "two sites opened the same key")
		}
	}
	return all, nil
}

// addUp adds the uploads and takes the sites' own masks off. It reads payloads once, and
// only whole files that are those that the sites signed count.
func (r *run) addUp(round string, s Stage, label secagg.Transcript, uploads map[string]*folder.Message, selves []secagg.Key) error {
	if err := os.MkdirAll(filepath.Dir(r.total(s)), 0o700); err != nil {
		return err
	}
	if err := atomicfile.Clean(r.total(s)); err != nil {
		return err
	}
	f, err := atomicfile.Create(r.total(s), private)
	if err != nil {
		return err
	}
	defer f.Abort()
	masks := &secagg.Masks{T: label, Part: s.Name, Width: s.Width, Subtract: selves}
	total := make([]uint64, min(s.Len, payloadLen))
	words := make([]uint64, len(total))
	data := make([]byte, 8*len(total))
	for at, k := 0, 0; at < s.Len; at, k = at+payloadLen, k+1 {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		sum, part := total[:min(payloadLen, s.Len-at)], words[:min(payloadLen, s.Len-at)]
		clear(sum)
		for _, who := range r.contributors() {
			file := uploads[who].Files[k]
			text, err := folder.ReadFile(filepath.Join(r.Folder, round, file.Name), file.Size)
			if err != nil || folder.Digest(sha256.Sum256(text)) != file.SHA256 {
				return fmt.Errorf("%s is not what %s signed any more; wait until the folder has it again", filepath.Join(r.Folder, round, file.Name), who)
			}
			toWords(part, text)
			s.Width.Sum(sum, part)
		}
		mask(masks, at, sum)
		if _, err := f.Write(toBytes(data, sum)); err != nil {
			return err
		}
	}
	return f.Commit()
}
