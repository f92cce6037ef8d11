//! `${NAME}` in keys and values.

/// The text with every `${NAME}` replaced by the variable's value.
///
/// Shape: `${NAME}` stays as written when the variable is not set, `${NAME?}` becomes empty then;
/// a backslash before it keeps it literal, two backslashes stand for one.
/// Source: npm 11.19.1.
pub fn substitute(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> String {
    if !text.contains("${") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let Some((name, optional, length)) = expression(&rest[at..]) else {
            out.push_str(&rest[..at + 2]);
            rest = &rest[at + 2..];
            continue;
        };
        let before = &rest[..at];
        let escapes = before.len() - before.trim_end_matches('\\').len();
        out.push_str(&before[..before.len() - escapes]);
        out.extend(std::iter::repeat_n('\\', escapes / 2));
        let whole = &rest[at..at + length];
        if escapes % 2 == 1 {
            out.push_str(whole);
        } else {
            match variable(name) {
                Some(value) => out.push_str(&value),
                None if optional => {}
                None => {
                    out.push_str("${");
                    out.push_str(name);
                    out.push('}');
                }
            }
        }
        rest = &rest[at + length..];
    }
    out.push_str(rest);
    out
}

/// The name in `${name}` or `${name?}` at the start of the text, whether it is optional, and the
/// length in bytes. The name holds none of `$`, `{`, `}`, `?`.
fn expression(text: &str) -> Option<(&str, bool, usize)> {
    let body = text.strip_prefix("${")?;
    let end = body.find(['$', '{', '}', '?'])?;
    if end == 0 {
        return None;
    }
    let name = &body[..end];
    let tail = &body[end..];
    if tail.starts_with('}') {
        Some((name, false, end + 3))
    } else if tail.starts_with("?}") {
        Some((name, true, end + 4))
    } else {
        None
    }
}
