//! Ranges of addresses that tokens may be used from.

use std::net::IpAddr;

use ipnet::IpNet;

/// A range in CIDR notation, or one address.
///
/// Shape: `10.0.0.0/8`, `10.0.0.1`, `2001:db8::/32`; bits past the prefix are ignored.
pub fn parse_range(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse::<IpNet>()
        .ok()
        .map(|range| range.trunc())
        .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// Whether `address` lies in one of `ranges`; no ranges are no restriction.
///
/// An IPv4 address that came over an IPv6 socket (`::ffff:10.0.0.1`) is an IPv4 address.
pub fn within(ranges: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    ranges.is_empty() || ranges.iter().any(|range| range.contains(&address))
}

/// The address by which attempts are counted: for IPv6 the network of 64 bits that one machine usually has.
pub fn counted(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) & !u128::from(u64::MAX)).into()),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::{counted, parse_range, within};

    #[test]
    fn an_address_is_held_against_ranges_of_its_own_kind() {
        let ranges: Vec<_> = ["10.1.2.3/8", "192.0.2.7", "2001:db8::/32"]
            .iter()
            .map(|text| parse_range(text).expect("a range"))
            .collect();
        for (address, expected) in [
            ("10.200.0.1", true),
            ("11.0.0.1", false),
            ("192.0.2.7", true),
            ("192.0.2.8", false),
            ("::ffff:10.0.0.1", true),
            ("2001:db8::1", true),
            ("2001:db9::1", false),
        ] {
            assert_eq!(within(&ranges, address.parse().expect("an address")), expected, "{address}");
        }
        assert!(within(&[], "203.0.113.1".parse().expect("an address")));
        for wrong in ["", "10.0.0.0/33", "10.0.0", "host", "10.0.0.0/-1"] {
            assert_eq!(parse_range(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn attempts_are_counted_by_network_where_addresses_are_many() {
        for (address, expected) in [
            ("203.0.113.9", "203.0.113.9"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ] {
            let address = counted(address.parse().expect("an address"));
            assert_eq!(address.to_string(), expected);
        }
    }
}
