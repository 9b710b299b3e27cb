//! What a stratified sample says about a share: the estimate and its 95 % confidence interval.
//!
//! The estimate weighs each stratum by its population (Cochran, Sampling Techniques, 1977, section 5.2). The interval is Wilson's score
//! interval (Wilson, JASA 22, 1927) at the effective size of the sample: the size at which a simple random sample would have the
//! estimate's variance (Korn and Graubard, Survey Methodology 24, 1998; Wilson's in the place of Clopper and Pearson's as Dean and Pagano,
//! Journal of Survey Statistics and Methodology 3, 2015, advise). No correction for finite populations: the interval is rather too wide.

/// The two-sided 95 % quantile of the normal distribution.
pub const Z95: f64 = 1.959_963_984_540_054;

/// One stratum: how many there are, how many were told, how many of those are as claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// The stratum's population.
    pub population: u64,
    /// Items of it that could be told.
    pub told: u64,
    /// Of those, how many are as claimed.
    pub good: u64,
}

/// A share with its 95 % interval, each from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// The estimate.
    pub estimate: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
    /// How many items were told.
    pub told: u64,
}

#[allow(clippy::cast_precision_loss)] // Far fewer than 2^52.
const fn float(n: u64) -> f64 {
    n as f64
}

/// Wilson's interval for a share `p` of a sample of size `n`, which need not be whole.
#[must_use]
pub fn wilson(p: f64, n: f64) -> (f64, f64) {
    let z2 = Z95 * Z95;
    let scale = 1.0 + z2 / n;
    let centre = (p + z2 / (2.0 * n)) / scale;
    let half = Z95 / scale * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    // At the ends of the scale the interval ends there, whatever rounding makes of it.
    let low = if p <= 0.0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if p >= 1.0 { 1.0 } else { (centre + half).min(1.0) };
    (low, high)
}

/// The share over strata; none where nothing was told. A stratum of which nothing was told says nothing: it is left out, and the others
/// stand for it.
#[must_use]
pub fn stratified(strata: &[Told]) -> Option<Share> {
    let seen: Vec<&Told> = strata.iter().filter(|s| s.told > 0).collect();
    let population: u64 = seen.iter().map(|s| s.population).sum();
    let told: u64 = seen.iter().map(|s| s.told).sum();
    if told == 0 || population == 0 {
        return None;
    }
    let (mut estimate, mut variance) = (0.0, 0.0);
    for s in seen {
        let (weight, n) = (float(s.population) / float(population), float(s.told));
        let p = float(s.good) / n;
        estimate += weight * p;
        // Of a stratum with one item, no variance can be known: the largest possible for its share of a coin stands in.
        let spread = if s.told > 1 { p * (1.0 - p) / (n - 1.0) } else { 0.25 };
        variance += weight * weight * spread;
    }
    // Weights that were rounded may add up to a little more than one.
    let estimate = f64::min(estimate, 1.0);
    let plain = estimate * (1.0 - estimate);
    let size = if variance > 0.0 && plain > 0.0 { (plain / variance).min(float(told)) } else { float(told) };
    let (low, high) = wilson(estimate, size.max(1.0));
    Some(Share { estimate, low, high, told })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    }

    #[test]
    fn wilson_gives_the_numbers_of_the_defining_equation() {
        // The ends are the roots of (p - x)^2 = z^2 x(1-x)/n, found by bisection with Python's decimal at 50 digits, independently of
        // the closed form above.
        for (good, n, low, high) in WILSON {
            let (l, h) = wilson(good / n, n);
            near(l, low);
            near(h, high);
        }
    }

    /// Successes, size, lower and upper end.
    const WILSON: [(f64, f64, f64, f64); 5] = [
        (8.0, 10.0, 0.490162471536642, 0.943317848545625),
        (0.0, 10.0, 0.000000000000000, 0.277532799862889),
        (10.0, 10.0, 0.722467200137111, 1.000000000000000),
        (48.0, 50.0, 0.865399093124930, 0.988961115672380),
        (137.0, 250.0, 0.486044642736908, 0.608502560511529),
    ];

    #[test]
    fn strata_are_weighed_by_their_populations() {
        let of = |population, told, good| Told { population, told, good };
        let share = stratified(&[of(900, 30, 30), of(100, 30, 15)]).unwrap();
        near(share.estimate, 0.95);
        assert!(share.low < 0.95 && 0.95 < share.high && share.told == 60);
        // One stratum is a simple sample: with n - 1 the effective size is n - 1.
        let one = stratified(&[of(1_000, 50, 45)]).unwrap();
        assert_eq!((one.low, one.high), wilson(0.9, 49.0));
        // All good, or none: the interval does not shrink to a point.
        let all = stratified(&[of(10, 5, 5), of(10, 5, 5)]).unwrap();
        assert_eq!((all.estimate, all.high, all.told), (1.0, 1.0, 10));
        near(all.low, wilson(1.0, 10.0).0);
        assert!(stratified(&[of(10, 0, 0)]).is_none() && stratified(&[]).is_none());
    }
}
