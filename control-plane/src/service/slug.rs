//! Slugs: a name as an address can hold it.

use crate::rest::form::Faults;

/// `Acme & Sons, Inc.` → `acme-sons-inc`; `fallback` for a name without a letter or digit of ASCII.
#[must_use]
pub fn of(name: &str, fallback: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let slug = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    if slug.is_empty() { fallback.to_owned() } else { slug }
}

/// The start of a slug that leaves room for a number.
#[must_use]
pub fn stem(name: &str, fallback: &str) -> String {
    let mut slug = of(name, fallback);
    slug.truncate(90);
    slug.trim_end_matches('-').to_owned()
}

/// The first of `stem`, `stem-2`, `stem-3`, ... that is not taken: two names may read alike in an address.
#[must_use]
pub fn free(stem: &str, taken: &[String]) -> String {
    let is_taken = |slug: &str| taken.iter().any(|one| one == slug);
    let numbered = (2..).map(|number| format!("{stem}-{number}"));
    let mut candidates = std::iter::once(stem.to_owned()).chain(numbered);
    candidates.find(|slug| !is_taken(slug)).unwrap_or_default()
}

/// What is wrong with a slug somebody wrote into `field`.
pub fn check(faults: &mut Faults, field: &str, slug: &str) {
    faults.length(field, slug, 1..=100);
    if !is_plain(slug) {
        faults.add(field, "format", "must be lower-case words with hyphens between");
    }
}

/// Whether a slug somebody chose looks like one of ours.
#[must_use]
pub fn is_plain(slug: &str) -> bool {
    slug.split('-').all(|word| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_plain() {
        assert_eq!(of("Acme & Sons, Inc.", "default"), "acme-sons-inc");
        assert_eq!(of("研究", "default"), "default");
        assert!(is_plain("acme-sons-2") && is_plain("a"));
        for bad in ["", "-a", "a-", "a--b", "A", "a b", "é"] {
            assert!(!is_plain(bad), "{bad}");
        }
    }

    #[test]
    fn a_slug_that_is_taken_gets_a_number() {
        let taken = ["acme", "acme-2", "acme-4"].map(str::to_owned);
        assert_eq!((free("acme", &taken), free("other", &taken)), ("acme-3".into(), "other".into()));
        assert!(stem(&"long ".repeat(40), "x").len() <= 90);
    }
}
