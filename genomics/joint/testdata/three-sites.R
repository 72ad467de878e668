# Writes what R makes of the pooled rows of hapmap3 and three-sites, with all digits, to
# three-sites.csv. The folder of both is beside the repository (genomics/shareddata):
#   Rscript three-sites.R ../../../../shared/data
# CASE is taken as an event at the age AGE, for Cox regression. R 4.2.2, survival 3.5-3.
library(survival)
data <- commandArgs(TRUE)[1]
pheno <- read.table(file.path(data, "hapmap3", "pheno.txt"), header = TRUE, comment.char = "")
covar <- read.table(file.path(data, "three-sites", "covar.sites.txt"), header = TRUE, comment.char = "")
site <- do.call(rbind, lapply(1:3, function(s)
  data.frame(X.IID = read.table(file.path(data, "three-sites", sprintf("site%d.samples.txt", s)))[, 1], site = s)))
d <- merge(merge(pheno, covar), site)
d$CASE <- d$CASE - 1
tight <- glm.control(epsilon = 1e-15, maxit = 100)
slow <- coxph.control(eps = 1e-13, iter.max = 50, toler.chol = 1e-15)
out <- function(model, fit) {
  s <- summary(fit)$coefficients
  if (startsWith(model, "cox")) s <- s[, -2]
  p <- sprintf("%.17g", s[, 4])
  data.frame(model, name = rownames(s), estimate = sprintf("%.17g", s[, 1]), se = sprintf("%.17g", s[, 2]), statistic = sprintf("%.17g", s[, 3]), p)
}
# Standard errors of glm are those before its last step, so it starts once more from the end.
once <- glm(CASE ~ MALE + AGE + PC1 + PC2 + PC3 + PC4 + S2 + S3, binomial, d, control = tight)
again <- glm(CASE ~ MALE + AGE + PC1 + PC2 + PC3 + PC4 + S2 + S3, binomial, d, control = tight, start = coef(once))
a <- rbind(
  out("linear", lm(QT ~ MALE + AGE + PC1 + PC2 + PC3 + PC4 + S2 + S3, d)),
  out("logistic", again),
  out("cox", coxph(Surv(AGE, CASE) ~ MALE + QT + PC1 + PC2 + PC3 + PC4 + strata(site), d, control = slow)))
write.csv(a, "three-sites.csv", row.names = FALSE, quote = FALSE)
cat(nrow(d), "rows\n")
