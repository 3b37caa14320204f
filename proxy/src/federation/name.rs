//! Names of federated tools and prompts: `{server}__{name}`, of at most 64 characters (R5.1, contract 2.2).

use std::borrow::Cow;

use ring::digest;

/// Hosts put prefixes of their own before a name, and cap the whole at about this.
const MAX_LENGTH: usize = 64;
const SEPARATOR: &str = "__";
/// `_` and eight hexadecimal digits.
const SUFFIX: usize = 9;

/// The name that clients see. One that is too long is cut, and told apart by a hash of the whole: the same on every
/// replica and after every restart.
pub(crate) fn outward(server: &str, name: &str) -> String {
    let whole = format!("{server}{SEPARATOR}{name}");
    if fits(&whole) {
        return whole;
    }
    let hash = digest::digest(&digest::SHA256, whole.as_bytes());
    let mut kept = MAX_LENGTH - SUFFIX;
    while !whole.is_char_boundary(kept) {
        kept -= 1;
    }
    format!("{}_{}", &whole[..kept], hex::encode(&hash.as_ref()[..4]))
}

/// Whether a name is short enough as it is.
pub(crate) fn fits(name: &str) -> bool {
    name.len() <= MAX_LENGTH
}

/// Server and own name of a name that was not cut. A server's name never holds the separator.
pub(crate) fn inward(exposed: &str) -> Option<(&str, &str)> {
    exposed.split_once(SEPARATOR)
}

/// Whether the name may have been cut: then only those who know all names can tell what it stands for.
pub(crate) fn may_be_cut(exposed: &str) -> bool {
    let hash = exposed.len().checked_sub(SUFFIX).and_then(|at| exposed.get(at..));
    exposed.len() > MAX_LENGTH - SUFFIX - 4
        && hash.is_some_and(|hash| {
            hash.starts_with('_') && hash[1..].bytes().all(|byte| byte.is_ascii_hexdigit())
        })
}

/// A text with the server's name before it, so that people see who asks (R5.14).
pub(crate) fn spoken_by<'a>(server: &str, text: &'a str) -> Cow<'a, str> {
    Cow::Owned(format!("{server}: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_fits_comes_back_as_it_was() {
        assert_eq!(outward("github", "get_repo"), "github__get_repo");
        assert_eq!(inward("github__get_repo"), Some(("github", "get_repo")));
        assert_eq!(inward("a__b__c"), Some(("a", "b__c")), "the rest is the tool's own");
        assert_eq!(inward("echo"), None);
        assert!(!may_be_cut("github__get_repo"));
    }

    #[test]
    fn a_long_name_is_cut_the_same_way_every_time_and_stays_apart() {
        let long = "x".repeat(80);
        let exposed = outward("github", &long);
        assert_eq!((exposed.len(), &exposed), (64, &outward("github", &long)));
        assert!(exposed.starts_with("github__xxx") && may_be_cut(&exposed));
        assert_ne!(exposed, outward("github", &format!("{long}y")));
        let umlauts = outward("s", &"\u{fc}".repeat(60));
        assert!(umlauts.len() <= 64 && may_be_cut(&umlauts));
    }
}
