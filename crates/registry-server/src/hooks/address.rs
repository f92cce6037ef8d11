//! Which addresses are everybody's: what lies in the registry's own network is not asked because a user says so.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is reached over the internet.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let is_special = match first {
        // this network, loopback, multicast and what is reserved
        0 | 127 | 224..=255 => true,
        // shared by carriers
        100 => (64..128).contains(&second),
        192 => second == 0 && third == 0,
        // benchmarks of networks
        198 => second == 18 || second == 19,
        _ => false,
    };
    !(is_special || address.is_private() || address.is_link_local())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let embedded = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match segments {
        // translated and tunnelled: what counts is who is reached in the end
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => is_public_v4(embedded(high, low)),
        [0x2002, high, low, ..] => is_public_v4(embedded(high, low)),
        // only this part is given out
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::is_public;

    #[test]
    fn addresses_of_ones_own_network_are_not_public() {
        for (address, expected) in [
            ("8.8.8.8", true),
            ("203.0.114.1", true),
            ("172.32.0.1", true),
            ("100.128.0.1", true),
            ("2600::1", true),
            ("64:ff9b::808:808", true),
            ("127.0.0.1", false),
            ("127.1.2.3", false),
            ("0.0.0.0", false),
            ("10.0.0.1", false),
            ("172.16.0.1", false),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("192.0.0.170", false),
            ("198.18.0.1", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("::1", false),
            ("::", false),
            ("::ffff:127.0.0.1", false),
            ("64:ff9b::a00:1", false),
            ("2002:7f00:1::", false),
            ("fe80::1", false),
            ("fc00::1", false),
            ("fd12::1", false),
            ("ff02::1", false),
        ] {
            assert_eq!(is_public(address.parse().expect("an address")), expected, "{address}");
        }
    }
}
