//! Where a request comes from when it came through proxies: one answer for both planes, which both decide by it.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

/// The nearest address that is no trusted proxy of ours. `lines` are the values of `X-Forwarded-For` as they came:
/// what a proxy adds stands at the end, behind a comma or in a line of its own.
///
/// None: a trusted proxy wrote what cannot be read. Then nobody knows whose address it is, and it must not be taken for
/// the proxy's own.
pub fn client_address<'a>(
    peer: IpAddr,
    lines: impl DoubleEndedIterator<Item = &'a [u8]>,
    trusted: &[IpNet],
) -> Option<IpAddr> {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    let mut nearest = peer.to_canonical();
    if !is_trusted(&nearest) {
        return Some(nearest);
    }
    for hop in lines.rev().flat_map(|line| line.rsplit(|byte| *byte == b',')) {
        nearest = address_of(hop)?.to_canonical();
        if !is_trusted(&nearest) {
            break;
        }
    }
    Some(nearest)
}

/// An address alone, in brackets, or with the port that some load balancers add.
fn address_of(hop: &[u8]) -> Option<IpAddr> {
    let hop = std::str::from_utf8(hop).ok()?.trim();
    if let Ok(address) = hop.parse() {
        return Some(address);
    }
    if let Ok(with_port) = hop.parse::<SocketAddr>() {
        return Some(with_port.ip());
    }
    let within = hop.strip_prefix('[')?.strip_suffix(']')?;
    within.parse().ok().filter(IpAddr::is_ipv6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(peer: &str, lines: &[&str]) -> Option<String> {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let lines = lines.iter().map(|line| line.as_bytes());
        client_address(peer.parse().unwrap(), lines, &trusted).map(|address| address.to_string())
    }

    #[test]
    fn the_nearest_address_that_is_no_proxy_of_ours_is_the_clients() {
        for (lines, client) in [
            (&[][..], "10.0.0.1"),
            (&["203.0.113.9"], "203.0.113.9"),
            (&["6.6.6.6, 203.0.113.9, 10.0.0.2"], "203.0.113.9"),
            // HAProxy leaves the client's own line and adds another.
            (&["10.1.2.3", "203.0.113.9"], "203.0.113.9"),
            (&["203.0.113.9", "10.1.2.3"], "203.0.113.9"),
            (&["10.1.2.3, 10.0.0.2", "10.0.0.3"], "10.1.2.3"),
        ] {
            assert_eq!(from("10.0.0.1", lines).as_deref(), Some(client), "{lines:?}");
        }
    }

    #[test]
    fn a_stranger_says_nothing_about_where_it_comes_from() {
        for lines in [&[][..], &["10.1.2.3"], &["nonsense"]] {
            assert_eq!(from("198.51.100.7", lines).as_deref(), Some("198.51.100.7"), "{lines:?}");
        }
    }

    #[test]
    fn an_address_is_read_in_every_form_that_proxies_write() {
        for (hop, client) in [
            ("203.0.113.9:4711", "203.0.113.9"),
            ("[2001:db8::5]:4711", "2001:db8::5"),
            ("[2001:db8::5]", "2001:db8::5"),
            ("2001:db8::5", "2001:db8::5"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
        ] {
            assert_eq!(from("10.0.0.1", &[hop]).as_deref(), Some(client), "{hop}");
        }
        assert_eq!(from("::ffff:10.0.0.1", &["203.0.113.9"]).as_deref(), Some("203.0.113.9"), "both stacks");
        assert_eq!(from("fd00::1", &["203.0.113.9, ::ffff:10.0.0.2"]).as_deref(), Some("203.0.113.9"));
        assert_eq!(from("::ffff:198.51.100.7", &[]).as_deref(), Some("198.51.100.7"));
    }

    #[test]
    fn what_a_proxy_of_ours_wrote_and_nobody_can_read_is_nobodys_address() {
        for line in
            ["unknown", "", "203.0.113.9,", "203.0.113.9, _hidden", "203.0.113.9:port", "[203.0.113.9]"]
        {
            assert_eq!(from("10.0.0.1", &[line]), None, "{line}");
        }
        assert_eq!(from("10.0.0.1", &["203.0.113.9", "unknown"]), None);
        assert_eq!(from("10.0.0.1", &["unknown", "203.0.113.9"]).as_deref(), Some("203.0.113.9"));
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let no_text = [&b"203.0.113.9, \xff"[..]];
        assert_eq!(client_address("10.0.0.1".parse().unwrap(), no_text.into_iter(), &trusted), None);
    }
}
