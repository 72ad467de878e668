package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genoveil/genomics"
	"genoveil/genomics/panel"
	"genoveil/he"
	"genoveil/pipeline/format"
	"genoveil/pipeline/owner"
	"genoveil/pipeline/private"
	"genoveil/pipeline/site"
	"genoveil/pipeline/slurm"
)

// cohortFlags say how to make a cohort of genotypes.
type cohortFlags struct {
	taskFlags
	deviceFlags
	in                genotypeFlags
	keys, purposeText string
	renew             bool

	purpose format.Purpose // as check read it
}

func newEncryptGenotypes(s *session) *cobra.Command { return new(cohortFlags).command(s) }

func (o *cohortFlags) command(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "genotypes (--vcf FILE… | --bfile PREFIX… | --pfile PREFIX… | --bgen FILE… | --bam FILE… --sites FILE) --keys DIR -o DIR",
		Short: "Encrypt a VCF, a PLINK fileset, a BGEN file, or what BAM files show",
		Long: `Encrypts genotypes into the directory DIR. Upload it to the compute site. The command
also writes DIR.index, which holds the names of samples and the variants. Keep it.

If the command is interrupted, give it again: it continues where it stopped.

VCF: plain, gzip or BGZF; '-' reads standard input, for example from 'bcftools view'.
Only biallelic sites with called genotypes (GT) are used. Others are counted and left
out. A haploid call is read as homozygous. A call of which one allele is missing, such as
1/., is an error, unless --half-call says what it is: missing; reference (the missing
allele is REF); or haploid (1/. is 1). Odd records are counted and left out, and the log
says where the first is.

Several files: --vcf, --bfile, --pfile and --bgen may be repeated. In place of a
chromosome write @: 'chr@.vcf.gz' stands for the files of 1 to 22, X, Y, XY and MT that
there are. --vcf-list names VCF files, one a line. The files need the same samples in the
same order. The cohort is that of one file with all variants. See docs/inputs.md.

X, Y and mitochondria: tests count the copies that a sample has. That takes the sexes of
samples. PLINK filesets and .sample files have them. For other inputs give --sex, a table
with the columns IID and SEX. Without sexes all count as having two copies of X and none
of Y, and the log warns of it. Heterozygous calls of one copy become missing and are
counted. --split-par sets the pseudo-autosomal regions of X apart, of which males have
two copies. See docs/inputs.md.

PLINK 2 filesets and BGEN files: give --pfile or --bgen. They give calls, and with
--dosage-field DS their dosages. A call from BGEN is missing where its dosage is more
than 0.1 from a whole number. REF is the first allele in BGEN. With --ref-last it is
the second, as PLINK 2 exports it unless told otherwise. See docs/inputs.md.

Imputed dosages: give --dosage-field DS, GP or HDS. Dosages are encrypted in thousandths.
They take 20 bytes a genotype and plane instead of 12. The compute site then needs
eval-dosage.key ('keygen --dosage'). On X, Y and MT, DS needs GT beside it, which says
whether a sample has one copy or two. Variants without it are left out there.

BAM files: give --bam for each sample, or --bam-list, and the sites to call with
--sites, a VCF of biallelic SNVs. Genotypes are called and encrypted at once, and no
genotype is written to disk. docs/bam.md explains the calls; 'genoveil call' shows
them.

Filters: --extract and --exclude take a file of variants' IDs, or range=FILE or
bed0=FILE with ranges from 1 or from 0. --hwe is PLINK's with midp, of calls, on X with
the sexes, and not on Y and MT. --r2 and --info read INFO. See docs/filters.md.

Scores: --for score encrypts the cohort for polygenic scores instead of a GWAS. The
owner of a model evaluates its weights on it. 'genoveil panel' writes the list of
variants that this takes. --panel reads such a list and encrypts exactly its variants.
With --for private-model, the model is encrypted too. See docs/scoring.md.

Shards: with --shard i/n, n tasks encrypt one cohort together, in any order, on a file
system that they share. Each task takes every n-th block of variants. The last to end
writes the index, and the cohort is the same as from one task. Give all tasks the same
input, filters and output. Each task reads the whole input, at 3 ns a genotype from
compressed VCF and 1 ns from BED; encryption takes 35 ns and more on a core. Shards of
more than a dozen cores in total therefore need BED. Calls from BAM files gain little
from shards.

GPUs: with --device cuda or auto, GPUs encrypt. Their memory then holds the secret key
and the genotypes, so you have to ask for it. GPUs relieve the processors; they save
no time where processors keep up with the disk.

Renewal: --renew-check encrypts nothing. It gives DIR.index new keys for the check of
results, computed from the genotypes. Give the files and filters that the cohort was
encrypted with. The old index is kept as DIR.index.before-1; decrypt queries that are
under way with it. docs/security.md says when to renew.`,
		Args:    noArgs,
		PreRunE: func(cmd *cobra.Command, _ []string) error { return o.check(cmd.Flags()) },
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.timed(cmd, s, o.run) },
	}
	o.register(cmd.Flags())
	require(cmd, "keys", "out")
	return cmd
}

func (o *cohortFlags) register(f *pflag.FlagSet) {
	o.in.register(f)
	f.StringVar(&o.purposeText, "for", format.GWAS.String(), "what the cohort is for: gwas, score or private-model")
	f.StringVar(&o.keys, "keys", "", "directory with secret.key")
	f.StringVarP(&o.out, "out", "o", "", "output; `DIR` of the cohort, and DIR.index beside it")
	f.BoolVar(&o.renew, "renew-check", false, "give the cohort's index new keys for the check, and encrypt nothing")
	o.shard.register(f, "of the blocks of variants")
	o.taskFlags.register(f)
	o.deviceFlags.register(f, cpuDevice)
}

// check refuses flags that make no sense, whatever the files.
func (o *cohortFlags) check(f *pflag.FlagSet) (err error) {
	if err := o.taskFlags.check(f); err != nil {
		return err
	}
	if err := o.in.check(f); err != nil {
		return err
	}
	if o.purpose, err = format.ParsePurpose(o.purposeText); err != nil {
		return usageError{err}
	}
	if o.in.panel != "" && o.purpose == format.GWAS {
		return usagef("--panel is for scoring; add --for score or --for private-model")
	}
	for _, name := range siteFilters {
		if o.in.panel != "" && f.Changed(name) {
			return usagef("--panel says which variants to encrypt; leave out --%s", name)
		}
	}
	if err := o.shard.check(f); err != nil {
		return err
	}
	if o.renew && (o.purpose != format.GWAS || o.shard.part != format.Whole) {
		return usagef("--renew-check is for a whole cohort for a GWAS; leave out --for and --shard")
	}
	return o.deviceFlags.check(f)
}

func (o *cohortFlags) run(ctx context.Context, s *session) error {
	if err := s.place(ctx, &o.deviceFlags); err != nil {
		return err
	}
	in, err := o.open(ctx, s)
	if err != nil {
		return err
	}
	defer in.source.Close()
	if err := s.begin(o.journal(), o.index()); err != nil {
		return err
	}
	s.log.Info(count(len(in.source.Samples()), "sample")+" to encrypt", "samples", len(in.source.Samples()))
	job := o.job(in)
	if o.renew {
		return o.renewCheck(ctx, s, job)
	}
	result, err := o.encrypt(ctx, s, in, job)
	if err != nil {
		return err
	}
	s.took.Shard, s.took.Threads, s.took.Genotypes = o.shard.text, o.threads, int64(result.Variants)*int64(result.Samples)
	o.logInput(s, in)
	o.logResult(s, result)
	return nil
}

// index is the file that stays with the owner.
func (o *cohortFlags) index() string { return o.out + ".index" }

// An encryptionInput is what there is to encrypt, and the key.
type encryptionInput struct {
	source genotypes
	fitted func() panel.Notes // how the genotypes fitted --panel, or nil
	secret *he.SecretKey
}

// open opens the key and the genotypes.
func (o *cohortFlags) open(ctx context.Context, s *session) (in encryptionInput, err error) {
	inputs, err := o.in.inputs(ctx)
	if err != nil {
		return in, err
	}
	if err := checkNewDirectory(o.out); err != nil {
		return in, err
	}
	if err := o.checkOutputs([]string{o.index()}, append(inputs, filepath.Join(o.keys, secretName))); err != nil {
		return in, err
	}
	if !o.renew {
		if err := (&owner.GenotypeJob{Dir: o.out, Index: o.index()}).Check(); err != nil {
			return in, err
		}
	}
	if in.secret, err = loadSecret(ctx, o.keys); err != nil {
		return in, err
	}
	if o.renew {
		index, err := private.OpenAnyIndex(o.index())
		if err != nil {
			return in, err
		}
		o.in.allDiploid = !index.CountsCopies()
		index.Close()
	}
	var source genotypes
	err = await(ctx, func() (err error) {
		source, err = o.in.open(ctx, s, o.threads)
		return err
	})
	if err != nil {
		return in, err
	}
	if in.source, in.fitted, err = o.in.aligned(ctx, source); err != nil {
		return in, errors.Join(err, source.Close())
	}
	return in, nil
}

// job is what to do with the input.
func (o *cohortFlags) job(in encryptionInput) *owner.GenotypeJob {
	job := &owner.GenotypeJob{Purpose: o.purpose, Sexes: o.in.sexes, Secret: in.secret, Dir: o.out, Index: o.index(), Threads: o.threads, Shard: o.shard.part,
		IDWidth: func() int { return o.in.loaded }}
	switch source := in.source.(type) {
	case genomics.Source:
		job.Source = source
	case genomics.DosageSource:
		job.Dosages = source
	}
	return job
}

// renewCheck gives the index new keys of the check.
func (o *cohortFlags) renewCheck(ctx context.Context, s *session, job *owner.GenotypeJob) error {
	progress, finish := s.progress("variants")
	job.Progress = progress
	kept, err := job.RenewCheck(ctx)
	finish()
	if err != nil {
		return err
	}
	s.log.Info(fmt.Sprintf("%s has new keys for the check; decrypt earlier queries with %s", job.Index, kept), "index", job.Index, "kept", kept)
	return nil
}

// encrypt writes the cohort.
func (o *cohortFlags) encrypt(ctx context.Context, s *session, in encryptionInput, job *owner.GenotypeJob) (result *owner.GenotypeResult, err error) {
	if err := o.plan(s, job, len(in.source.Samples())); err != nil {
		return nil, err
	}
	encryptor, release, err := newEncryptor(s, o.device, job.Params.PlaneParams, in.secret, o.threads)
	if err != nil {
		return nil, err
	}
	progress, finish := s.progress("variants")
	job.Encryptor, job.Progress = encryptor, progress
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(o.threads + owner.Writers))
	result, err = job.Run(ctx)
	if failed := release(); failed != nil {
		s.log.Warn(failed.Error())
	}
	finish()
	if err != nil && ctx.Err() != nil {
		return nil, site.ErrContinues
	}
	if errors.Is(err, panel.ErrNoneFound) {
		o.logRecords(s, in)
	}
	if errors.Is(err, owner.ErrNoVariants) {
		o.logRecords(s, in)
		if none := o.in.checkEmpty(in.source); none != nil {
			return nil, none
		}
		if o.in.chroms != nil {
			if none := o.in.chroms.Check(); none != nil {
				return nil, none
			}
		}
		if none := o.in.filters.checkLists(); none != nil {
			return nil, none
		}
	}
	return result, err
}

// plan chooses the parameters, and says what genotypes take if that is not what calls
// for a GWAS take.
func (o *cohortFlags) plan(s *session, job *owner.GenotypeJob, samples int) (err error) {
	encoding := format.HardCalls
	if job.Dosages != nil {
		encoding = format.Dosages
	}
	if job.Params, err = o.purpose.Plan(samples, encoding); err != nil {
		return err
	}
	chain := job.Params.Chain()
	size, security := 4*len(chain.Sums), chain.Security()
	if o.purpose != format.GWAS {
		s.log.Info(fmt.Sprintf("for scores, each genotype takes %d bytes a plane, with %d-bit security", size, security), "bytes", size, "security", security)
	} else if encoding == format.Dosages {
		s.log.Info(fmt.Sprintf("each dosage takes %d bytes a plane (a call takes 12), with %d-bit security", size, security), "bytes", size, "security", security)
	}
	return nil
}

// logInput says what was left out, and what the input was like.
func (o *cohortFlags) logInput(s *session, in encryptionInput) {
	o.logRecords(s, in)
	logAbsent(s.log, o.in.chroms)
	o.in.logPloidy(s.log, o.purpose == format.GWAS)
	o.in.filters.logLists(s.log)
	if in.fitted != nil {
		n := in.fitted()
		s.log.Info(fmt.Sprintf("%s of %s found, %d with REF and ALT swapped; %d are missing in all samples", count(n.Found, "variant"), o.in.panel, n.Turned, n.Absent),
			"found", n.Found, "turned", n.Turned, "absent", n.Absent)
		if all := n.Found + n.Absent; 4*n.Found < 3*all {
			s.log.Warn(fmt.Sprintf("only %d of the %d variants of %s are among the genotypes; scores take the others as missing in all samples. Are both of the same genome build, and on the same strand?", n.Found, all, o.in.panel),
				"found", n.Found, "of", all)
		}
	}
}

// logRecords says which records were left out, and what was odd about others.
func (o *cohortFlags) logRecords(s *session, in encryptionInput) {
	logSkipped(s.log, in.source.Skipped())
	if o.in.notes != nil {
		logNotes(s.log, o.in.notes())
	}
}

// logResult says what was written.
func (o *cohortFlags) logResult(s *session, result *owner.GenotypeResult) {
	if result.Resumed > 0 {
		s.log.Info("kept from the interrupted run: "+count(result.Resumed, "block"), "blocks", result.Resumed)
	}
	variants, blocks, size := count(result.Variants, "variant"), count(len(result.Blocks), "block"), humanBytes(result.Bytes())
	if len(result.Left) > 0 {
		shard := o.shard.part.String()
		s.log.Info(fmt.Sprintf("shard %s done: %s in %s, %s in %s; not yet done: %s", shard, variants, blocks, size, o.out, count(len(result.Left), "shard")),
			"shard", shard, "variants", result.Variants, "blocks", len(result.Blocks), "bytes", result.Bytes(), "shards_left", len(result.Left))
		return
	}
	if result.Missing == result.Variants*result.Samples {
		s.log.Warn("all genotypes are missing; look at the calls, or at the dosages, that the input has")
	}
	s.log.Info(fmt.Sprintf("encrypted %s of %s in %s: %s in %s (upload), %s (keep)", variants, count(result.Samples, "sample"), blocks, size, o.out, o.index()),
		"variants", result.Variants, "samples", result.Samples, "blocks", len(result.Blocks), "bytes", result.Bytes())
}

// rehearse does what a task does before it computes.
func (o *cohortFlags) rehearse(ctx context.Context, s *session) error {
	if o.renew {
		return usagef("--renew-check writes one index in little time; call 'genoveil encrypt genotypes' without 'submit'")
	}
	listed, err := o.in.reads.paths()
	if err != nil {
		return err
	}
	for _, path := range listed {
		if err := refusePipe(path+" in --bam-list", path); err != nil {
			return err
		}
	}
	_, err = private.LoadSecretKey(filepath.Join(o.keys, secretName), func() (string, error) {
		if phrase, ok := os.LookupEnv(passphraseVariable); ok {
			return phrase, nil
		}
		return "", fmt.Errorf("the key has a passphrase and tasks have no terminal to ask for it; set %s, which sbatch passes on to them", passphraseVariable)
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	in, err := o.open(ctx, s)
	if err != nil {
		return err
	}
	return in.source.Close()
}

func (o *cohortFlags) shards(task) (int, error) {
	return 0, usagef("--shards is required: the number of variants is known only at the end of the input")
}

func (o *cohortFlags) taskArgs(*slurm.Job) []string { return nil }
