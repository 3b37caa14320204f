//! Slugs: a name as an address can hold it.

/// `Acme & Sons, Inc.` → `acme-sons-inc`; `fallback` for a name without a letter or digit of ASCII.
#[must_use]
pub fn of(name: &str, fallback: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let slug = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    if slug.is_empty() { fallback.to_owned() } else { slug }
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
}
