package genomics

// A Contradiction reports sums or counts that no genotypes can have. It does not say
// them: they may be decrypted ones that somebody forged, and then reveal the key.
type Contradiction string

func (c Contradiction) Error() string { return string(c) }
