//! Which suggested texts are so alike that, posted by many, they would read as copies of one another.

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization;

/// Two texts at or above this score are near-identical. One changed word in a sentence of ten stays above it; a sentence
/// said anew, with the same names in it, falls well below.
pub const NEAR_IDENTICAL: f64 = 0.8;

/// What is compared of a text: NFKC, lower case, letters, digits and their marks only, without web addresses
/// (which variants of one task share by design).
#[must_use]
pub fn essence(text: &str) -> String {
    let words = text.split_whitespace().filter(|word| {
        let word = word.trim_start_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        !(word.starts_with("https://") || word.starts_with("http://") || word.starts_with("www."))
    });
    words
        .flat_map(|word| word.nfkc())
        .flat_map(char::to_lowercase)
        .nfkc()
        .filter(|c| c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(*c))
        .collect()
}

/// How alike two texts are, from 0 (nothing in common) to 1 (the same but for case, punctuation, spaces, emoji and links):
/// Dice's coefficient over the sets of character trigrams.
#[must_use]
pub fn similarity(a: &str, b: &str) -> f64 {
    Fingerprint::of(a).likeness(&Fingerprint::of(b))
}

/// The pairs `(i, j, score)`, `i < j`, whose score is at or above [`NEAR_IDENTICAL`]; the most alike first.
#[must_use]
pub fn near_identical<T: AsRef<str>>(texts: &[T]) -> Vec<(usize, usize, f64)> {
    let prints: Vec<Fingerprint> = texts.iter().map(|t| Fingerprint::of(t.as_ref())).collect();
    let mut pairs = Vec::new();
    for (i, a) in prints.iter().enumerate() {
        for (j, b) in prints.iter().enumerate().skip(i + 1) {
            let score = a.likeness(b);
            if score >= NEAR_IDENTICAL {
                pairs.push((i, j, score));
            }
        }
    }
    pairs.sort_by(|a, b| b.2.total_cmp(&a.2).then((a.0, a.1).cmp(&(b.0, b.1))));
    pairs
}

struct Fingerprint {
    essence: String,
    trigrams: HashSet<[char; 3]>,
}

impl Fingerprint {
    fn of(text: &str) -> Self {
        let mut essence = essence(text);
        if essence.is_empty() {
            // Nothing but emoji, punctuation or a link: then those are the text.
            essence = text.split_whitespace().collect();
        }
        let third = essence.chars().skip(2);
        let trigrams = essence.chars().zip(essence.chars().skip(1)).zip(third).map(|((a, b), c)| [a, b, c]).collect();
        Self { essence, trigrams }
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of a text's trigrams are far below 2^52")]
    fn likeness(&self, other: &Self) -> f64 {
        if self.essence == other.essence {
            return 1.0;
        }
        let total = self.trigrams.len() + other.trigrams.len();
        if total == 0 {
            return 0.0;
        }
        let shared = self.trigrams.intersection(&other.trigrams).count();
        (2 * shared) as f64 / total as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "Mulai 1 Oktober, lapor SPT cukup lewat Coretax. Gratis dan aman!";

    #[test]
    fn dressing_makes_no_difference() {
        let b = "👉 mulai 1 OKTOBER lapor SPT cukup lewat Coretax – gratis dan aman 🙏 https://pajak.go.id/coretax";
        assert!((similarity(A, b) - 1.0).abs() < f64::EPSILON);
        assert!((similarity("ｆｕｌｌ ｗｉｄｔｈ", "full width") - 1.0).abs() < f64::EPSILON);
        assert!((similarity("cafe\u{301}", "CAF\u{c9}") - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn one_word_changed_is_near_and_own_words_are_not() {
        let changed = "Mulai 1 Oktober, lapor SPT cukup lewat Coretax. Mudah dan aman!";
        let own = "Saya sudah coba Coretax untuk SPT tahun ini, tidak perlu lagi antre di kantor pajak.";
        assert!(similarity(A, changed) >= NEAR_IDENTICAL, "{}", similarity(A, changed));
        assert!(similarity(A, own) < 0.5, "{}", similarity(A, own));
        let found = near_identical(&[A, own, changed, A]);
        let pairs: Vec<_> = found.iter().map(|&(i, j, _)| (i, j)).collect();
        assert_eq!(pairs, [(0, 3), (0, 2), (2, 3)]);
    }

    #[test]
    fn a_shared_link_does_not_make_two_texts_alike() {
        let link = "https://www.kemenkeu.go.id/informasi-publik/publikasi/berita-utama/apbn-kita";
        let score = similarity(&format!("Baca faktanya {link}"), &format!("Cek di sini: {link}"));
        assert!(score < 0.3, "{score}");
    }

    #[test]
    fn short_and_empty_texts() {
        assert!((similarity("ok", "OK!") - 1.0).abs() < f64::EPSILON);
        assert!(similarity("ok", "no").abs() < f64::EPSILON);
        assert!(similarity("👍", "🎉").abs() < f64::EPSILON);
        assert!((similarity("👍", "👍") - 1.0).abs() < f64::EPSILON);
        assert!(near_identical::<&str>(&[]).is_empty());
    }
}
