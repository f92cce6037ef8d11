use super::{Algorithm, Integrity, IntegrityError};
use serde_json::Value;

fn integrity(value: &Value) -> Integrity {
    Integrity::parse(value.as_str().unwrap()).unwrap()
}

fn check(row: &Value) {
    if let Some(text) = row["parse"].as_str() {
        match Integrity::parse(text) {
            Err(_) => assert_eq!(row["empty"], true, "{text:?}"),
            Ok(integrity) => {
                assert_eq!(integrity.to_string(), row["text"], "{text:?}");
                assert_eq!(integrity.strongest().name(), row["algorithm"], "{text:?}");
            }
        }
    } else if let [a, b] = row["match"].as_array().map_or(&[][..], Vec::as_slice) {
        let (a, b) = (integrity(a), integrity(b));
        let found = a.matches(&b).map(ToString::to_string).unwrap_or_default();
        assert_eq!(found, row["found"], "{row}");
    } else if let [a, b] = row["merge"].as_array().map_or(&[][..], Vec::as_slice) {
        let mut merged = integrity(a);
        match merged.merge(&integrity(b)) {
            Ok(()) => assert_eq!(merged.to_string(), row["text"], "{row}"),
            Err(_) => assert_eq!(row["error"], true, "{row}"),
        }
    } else if let [a, b] = row["concat"].as_array().map_or(&[][..], Vec::as_slice) {
        assert_eq!(integrity(a).concat(&integrity(b)).to_string(), row["text"], "{row}");
    } else {
        let algorithm = Algorithm::parse(row["algorithm"].as_str().unwrap()).unwrap();
        let made = Integrity::from_hex(algorithm, row["hex"].as_str().unwrap()).unwrap();
        assert_eq!(made.to_string(), row["text"]);
        assert_eq!(made.hashes()[0].hex().as_deref(), row["hex"].as_str());
    }
}

#[test]
fn answers_what_ssri_answers() {
    let rows: Vec<Value> = serde_json::from_str(include_str!("../../tests/tables/integrity.json")).unwrap();
    rows.iter().for_each(check);
}

#[test]
fn a_digest_of_the_wrong_length_or_alphabet_matches_no_data() {
    for text in ["sha512-abcd", "sha1-!!!!", "sha1-qZk+NkcGgWq6PiVxeFDCbJzQ2J0=?x y"] {
        let digest = Integrity::parse(text).ok().and_then(|integrity| integrity.hashes()[0].digest_bytes());
        assert_eq!(
            digest.map(|bytes| bytes.len()),
            if text.contains('?') { Some(20) } else { None },
            "{text}"
        );
    }
}

#[test]
fn a_shasum_must_be_hexadecimal_and_whole() {
    for text in
        ["", "a9", "zz993e364706816aba3e25717850c26c9cd0d89d", "a9993e364706816aba3e25717850c26c9cd0d89dff"]
    {
        let error = Integrity::from_hex(Algorithm::Sha1, text).unwrap_err();
        assert_eq!(error, IntegrityError::Hex { text: text.to_owned(), algorithm: Algorithm::Sha1 });
    }
}

#[test]
fn a_conflict_names_both_digests() {
    let mut ours = Integrity::parse("sha1-a sha512-b").unwrap();
    let error = ours.merge(&Integrity::parse("md5-x sha1-c").unwrap()).unwrap_err();
    assert_eq!(error.to_string(), "the sha1 hashes a and c do not match");
    assert_eq!(ours.to_string(), "sha1-a sha512-b");
}
