package charter

// Example is a charter to begin with. STUDY stands for its name.
const Example = `# The charter of a study. Edit it before anybody joins: its phrase is made of every word
# that is not a comment, and a change later has all sites confirm again.

study: STUDY

# Who has data. Names have a-z, 0-9 and -.
sites: [site-a, site-b, site-c]

# Who has none, and may be sent results.
recipients: []

# How many sites might pool what they know against the others. A total stands on at least
# two sites more.
colluders: 1

ancestries: [all]

# What is analysed. For a quantitative trait, sd is the standard deviation of the residuals
# in the unit that all sites use.
traits:
#  - {name: t2d, kind: binary}
#  - {name: ldl, kind: quantitative, unit: mmol/l, sd: 0.9}

# For meta-analyses: the list of variants, and variants at which sites compare their effects
# before the association is opened. Both lie in this folder. 'genoveil study variants' makes
# the list.
# variants: variants.tsv.gz
# calibration: calibration.txt

# What a site leaves out of its tables: imputation quality below info, fewer minor alleles
# than mac, an effective number of samples below neff.
filters: {info: 0.3, mac: 20, neff: 0}

# After so many days without a result, sites abandon an analysis.
days: 60
`
