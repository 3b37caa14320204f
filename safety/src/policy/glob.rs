//! Names that a policy covers: globs in which `*` matches any run and nothing else is special.

#[derive(Debug)]
pub(super) enum Globs {
    All,
    Some(Vec<Box<str>>),
}

impl Globs {
    pub(super) fn new(globs: Vec<String>) -> Self {
        if globs.iter().any(|glob| glob == "*") {
            return Self::All;
        }
        Self::Some(globs.into_iter().map(String::into_boxed_str).collect())
    }

    pub(super) fn admit_all(&self) -> bool {
        matches!(self, Self::All)
    }

    pub(super) fn admit(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Some(globs) => globs.iter().any(|glob| matches(glob, name)),
        }
    }
}

/// The parts between stars must follow each other; the first and the last are held to the ends.
fn matches(glob: &str, name: &str) -> bool {
    let Some((head, rest)) = glob.split_once('*') else { return glob == name };
    let Some(name) = name.strip_prefix(head) else { return false };
    let (middle, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
    let Some(mut name) = name.strip_suffix(tail) else { return false };
    for part in middle.split('*') {
        let Some(at) = name.find(part) else { return false };
        name = &name[at + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_matches_any_run_and_nothing_else_is_special() {
        for (glob, name, expected) in [
            ("git*", "github", true),
            ("*hub", "github", true),
            ("g*h*b", "github", true),
            ("g*x*b", "github", false),
            ("git?ub", "github", false),
            ("github", "github", true),
            ("", "x", false),
            ("ab*ba", "aba", false),
            ("**", "", true),
            ("a*b*c*d", "aXbXcXbXcXd", true),
        ] {
            assert_eq!(matches(glob, name), expected, "{glob} {name}");
        }
    }

    #[test]
    fn no_globs_cover_nothing_and_a_star_everything() {
        assert!(!Globs::new(Vec::new()).admit("a") && !Globs::new(Vec::new()).admit_all());
        assert!(Globs::new(vec!["b".into(), "*".into()]).admit_all());
    }
}
