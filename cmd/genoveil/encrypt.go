package main

import "github.com/spf13/cobra"

func newEncrypt(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "encrypt (genotypes | traits | model)",
		Short: "Encrypt genotypes, traits or a model on the owner's side",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			return usagef("say what to encrypt: genotypes, traits or model")
		},
	}
	cmd.AddCommand(newEncryptGenotypes(s), newEncryptTraits(s), newEncryptModel(s))
	return cmd
}
