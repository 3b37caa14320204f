//! Which addresses may be called. What an address is decides, not how it is written: IPv4 inside IPv6 is looked at as
//! the IPv4 address it leads to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where one client may go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Reach {
    PublicOnly,
    /// `EGRESS_ALLOW_PRIVATE`, over TLS.
    Anywhere,
    /// `EGRESS_ALLOW_PRIVATE`, without TLS.
    PrivateOnly,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Public,
    /// Loopback, or of the network around us.
    Private,
    /// Instance metadata, which hands out credentials, and what no server has: never called.
    Never,
}

impl Reach {
    pub(super) fn allows(self, address: IpAddr) -> bool {
        match kind(address) {
            Kind::Public => self != Self::PrivateOnly,
            Kind::Private => self != Self::PublicOnly,
            Kind::Never => false,
        }
    }
}

/// A host that is an address is checked here, for it is never resolved; a name is checked when it is.
pub(super) fn reach_of_host<S: AsRef<str>>(host: &url::Host<S>, reach: Reach) -> bool {
    match host {
        url::Host::Ipv4(address) => reach.allows(IpAddr::V4(*address)),
        url::Host::Ipv6(address) => reach.allows(IpAddr::V6(*address)),
        url::Host::Domain(name) => !name.as_ref().is_empty(),
    }
}

pub(super) fn kind(address: IpAddr) -> Kind {
    match address {
        IpAddr::V4(address) => kind_v4(address),
        IpAddr::V6(address) => kind_v6(address),
    }
}

/// The special-purpose registry of IANA (RFC 6890), and the clouds' metadata services that have addresses elsewhere.
fn kind_v4(address: Ipv4Addr) -> Kind {
    match address.octets() {
        // Alibaba, Azure, Oracle.
        [100, 100, 100, 200] | [168, 63, 129, 16] | [192, 0, 0, 192] => Kind::Never,
        // All link-local: the metadata services of everybody else.
        [169, 254, ..] => Kind::Never,
        [0, ..] | [224..=255, ..] => Kind::Never,
        // Protocol assignments, documentation, old 6to4 relays.
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 51, 100, _] | [203, 0, 113, _] => Kind::Never,
        [127, ..] | [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Kind::Private,
        // Shared by carriers (RFC 6598), benchmarking (RFC 2544).
        [100, 64..=127, ..] | [198, 18 | 19, ..] => Kind::Private,
        _ => Kind::Public,
    }
}

fn kind_v6(address: Ipv6Addr) -> Kind {
    let segments = address.segments();
    match segments {
        [0, 0, 0, 0, 0, 0, 0, 1] => Kind::Private,
        // Unspecified and IPv4-compatible (deprecated).
        [0, 0, 0, 0, 0, 0, _, _] => Kind::Never,
        // IPv4-mapped, and the two prefixes of NAT64 (RFC 6052, RFC 8215).
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            kind_v4(embedded(high, low))
        }
        [0x64, 0xff9b, 1, .., high, low] => match kind_v4(embedded(high, low)) {
            Kind::Never => Kind::Never,
            Kind::Public | Kind::Private => Kind::Private,
        },
        // 6to4.
        [0x2002, high, low, ..] => kind_v4(embedded(high, low)),
        // EC2, GCE, Scaleway, Oracle, Akamai, Alibaba.
        [0xfd00, 0xec2, 0, 0, 0, 0, 0, _]
        | [0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe]
        | [0xfd00, 0xa9fe, 0xa9fe, 0, 0, 0, 0, _]
        | [0xfd00, 0x100, 0, 0, 0, 0, 0x100, 0x200]
        | [0xfd20, 0xce, 0, 0, 0, 0, 0, _]
        | [0xfd00, 0x42, 0, 0, 0, 0, 0, _] => Kind::Never,
        [0xfc00..=0xfdff, ..] => Kind::Private,
        // Global unicast, but for Teredo and other protocol assignments, and documentation.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Kind::Never,
        [0x2000..=0x3fff, ..] => Kind::Public,
        // Link-local, multicast, and whatever nobody was given yet.
        _ => Kind::Never,
    }
}

fn embedded(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    #[test]
    fn every_address_is_what_it_leads_to() {
        use Kind::{Never, Private, Public};
        for (text, expected) in [
            ("93.184.215.14", Public),
            ("172.15.0.1", Public),
            ("172.32.0.1", Public),
            ("100.63.255.255", Public),
            ("100.128.0.1", Public),
            ("2606:4700::1111", Public),
            ("2a00:1450:4001::1", Public),
            ("::ffff:93.184.215.14", Public),
            ("64:ff9b::5db8:d70e", Public),
            ("2002:5db8:d70e::1", Public),
            ("127.0.0.1", Private),
            ("127.255.255.254", Private),
            ("10.0.0.1", Private),
            ("172.16.0.1", Private),
            ("172.31.255.255", Private),
            ("192.168.1.1", Private),
            ("100.64.0.1", Private),
            ("198.18.0.1", Private),
            ("::1", Private),
            ("fc00::1", Private),
            ("fd12:3456::1", Private),
            ("::ffff:127.0.0.1", Private),
            ("::ffff:10.0.0.1", Private),
            ("64:ff9b::a00:1", Private),
            ("64:ff9b:1::a00:1", Private),
            ("2002:7f00:1::", Private),
            ("0.0.0.0", Never),
            ("0.1.2.3", Never),
            ("169.254.0.1", Never),
            ("169.254.169.254", Never),
            ("169.254.170.2", Never),
            ("100.100.100.200", Never),
            ("168.63.129.16", Never),
            ("192.0.0.192", Never),
            ("192.0.2.1", Never),
            ("198.51.100.1", Never),
            ("203.0.113.1", Never),
            ("224.0.0.1", Never),
            ("239.255.255.255", Never),
            ("240.0.0.1", Never),
            ("255.255.255.255", Never),
            ("::", Never),
            ("::127.0.0.1", Never),
            ("::ffff:169.254.169.254", Never),
            ("64:ff9b::a9fe:a9fe", Never),
            ("2002:a9fe:a9fe::", Never),
            ("fd00:ec2::254", Never),
            ("fd20:ce::254", Never),
            ("fd00:42::42", Never),
            ("fd00:c1::a9fe:a9fe", Never),
            ("fd00:a9fe:a9fe::1", Never),
            ("fd00:100::100:200", Never),
            ("64:ff9b:1::a9fe:a9fe", Never),
            ("64:ff9b:1::5db8:d70e", Private),
            ("fe80::1", Never),
            ("fec0::1", Never),
            ("ff02::1", Never),
            ("2001::1", Never),
            ("2001:db8::1", Never),
            ("4000::1", Never),
        ] {
            assert_eq!(kind(text.parse().unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn a_client_goes_only_where_it_may() {
        let allowed = |reach: Reach| {
            ["93.184.215.14", "10.0.0.1", "169.254.169.254"].map(|text| reach.allows(text.parse().unwrap()))
        };
        assert_eq!(allowed(Reach::PublicOnly), [true, false, false]);
        assert_eq!(allowed(Reach::Anywhere), [true, true, false]);
        assert_eq!(allowed(Reach::PrivateOnly), [false, true, false]);
    }

    #[test]
    fn an_address_in_a_url_is_seen_however_it_is_written() {
        for url in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://017700000001/",
            "https://127.1/",
            "https://[::1]/",
            "https://[::ffff:7f00:1]/",
            "https://１２７.0.0.1/",
        ] {
            let parsed = Url::parse(url).unwrap();
            assert!(!reach_of_host(&parsed.host().unwrap(), Reach::PublicOnly), "{url}");
        }
        assert!(reach_of_host(
            &Url::parse("https://login.example.com").unwrap().host().unwrap(),
            Reach::PublicOnly
        ));
    }
}
