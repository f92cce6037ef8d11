//! URLs fit to be shown: without passwords, tokens and signatures.

use std::borrow::Cow;

use url::Url;

const HIDDEN: &str = "***";
/// What stands before the token that `logout` revokes.
const TOKEN_PATH: &str = "/-/user/token/";
/// Query parameters that carry a secret contain one of these words.
const SECRET_WORDS: [&str; 8] =
    ["token", "auth", "sig", "signature", "password", "secret", "credential", "key"];

/// A URL with `***` for its password, for query values that look like secrets, for the token that `logout` names in
/// its path, and for npm tokens and UUIDs anywhere (the last two as `@npmcli/redact` does in npm 11.19.1).
pub fn redact_url(url: &Url) -> String {
    let mut shown = url.clone();
    if shown.password().is_some() {
        // fails only for URLs that cannot have a password, which have none
        let _ = shown.set_password(Some(HIDDEN));
    }
    if let Some(query) = url.query() {
        let kept: Vec<Cow<'_, str>> = query.split('&').map(redact_pair).collect();
        shown.set_query(Some(&kept.join("&")));
    }
    if let Some((before, _)) = url.path().split_once(TOKEN_PATH) {
        shown.set_path(&format!("{before}{TOKEN_PATH}{HIDDEN}"));
    }
    redact_text(shown.as_str())
}

fn redact_pair(pair: &str) -> Cow<'_, str> {
    let Some((name, _)) = pair.split_once('=') else { return pair.into() };
    let lower = name.to_ascii_lowercase();
    if SECRET_WORDS.iter().any(|word| lower.contains(word)) {
        return format!("{name}={HIDDEN}").into();
    }
    pair.into()
}

/// A text with `***` for npm tokens (`npm_` and 36 to 48 letters or digits) and UUIDs.
pub fn redact_text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut word = String::new();
    for character in text.chars() {
        if character.is_ascii_alphanumeric() || character == '_' || character == '-' {
            word.push(character);
            continue;
        }
        push_word(&mut shown, &word);
        word.clear();
        shown.push(character);
    }
    push_word(&mut shown, &word);
    shown
}

fn push_word(shown: &mut String, word: &str) {
    let token = word.strip_prefix("npm_").or_else(|| word.strip_prefix("npms_"));
    let is_token = token.is_some_and(|rest| {
        (36..=48).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    shown.push_str(if is_token || is_uuid(word) { HIDDEN } else { word });
}

fn is_uuid(word: &str) -> bool {
    word.len() == 36
        && word.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_urls_are_hidden() {
        let rows = [
            ("https://registry.example/lodash", "https://registry.example/lodash"),
            ("https://user:pass@registry.example/x", "https://user:***@registry.example/x"),
            (
                "https://files.example/x.tgz?X-Amz-Signature=abc&part=1&access_token=t",
                "https://files.example/x.tgz?X-Amz-Signature=***&part=1&access_token=***",
            ),
            (
                "https://registry.example/-/user/token/npm_0123456789abcdefghijklmnopqrstuvwxyz",
                "https://registry.example/-/user/token/***",
            ),
            (
                "https://registry.example/npm/-/user/token/eyJhbGciOi.J9.x",
                "https://registry.example/npm/-/user/token/***",
            ),
            (
                "https://registry.example/-/user/token/0b1c2d3e-0000-4000-8000-0123456789ab",
                "https://registry.example/-/user/token/***",
            ),
        ];
        for (url, shown) in rows {
            assert_eq!(redact_url(&Url::parse(url).unwrap()), shown);
        }
    }
}
