package protocol

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/study/folder"
	"genoveil/pipeline/study/home"
	"genoveil/secagg"
)

const secretsName = "secrets"

// secrets are drawn for one analysis and destroyed when it is over.
type secrets struct {
	secret secagg.Key
	pair   *secagg.KeyPair
	inputs []byte // what was pledged
}

type storedSecrets struct {
	Secret []byte `json:"secret"`
	Pair   []byte `json:"pair"`
	Inputs []byte `json:"inputs"`
}

// draw makes secrets, which are on disk when it returns.
func (p *Party) draw(inputs []byte) (*secrets, error) {
	pair, err := secagg.NewKeyPair()
	if err != nil {
		return nil, err
	}
	s := &secrets{secagg.NewKey(), pair, inputs}
	text, err := pair.Bytes()
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(storedSecrets{s.secret[:], text, inputs})
	if err != nil {
		return nil, err
	}
	return s, atomicfile.Write(filepath.Join(p.home(), secretsName), data, private)
}

// loadSecrets reads what draw kept.
func (p *Party) loadSecrets() (*secrets, error) {
	path := filepath.Join(p.home(), secretsName)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var stored storedSecrets
	if err := folder.Strict(text, &stored); err != nil || len(stored.Secret) != len(secagg.Key{}) {
		return nil, fmt.Errorf("%s: damaged", path)
	}
	pair, err := secagg.ParseKeyPair(stored.Pair)
	if err != nil {
		return nil, fmt.Errorf("%s: damaged", path)
	}
	return &secrets{secagg.Key(stored.Secret), pair, stored.Inputs}, nil
}

// left are the files that could unmask what was uploaded, also those that a killed process
// did not give their names.
func (p *Party) left() ([]string, error) {
	var all []string
	for _, pattern := range []string{
		filepath.Join("outbox", "*", privateName), secretsName, "." + secretsName + ".*.partial",
	} {
		paths, err := filepath.Glob(filepath.Join(p.home(), pattern))
		if err != nil {
			return nil, err
		}
		all = append(all, paths...)
	}
	return all, nil
}

// destroy makes an end of all that could unmask what was uploaded.
func (p *Party) destroy() error {
	paths, err := p.left()
	if err != nil {
		return err
	}
	for _, path := range paths {
		if err := home.Wipe(path); err != nil {
			return err
		}
	}
	return nil
}
