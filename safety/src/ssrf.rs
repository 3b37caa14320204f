//! URLs in arguments that would have a server call what only it can reach.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    ops::Range,
};

use crate::{
    finding::{Finding, Kind, Severity},
    scan::{Look, Text, work},
};

/// Longest authority that is read.
const MAX_AUTHORITY: usize = 256;

pub(crate) const MARKS: &[(&str, Look)] = &[
    ("://", url),
    ("169.254.169.254", metadata),
    ("169.254.170.2", metadata),
    ("100.100.100.200", metadata),
    ("fd00:ec2::254", metadata),
    ("metadata.google.internal", metadata),
];

const METADATA_V4: [Ipv4Addr; 3] =
    [Ipv4Addr::new(169, 254, 169, 254), Ipv4Addr::new(169, 254, 170, 2), Ipv4Addr::new(100, 100, 100, 200)];
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

fn finding(rule: &'static str, severity: Severity, confidence: f32, span: Range<usize>) -> Option<Finding> {
    Some(Finding { kind: Kind::Ssrf, severity, confidence, rule: rule.into(), span })
}

/// Where clouds hand out a machine's credentials.
fn metadata(text: &Text<'_>, at: Range<usize>, _: &mut usize) -> Option<Finding> {
    let touches = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let is_part = touches(text.before(at.start, 1).first()) || touches(text.from(at.end, 1).first());
    (!is_part).then_some(())?;
    let is_short = text.text.len() <= 512;
    finding("metadata_address", Severity::Critical, if is_short { 0.95 } else { 0.7 }, at)
}

fn url(text: &Text<'_>, at: Range<usize>, _: &mut usize) -> Option<Finding> {
    let before = text.before(at.start, 16);
    let letters =
        before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'+').count();
    let start = at.start - letters;
    let scheme = text.text[start..at.start].to_ascii_lowercase();
    match scheme.as_str() {
        "gopher" | "dict" | "tftp" | "phar" | "expect" | "netdoc" => {
            return finding("odd_scheme", Severity::High, 0.85, start..at.end);
        }
        "file" if !text.is_program() => return finding("file_url", Severity::Medium, 0.7, start..at.end),
        "http" | "https" | "ws" | "wss" | "ftp" => {}
        _ => return None,
    }
    let rest = text.from(at.end, MAX_AUTHORITY);
    let length = rest
        .iter()
        .position(|&byte| byte <= b' ' || b"/?#\\\"'<>`|,;)}".contains(&byte))
        .unwrap_or(rest.len());
    let authority = text.text.get(at.end..at.end + work::reads(length))?;
    let end = at.end + length;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let has_user = host.len() < authority.len();
    let (rule, severity, confidence) = judge(host)?;
    // In a program or a document a local address is an address like others.
    let weight =
        if rule != "metadata_address" && (text.is_program() || text.text.len() > 2048) { 0.2 } else { 0.0 };
    let trick = if has_user { 0.1 } else { 0.0 };
    finding(rule, severity, (confidence - weight + trick).min(0.99), start..end)
}

fn judge(host_and_port: &str) -> Option<(&'static str, Severity, f32)> {
    let host = match host_and_port.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => host_and_port.split_once(':').map_or(host_and_port, |(host, _)| host),
    };
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if let Ok(address) = host.parse::<Ipv6Addr>() {
        let (inner, is_mapped) = match address.to_ipv4_mapped().or_else(|| compatible(&address)) {
            Some(inner) => (IpAddr::V4(inner), true),
            None => (IpAddr::V6(address), false),
        };
        return judge_address(inner, is_mapped);
    }
    if let Some((address, is_plain)) = ipv4(&host) {
        return judge_address(IpAddr::V4(address), !is_plain);
    }
    if host == "metadata.google.internal" || host == "metadata" {
        return Some(("metadata_address", Severity::Critical, 0.95));
    }
    let is_local = host == "localhost" || host.ends_with(".localhost") || host == "host.docker.internal";
    if is_local {
        return Some(("private_address", Severity::Medium, 0.75));
    }
    let resolves = ["nip.io", "sslip.io", "localtest.me", "lvh.me", "xip.io"]
        .iter()
        .any(|name| host.strip_suffix(name).is_some_and(|head| head.is_empty() || head.ends_with('.')));
    if resolves {
        return Some(("name_of_private_address", Severity::High, 0.85));
    }
    let is_internal = [".internal", ".svc.cluster.local", ".corp", ".intranet", ".lan", ".home.arpa"]
        .iter()
        .any(|suffix| host.ends_with(suffix));
    is_internal.then_some(("internal_name", Severity::Medium, 0.7))
}

/// `::127.0.0.1`, long out of use but still read.
fn compatible(address: &Ipv6Addr) -> Option<Ipv4Addr> {
    let octets = address.octets();
    let is_compatible = octets[..12] == [0; 12] && octets[12] != 0;
    is_compatible.then(|| Ipv4Addr::new(octets[12], octets[13], octets[14], octets[15]))
}

/// An address as browsers and libraries read one: decimal, octal and hexadecimal parts, fewer than four of them; and
/// whether it is written as everybody does.
fn ipv4(host: &str) -> Option<(Ipv4Addr, bool)> {
    if let Ok(plain) = host.parse::<Ipv4Addr>() {
        return Some((plain, true));
    }
    if !host.as_bytes().first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let parts: Vec<u64> = host.split('.').map(part).collect::<Option<_>>()?;
    let (last, firsts) = parts.split_last()?;
    let room = 4usize.checked_sub(firsts.len())? as u32;
    if firsts.iter().any(|&part| part > 255) || *last >= 256u64.pow(room) {
        return None;
    }
    let head = firsts.iter().enumerate().fold(0u64, |value, (at, &part)| value | part << (24 - 8 * at));
    u32::try_from(head | last).ok().map(|value| (Ipv4Addr::from(value), false))
}

fn part(text: &str) -> Option<u64> {
    if text.is_empty() || text.len() > 16 {
        return None;
    }
    match text.strip_prefix("0x") {
        Some("") => Some(0),
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None if text.len() > 1 && text.starts_with('0') => u64::from_str_radix(text, 8).ok(),
        None => text.parse().ok(),
    }
}

fn judge_address(address: IpAddr, is_odd: bool) -> Option<(&'static str, Severity, f32)> {
    let is_metadata = match address {
        IpAddr::V4(v4) => METADATA_V4.contains(&v4),
        IpAddr::V6(v6) => v6 == METADATA_V6,
    };
    if is_metadata {
        return Some(("metadata_address", Severity::Critical, 0.95));
    }
    let is_private = match address {
        IpAddr::V4(v4) => {
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.octets()[0] == 0
                || (v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64)
        }
        IpAddr::V6(v6) => {
            v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local() || v6.is_unicast_link_local()
        }
    };
    match (is_private, is_odd) {
        (true, true) => Some(("disguised_private_address", Severity::High, 0.95)),
        (true, false) => Some(("private_address", Severity::Medium, 0.75)),
        (false, true) => Some(("disguised_address", Severity::Medium, 0.7)),
        (false, false) => None,
    }
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
        scan(text, Some(key), Surface::Arguments, Kinds::default().with(Kind::Ssrf), &mut findings);
        findings
            .into_iter()
            .filter(|finding| finding.confidence >= 0.7)
            .map(|finding| finding.rule.into_owned())
            .collect()
    }

    #[test]
    fn addresses_are_known_however_they_are_spelled() {
        for (text, rule) in [
            ("http://169.254.169.254/latest/meta-data/", "metadata_address"),
            ("http://metadata.google.internal/computeMetadata/v1/", "metadata_address"),
            ("http://127.0.0.1:6379/", "private_address"),
            ("https://10.1.2.3", "private_address"),
            ("http://localhost:8080/admin", "private_address"),
            ("http://[::1]/", "private_address"),
            ("http://2130706433/", "disguised_private_address"),
            ("http://0x7f000001", "disguised_private_address"),
            ("http://0177.0.0.1", "disguised_private_address"),
            ("http://127.1/", "disguised_private_address"),
            ("http://[::ffff:169.254.169.254]/", "metadata_address"),
            ("http://[::ffff:7f00:1]/", "disguised_private_address"),
            ("https://acme.com@192.168.0.1/x", "private_address"),
            ("http://127.0.0.1.nip.io", "name_of_private_address"),
            ("gopher://x/_", "odd_scheme"),
            ("file:///srv/data", "file_url"),
        ] {
            assert!(rules("url", text).contains(&rule.to_owned()), "{text}: {:?}", rules("url", text));
        }
    }

    #[test]
    fn public_urls_are_left_alone() {
        for text in [
            "https://acme.com/a?b=127.0.0.1",
            "https://8.8.8.8/dns-query",
            "https://api.github.com/repos/a/b",
            "postgres://db.acme.com/x",
            "https://1password.com",
            "https://127.0.0.1.acme.com",
            "https://mail.acme.com/169.254.169.2540",
        ] {
            assert_eq!(rules("url", text), [""; 0], "{text}");
        }
    }
}
