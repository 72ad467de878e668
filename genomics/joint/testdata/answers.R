# Writes rows.csv, and what R makes of the pooled rows, with all digits, to answers.csv:
#   Rscript answers.R
library(survival)
set.seed(20261201)
n <- 1200
site <- sample(1:3, n, replace = TRUE, prob = c(.5, .35, .15))
age <- round(rnorm(n, 52 + 3 * site, 11), 1)
bmi <- round(exp(rnorm(n, 3.25, .18)), 2)
sex <- rbinom(n, 1, .47)
ward <- sample(1:64, n, replace = TRUE)
score <- round(rnorm(n) + .2 * sex, 5)
platelets <- round(rnorm(n, 250000, 60000))
ldl <- round(120 + .4 * age + 1.1 * bmi + 6 * score - 4 * sex + rnorm(n, 0, 25) + 3 * site, 2)
case <- rbinom(n, 1, plogis(-2.6 + .02 * (age - 55) + .5 * score + .4 * sex + .03 * (bmi - 26)))
time <- ceiling(rexp(n, .002 * exp(.04 * (age - 55) + .45 * score + .2 * sex)) / 30)
event <- as.integer(time < 40); time <- pmin(time, 40)
d <- data.frame(site, ward, ldl, case, time, event, age, bmi, sex, score, platelets)
write.csv(d, "rows.csv", row.names = FALSE, quote = FALSE)
tight <- glm.control(epsilon = 1e-15, maxit = 100)
slow <- coxph.control(eps = 1e-13, iter.max = 50, toler.chol = 1e-15)
out <- function(model, fit) {
  s <- summary(fit)$coefficients
  se <- if (startsWith(model, "cox")) s[, "se(coef)"] else s[, 2]
  data.frame(model, name = rownames(s), estimate = sprintf("%.17g", s[, 1]), se = sprintf("%.17g", se))
}
# Standard errors of glm are those before its last step, so it starts once more from the end.
once <- glm(case ~ age + bmi + sex + score + platelets, binomial, d, control = tight)
again <- glm(case ~ age + bmi + sex + score + platelets, binomial, d, control = tight, start = coef(once))
a <- rbind(
  out("linear", lm(ldl ~ age + bmi + sex + score + platelets, d)),
  out("logistic", again),
  out("cox", coxph(Surv(time, event) ~ age + bmi + sex + score + platelets + strata(site), d, control = slow)),
  out("cox64", coxph(Surv(time, event) ~ age + bmi + sex + score + platelets + strata(ward), d, control = slow)))
write.csv(a, "answers.csv", row.names = FALSE, quote = FALSE)
