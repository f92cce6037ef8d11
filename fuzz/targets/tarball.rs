//! A tar archive, its checksums put right, so that mutations of its headers are believed: what the registry accepts, the
//! store unpacks to the same package.json.

#![no_main]

use fuzz::readers;
use libfuzzer_sys::fuzz_target;
use test_support::fixture::gzip;

const BLOCK: usize = 512;

fuzz_target!(|input: &[u8]| {
    let Some((how, archive)) = input.split_first() else { return };
    let mut archive = archive.to_vec();
    if how & 1 == 0 {
        put_right(&mut archive);
    }
    match how >> 1 & 3 {
        0 | 1 => readers::agree(&gzip(&archive)),
        2 => {
            let (first, second) = archive.split_at(archive.len() / 2 / BLOCK * BLOCK);
            readers::agree(&[gzip(first), gzip(second)].concat());
        }
        _ => readers::agree(&archive),
    }
});

/// Writes the right checksum into every block that stands where a header does.
fn put_right(archive: &mut [u8]) {
    let mut at = 0;
    while let Some(block) = archive.get_mut(at..at + BLOCK) {
        at += BLOCK;
        if block.iter().all(|byte| *byte == 0) {
            continue;
        }
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        let digits: String =
            block[124..136].iter().map(|byte| char::from(*byte)).take_while(char::is_ascii_digit).collect();
        let size = usize::from_str_radix(&digits, 8).unwrap_or(0).min(archive.len());
        at += size.next_multiple_of(BLOCK);
    }
}
