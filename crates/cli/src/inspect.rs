//! Objects as Node's `console.log` prints them, which is what npm shows where it was not asked for JSON.

use serde_json::Value;

/// An object of texts: `{ a: '1', 'b-c': '2' }` on one line where that is short, else one line a member.
/// Source: Node 20 (`util.inspect`).
pub fn object(value: &Value) -> String {
    let Some(members) = value.as_object() else { return value.to_string() };
    if members.is_empty() {
        return "{}".to_owned();
    }
    let printed: Vec<String> = members
        .iter()
        .map(|(name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), quote);
            format!("{}: {text}", if is_identifier(name) { name.clone() } else { quote(name) })
        })
        .collect();
    let length: usize = printed.iter().map(|member| member.chars().count()).sum();
    // Node's rule for `breakLength` 80: separators and brackets count twelve and more.
    if length + 2 * printed.len() + 11 <= 80 {
        return format!("{{ {} }}", printed.join(", "));
    }
    format!("{{\n  {}\n}}", printed.join(",\n  "))
}

fn is_identifier(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_' || c == '$')
        && letters.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$')
}

fn quote(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('\n', "\\n");
    if !text.contains('\'') {
        format!("'{escaped}'")
    } else if !text.contains('"') {
        format!("\"{escaped}\"")
    } else {
        format!("'{}'", escaped.replace('\'', "\\'"))
    }
}
