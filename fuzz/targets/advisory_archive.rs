//! Archives of vulnerability databases: zip files, and the documents in them.

#![no_main]

use std::fs::File;
use std::io::{Seek as _, Write as _};

use libfuzzer_sys::fuzz_target;
use registry_server::fuzzing;

fuzz_target!(|archive: &[u8]| {
    let mut file: File = tempfile::tempfile_in(fuzz::folder()).expect("a file");
    file.write_all(archive).and_then(|()| file.rewind()).expect("written");
    for (_, contents) in fuzzing::advisory_archive(file).into_iter().flatten() {
        let _ = fuzzing::advisories(&contents.unwrap_or_default());
    }
});
