//! package-lock.json: what is read is printed, and read as the same again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use npm_formats::lockfile::Lockfile;
use serde_json::Map;

fuzz_target!(|text: &[u8]| {
    let Ok(mut lockfile) = Lockfile::parse("package-lock.json", text) else { return };
    let _ = lockfile.print_hidden();
    let _ = lockfile.print_on_one_line();
    lockfile.fill_packages("/project", &Map::new());
    lockfile.fill_dependencies("/project", &|_, _| None);
    for version in [2, 3] {
        lockfile.lockfile_version = version;
        same_again(&lockfile);
    }
    // the oldest format is read to be made a newer one
    lockfile.lockfile_version = 1;
    Lockfile::parse("package-lock.json", lockfile.print().as_bytes()).expect("what is printed can be read");
});

fn same_again(lockfile: &Lockfile) {
    let printed = lockfile.print();
    let again =
        Lockfile::parse("package-lock.json", printed.as_bytes()).expect("what is printed can be read");
    assert_eq!(again.print(), printed);
}
