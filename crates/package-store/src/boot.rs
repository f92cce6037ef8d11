//! Which start of the machine this is.
//!
//! Entries are not forced to disk when they are published, because that would cost more than everything else. Only a
//! crash of the machine can then leave an entry with holes, and whether there was one since is what this tells.

/// Identifies the running system's start; all zero where the system does not say.
pub(crate) fn current() -> [u8; 16] {
    static BOOT: std::sync::OnceLock<[u8; 16]> = std::sync::OnceLock::new();
    *BOOT.get_or_init(|| {
        let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let digits: Vec<_> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
        let mut boot = [0; 16];
        for (byte, pair) in boot.iter_mut().zip(digits.chunks(2)) {
            *byte = pair.iter().fold(0, |byte, digit| byte << 4 | (*digit & 15) as u8);
        }
        boot
    })
}
