//! Paths in arguments that leave the place they are meant for, or lead to what nobody should read.

use std::ops::Range;

use crate::{
    finding::{Finding, Kind, Severity},
    scan::{Look, Text},
};

/// Longer texts are no paths.
const MAX_PATH: usize = 1024;

pub(crate) const MARKS: &[(&str, Look)] = &[
    ("../", climb),
    ("..\\", climb),
    ("..%2f", encoded),
    ("..%5c", encoded),
    ("%2e%2e/", encoded),
    ("%2e%2e%2f", encoded),
    ("%2e%2e%5c", encoded),
    ("%252e%252e", encoded),
    ("..%252f", encoded),
    ("..%c0%af", encoded),
    ("....//", encoded),
    ("..;/", encoded),
    ("/etc/passwd", sensitive),
    ("/etc/shadow", sensitive),
    ("/etc/sudoers", sensitive),
    ("/proc/self/environ", sensitive),
    ("/.ssh/id_", sensitive),
    ("/.ssh/authorized_keys", sensitive),
    ("/.aws/credentials", sensitive),
    ("/.kube/config", sensitive),
    ("/.docker/config.json", sensitive),
    ("/.netrc", sensitive),
    ("/.git-credentials", sensitive),
    ("/var/run/secrets/kubernetes.io", sensitive),
    ("/windows/win.ini", sensitive),
    ("\\windows\\win.ini", sensitive),
    ("\\system32\\config\\sam", sensitive),
    ("\\windows\\system32\\drivers\\etc\\hosts", sensitive),
];

fn finding(rule: &'static str, severity: Severity, confidence: f32, span: Range<usize>) -> Option<Finding> {
    Some(Finding { kind: Kind::PathTraversal, severity, confidence, rule: rule.into(), span })
}

/// `../` again and again. Once or twice is how neighbours are named in every project.
fn climb(text: &Text<'_>, at: Range<usize>, read_to: &mut usize) -> Option<Finding> {
    if text.before(at.start, 1) == b"." {
        return None;
    }
    let bytes = text.text.as_bytes();
    let mut end = at.start;
    let mut steps = 0;
    while let [b'.', b'.', b'/' | b'\\', ..] = bytes[end..] {
        end += 3;
        steps += 1;
        while matches!(bytes.get(end), Some(b'/' | b'\\')) {
            end += 1;
        }
    }
    *read_to = end;
    let is_path = text.text.len() <= MAX_PATH && !text.text.contains(['\n', ' ', '"']);
    if !is_path || text.is_program() {
        return None;
    }
    let is_rooted = at.start > 0 && text.text[..at.start].ends_with(['/', '\\']);
    let target = text.text[end..].trim_start_matches("./");
    let leads_out =
        ["etc/", "proc/", "root/", "windows", "var/", "home/", ".ssh", ".aws", ".env", "boot.ini"]
            .iter()
            .any(|root| target.get(..root.len()).is_some_and(|head| head.eq_ignore_ascii_case(root)));
    let confidence = match steps {
        _ if leads_out => 0.95,
        5.. => 0.85,
        3 | 4 if is_rooted => 0.75,
        2.. => 0.55,
        _ => return None,
    };
    finding("parent_directories", Severity::High, confidence, at.start..end)
}

/// Nobody who means well encodes dots.
fn encoded(text: &Text<'_>, at: Range<usize>, _: &mut usize) -> Option<Finding> {
    (!text.is_program()).then_some(())?;
    finding("encoded_parent_directory", Severity::High, 0.9, at)
}

fn sensitive(text: &Text<'_>, at: Range<usize>, _: &mut usize) -> Option<Finding> {
    let is_path = text.text.len() <= MAX_PATH && !text.text.contains([' ', '\n']);
    finding("sensitive_file", Severity::High, if is_path { 0.85 } else { 0.6 }, at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        finding::{Kinds, Surface},
        scan::scan,
    };

    fn rules(key: &str, text: &str) -> Vec<String> {
        let mut findings = Vec::new();
        scan(text, Some(key), Surface::Arguments, Kinds::default().with(Kind::PathTraversal), &mut findings);
        findings
            .into_iter()
            .filter(|finding| finding.confidence >= 0.7)
            .map(|finding| finding.rule.into_owned())
            .collect()
    }

    #[test]
    fn paths_that_lead_out_are_found() {
        for (text, rule) in [
            ("../../../etc/passwd", "parent_directories"),
            ("files/../../../../secret.txt", "parent_directories"),
            ("..\\..\\windows\\win.ini", "parent_directories"),
            ("..%2f..%2fetc%2fpasswd", "encoded_parent_directory"),
            ("%252e%252e%252fsecret", "encoded_parent_directory"),
            ("....//....//etc/hosts", "encoded_parent_directory"),
            ("file:///etc/passwd", "sensitive_file"),
            ("/home/ada/.ssh/id_ed25519", "sensitive_file"),
        ] {
            assert!(rules("path", text).contains(&rule.to_owned()), "{text}");
        }
    }

    #[test]
    fn neighbours_and_program_text_are_left_alone() {
        for (key, text) in [
            ("path", "../README.md"),
            ("path", "../../src/lib.rs"),
            ("path", "a..b/c...d/e"),
            ("content", "import x from '../../../../lib/x'"),
            ("note", "see ../../../docs for more"),
        ] {
            assert_eq!(rules(key, text), [""; 0], "{text}");
        }
    }
}
