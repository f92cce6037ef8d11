//! READMEs as pages show them: no element that runs, loads or submits, and no address but the harmless kinds.

#![no_main]

use libfuzzer_sys::fuzz_target;
use registry_server::pages::render_readme;

/// Elements that may be in a page because of a README.
const ELEMENTS: [&str; 58] = [
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "input",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
];
const MORE_ELEMENTS: [&str; 6] = ["tt", "u", "ul", "var", "wbr", "time"];

fuzz_target!(|markdown: &str| {
    let html = render_readme(markdown);
    let mut rest = html.as_str();
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let name: String =
            rest.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        assert!(
            ELEMENTS.contains(&&*name) || MORE_ELEMENTS.contains(&&*name),
            "<{name}> in {}",
            html.as_str()
        );
        let end = end_of_tag(rest);
        attributes(&rest[..end], html.as_str());
        rest = &rest[end..];
    }
});

/// Where a tag ends: a `>` in a value does not end it.
fn end_of_tag(tag: &str) -> usize {
    let mut is_value = false;
    for (at, byte) in tag.bytes().enumerate() {
        match byte {
            b'"' => is_value = !is_value,
            b'>' if !is_value => return at,
            _ => {}
        }
    }
    panic!("a tag without an end: {tag}");
}

fn attributes(tag: &str, html: &str) {
    let pieces: Vec<&str> = tag.split('"').collect();
    for pair in pieces.chunks_exact(2) {
        let key = pair[0].split_whitespace().next_back().unwrap_or_default().trim_end_matches('=');
        let value = pair[1].trim().to_ascii_lowercase();
        assert!(
            !key.starts_with("on") && !matches!(key, "style" | "src" | "srcset" | "action"),
            "{key} in {html}"
        );
        if key == "href" {
            let scheme = value.split_once(':').map(|(scheme, _)| scheme);
            let is_harmless = scheme.is_none_or(|scheme| {
                matches!(scheme, "http" | "https" | "mailto") || scheme.contains(['/', '#', '?'])
            });
            assert!(is_harmless, "{value} in {html}");
        }
    }
}
