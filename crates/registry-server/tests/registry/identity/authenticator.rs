//! An authenticator app.

use super::accounts::{Accounts, PASSWORD};
use ring::hmac;
use serde_json::json;

const PROFILE: &str = "/-/npm/v1/user";

/// The code that an authenticator app shows for an `otpauth:` address in one step of thirty seconds (RFC 6238).
pub fn code_at(uri: &str, step: i64) -> String {
    let secret = uri.split_once("secret=").and_then(|(_, rest)| rest.split('&').next()).expect("a secret");
    let bits: String = secret
        .bytes()
        .map(|character| {
            let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
            format!("{:05b}", alphabet.iter().position(|known| *known == character).expect("base32"))
        })
        .collect();
    let bytes: Vec<u8> = (0..bits.len() / 8)
        .map(|index| u8::from_str_radix(&bits[index * 8..index * 8 + 8], 2).expect("bits"))
        .collect();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let start = usize::from(tag.as_ref()[19] & 15);
    let word: [u8; 4] = tag.as_ref()[start..start + 4].try_into().expect("four bytes");
    format!("{:06}", (u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000)
}

/// Sets up an authenticator app; its address and the recovery codes.
pub fn enable(accounts: &Accounts, token: &str, mode: &str) -> (String, Vec<String>) {
    let begin = json!({ "tfa": { "password": PASSWORD, "mode": mode } });
    let begun = accounts.call(token, "POST", PROFILE, &begin).json();
    let uri = begun["tfa"].as_str().expect("an otpauth address").to_owned();
    assert!(uri.starts_with("otpauth://totp/127%2E0%2E0%2E1%3A"), "{uri}");
    let pending = accounts.get(token, PROFILE).json();
    assert_eq!(pending["tfa"], json!({ "pending": true, "mode": mode }));
    assert_eq!(accounts.call(token, "POST", PROFILE, &json!({ "tfa": ["000000"] })).status, 401);
    let done = accounts.call(
        token,
        "POST",
        PROFILE,
        &json!({ "tfa": [code_at(&uri, accounts.now().as_second() / 30)] }),
    );
    assert_eq!(done.status, 200, "{}", done.text());
    let codes = done.json()["tfa"].as_array().expect("recovery codes").clone();
    (uri, codes.iter().map(|code| code.as_str().expect("a code").to_owned()).collect())
}
