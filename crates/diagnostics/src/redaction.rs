//! Takes secrets out of text that is about to be shown: the last line of defence behind the types
//! that keep secrets from being formatted at all.

const MASK: &str = "***";

/// The text with credentials in URLs, registry tokens, authorization header values and UUIDs
/// (legacy registry tokens are UUIDs) masked. Source of the set: npm 11.19.1 masks the same ones.
pub fn redact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(is_separator).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(end);
        if is_after_scheme(&out) && !word.is_empty() {
            out.push_str(MASK);
        } else {
            out.push_str(&redact_word(word));
        }
        let separators = tail.len() - tail.trim_start_matches(is_separator).len();
        out.push_str(&tail[..separators]);
        rest = &tail[separators..];
    }
    out
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '=' | '"' | '\'' | '`' | ',' | '<' | '>' | '(' | ')')
}

/// Whether what was written so far ends in `Bearer ` or `Basic `, so a credential follows.
fn is_after_scheme(written: &str) -> bool {
    let Some(before) = written.strip_suffix(' ') else { return false };
    let tail = before.rsplit(is_separator).next().unwrap_or_default();
    tail.eq_ignore_ascii_case("bearer") || tail == "Basic"
}

fn redact_word(word: &str) -> String {
    if word.contains("://") || word.starts_with("//") {
        return redact_url(word);
    }
    // `_authToken:` and the like in printed configuration are handled by the printers; here only
    // shapes that are secrets wherever they stand.
    word.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
        .map(|piece| {
            let core = piece.trim_end_matches(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'));
            let tail = &piece[core.len()..];
            if is_registry_token(core) {
                let prefix = core.find('_').map_or(0, |at| at + 1);
                format!("{}{MASK}{tail}", &core[..prefix])
            } else if is_uuid(core) {
                format!("{MASK}{tail}")
            } else {
                piece.to_owned()
            }
        })
        .collect()
}

/// A URL with the password masked, and a user name that stands alone masked too: registries and
/// git hosts accept a bare token there.
pub fn redact_url(url: &str) -> String {
    let Some(scheme_end) = url.find("//").map(|at| at + 2) else { return url.to_owned() };
    let (scheme, rest) = url.split_at(scheme_end);
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(authority_end);
    let Some(at) = authority.rfind('@') else { return url.to_owned() };
    let (user_info, host) = authority.split_at(at);
    let masked = match user_info.split_once(':') {
        Some((user, _)) => format!("{user}:{MASK}"),
        None if user_info == "git" => user_info.to_owned(),
        None => MASK.to_owned(),
    };
    format!("{scheme}{masked}{host}{path}")
}

fn is_registry_token(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let Some(body) = lower.strip_prefix("npm_").or_else(|| lower.strip_prefix("npms_")) else { return false };
    (36..=48).contains(&body.len()) && body.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn is_uuid(word: &str) -> bool {
    let mut groups = word.split('-');
    [8, 4, 4, 4, 12].into_iter().all(|length| {
        groups
            .next()
            .is_some_and(|group| group.len() == length && group.bytes().all(|b| b.is_ascii_hexdigit()))
    }) && groups.next().is_none()
}
