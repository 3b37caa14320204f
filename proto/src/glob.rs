//! Globs as the contract has them: `*` matches any run of characters, nothing else is special.

/// Whether `pattern` matches the whole of `text`; linear in practice, never exponential.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut last_star: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p) == Some(&b'*') {
            last_star = Some((p, t));
            p += 1;
        } else if pattern.get(p) == Some(&text[t]) {
            p += 1;
            t += 1;
        } else if let Some((star, from)) = last_star {
            last_star = Some((star, from + 1));
            p = star + 1;
            t = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|&byte| byte == b'*')
}

/// Whether a list of globs admits `text`: any match does, unless a glob behind `!` matches too (contract 3.5).
pub fn admits<'a>(globs: impl IntoIterator<Item = &'a str>, text: &str) -> bool {
    let mut admitted = false;
    for glob in globs {
        match glob.strip_prefix('!') {
            Some(excluded) if matches(excluded, text) => return false,
            Some(_) => {}
            None => admitted = admitted || matches(glob, text),
        }
    }
    admitted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_matches_any_run_and_nothing_else_is_special() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("*", "anything", true),
            ("git*", "github", true),
            ("*hub", "github", true),
            ("g*h*b", "github", true),
            ("g*x*b", "github", false),
            ("git?ub", "github", false),
            ("[a-z]*", "github", false),
            ("", "", true),
            ("", "x", false),
            ("a*b*c*d", "aXbXcXbXcXd", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn an_exclusion_wins_wherever_it_stands() {
        assert!(admits(["github__*"], "github__get"));
        assert!(!admits(["!github__delete_*", "github__*"], "github__delete_repo"));
        assert!(!admits(["*", "!*__delete_*"], "github__delete_repo"));
        assert!(!admits(["!x"], "y"), "an exclusion alone admits nothing");
    }

    #[test]
    fn many_stars_stay_fast() {
        assert!(!matches(&"*a".repeat(50), &"b".repeat(10_000)));
    }
}
