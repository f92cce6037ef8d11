//! One tarball through the reader of the registry and through that of the store, which must agree.

use std::cell::RefCell;
use std::collections::BTreeMap;

use package_store::{ArchiveFault, Limits, Store, StoreError, TarballRequest, unpacked_files};
use registry_server::fuzzing;
use serde_json::{Map, Value};
use test_support::fixture::gzip;

/// Tarballs in one store before another one takes its place.
const MOST: usize = 500;

/// Paths with modes and contents.
type Files = BTreeMap<String, (u32, Vec<u8>)>;

struct Kept {
    store: Store,
    count: usize,
    _folder: tempfile::TempDir,
}

thread_local! {
    static KEPT: RefCell<Option<Kept>> = const { RefCell::new(None) };
}

/// What the registry would publish is unpacked by the store, to the package.json that the registry has read; and the
/// store makes the same of it whether it inflates it at once or piece by piece.
pub fn agree(tarball: &[u8]) {
    let unpacked = unpack(tarball);
    let in_memory = unpacked_files(&request(), tarball);
    match (&unpacked, &in_memory) {
        (Ok(kept), Ok(told)) => {
            let told: BTreeMap<&str, &[u8]> = told.iter().map(|file| (&*file.path, &*file.content)).collect();
            assert!(kept.keys().eq(told.keys()), "{:?} {:?}", kept.keys(), told.keys());
        }
        (Err(_), Err(_)) => {}
        _ => panic!("kept {unpacked:?}, in memory {in_memory:?}"),
    }
    if tarball.starts_with(&[0x1f, 0x8b]) {
        // what has several parts is inflated piece by piece, and an empty one adds nothing
        let in_pieces = unpack(&[tarball, &gzip(&[])].concat());
        match (&unpacked, &in_pieces) {
            (Ok(whole), Ok(pieces)) => assert_eq!(whole, pieces),
            (Err(_), Err(_)) => {}
            // bytes behind the last part that are none are dropped, and refused where a part follows them
            (Ok(_), Err(StoreError::Archive { reason: ArchiveFault::BehindCompression, .. })) => {}
            _ => panic!("at once {unpacked:?}, in pieces {in_pieces:?}"),
        }
    }
    let Ok(contents) = fuzzing::tarball(tarball) else { return };
    let files = unpacked.expect("what can be published can be unpacked");
    let (_, package_json) = files.get("package.json").expect("the package.json that the registry has read");
    let text = package_json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(package_json);
    let found: Map<String, Value> = serde_json::from_slice(text).expect("JSON, as the registry has read it");
    assert_eq!(found, contents.manifest);
    assert_eq!(files.contains_key("npm-shrinkwrap.json"), contents.has_shrinkwrap);
}

fn request() -> TarballRequest {
    let limits = Limits { packed_bytes: 64 << 20, unpacked_bytes: 64 << 20, files: 5000, ratio: u64::MAX };
    let origin = "https://registry.example/pkg-1.0.0.tgz";
    TarballRequest { limits, ..TarballRequest::new("pkg@1.0.0", origin, None) }
}

/// What the store unpacks, each time into one that does not know the tarball yet.
fn unpack(tarball: &[u8]) -> Result<Files, StoreError> {
    KEPT.with_borrow_mut(|kept| {
        if kept.as_ref().is_none_or(|kept| kept.count >= MOST) {
            let folder = tempfile::tempdir().expect("a folder");
            let store = Store::open(folder.path().join("store")).expect("a store");
            *kept = Some(Kept { store, count: 0, _folder: folder });
        }
        let kept = kept.as_mut().expect("opened above");
        kept.count += 1;
        let ingested = kept.store.ingest_tarball(request(), tarball)?;
        let root = ingested.entry.path();
        let read = |path: &str| std::fs::read(root.join(path)).expect("a file that the index names");
        let files =
            ingested.entry.files().map(|file| (file.path.to_owned(), (file.mode, read(file.path)))).collect();
        // with its index, so that the next time it is unpacked and not found
        std::fs::remove_dir_all(root.parent().expect("the entry")).expect("removed");
        Ok(files)
    })
}
