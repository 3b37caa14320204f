//! Lists of addresses and networks (CIDR) that are let in: a key's, an organization's (contract 3.2, 3.5).

use std::net::IpAddr;

use ipnet::IpNet;

use crate::rest::form::Faults;

const MOST: usize = 100;

/// A network, or an address as the network of itself; host bits are dropped.
fn parse(text: &str) -> Option<IpNet> {
    let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    network.ok().map(|network| network.trunc())
}

/// What is wrong with a list that somebody wrote into `field`.
pub fn check(faults: &mut Faults, field: &str, networks: &[String]) {
    if networks.len() > MOST {
        faults.add(field, "length", format!("must have at most {MOST} entries"));
    }
    for (index, network) in networks.iter().enumerate() {
        if parse(network).is_none() {
            let message = "must be an address or a network such as 10.0.0.0/8";
            faults.add(format!("{field}.{index}"), "format", message);
        }
    }
}

/// Networks as Postgres writes them, so that what is read back is what is kept.
pub fn normalize(networks: &mut Vec<String>) {
    *networks = networks.iter().filter_map(|text| parse(text)).map(|network| network.to_string()).collect();
}

/// Whether a caller from `address` is let in; an empty list lets in everybody, another nobody whose address is unknown.
#[must_use]
pub fn admit(networks: &[String], address: Option<IpAddr>) -> bool {
    let within =
        |address: IpAddr| networks.iter().filter_map(|text| parse(text)).any(|net| net.contains(&address));
    networks.is_empty() || address.is_some_and(|address| within(address.to_canonical()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(networks: &[&str]) -> Vec<String> {
        networks.iter().map(|&network| network.to_owned()).collect()
    }

    #[test]
    fn addresses_become_networks_without_host_bits() {
        let mut networks = list(&["10.1.2.3/8", "192.0.2.7", "2001:db8::1"]);
        normalize(&mut networks);
        assert_eq!(networks, ["10.0.0.0/8", "192.0.2.7/32", "2001:db8::1/128"]);
        assert!(parse("10.0.0.0/33").is_none() && parse("host").is_none());
    }

    #[test]
    fn who_is_not_in_the_list_is_not_let_in() {
        let networks = list(&["10.0.0.0/8", "2001:db8::/32"]);
        let admitted = |address: &str| admit(&networks, Some(address.parse().unwrap()));
        assert!(admitted("10.9.9.9") && admitted("::ffff:10.9.9.9") && admitted("2001:db8::5"));
        assert!(!admitted("11.0.0.1") && !admitted("::1") && !admit(&networks, None));
        assert!(admit(&[], None), "an empty list keeps nobody out");
    }
}
