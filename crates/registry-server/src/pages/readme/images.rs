//! The alternative texts of images in place of the images, which are not loaded: a browser would show each as broken.

/// `html` with each image replaced by its alternative text; those without one are left out.
///
/// It must come from the sanitiser, which writes every tag as `<name key="value" ...>` and no `"` into a value.
pub(super) fn named(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (before, from_tag) = rest.split_at(start);
        out.push_str(before);
        let (tag, after) = from_tag.split_at(end_of_tag(from_tag));
        match tag.strip_prefix("<img") {
            Some(attributes) if attributes.starts_with([' ', '>']) => out.push_str(&text_of(attributes)),
            _ => out.push_str(tag),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Where the tag at the beginning ends: a `>` in a value does not end it.
fn end_of_tag(html: &str) -> usize {
    let mut is_value = false;
    for (at, byte) in html.bytes().enumerate() {
        match byte {
            b'"' => is_value = !is_value,
            b'>' if !is_value => return at + 1,
            _ => {}
        }
    }
    html.len()
}

/// An image's text, from its attributes.
fn text_of(attributes: &str) -> String {
    // values are at the odd places between quotation marks, each after its key
    let pieces: Vec<&str> = attributes.split('"').collect();
    let value = |key: &str| {
        let (_, value) = (pieces.chunks_exact(2).map(|pair| (pair[0], pair[1])))
            .find(|(before, _)| before.trim() == format!("{key}="))?;
        (!value.trim().is_empty()).then_some(value)
    };
    // what is escaped in a value is in a text as well, but for what begins and ends tags
    let text = |value: &str| value.replace('<', "&lt;").replace('>', "&gt;");
    match (value("alt"), value("title")) {
        (None, _) => String::new(),
        (Some(alt), None) => format!(r#"<span class="image">{}</span>"#, text(alt)),
        (Some(alt), Some(title)) => format!(r#"<span class="image" title="{title}">{}</span>"#, text(alt)),
    }
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn images_are_their_alternative_texts() {
        for (html, expected) in [
            ("<p>a <img alt=\"b\"> c</p>", "<p>a <span class=\"image\">b</span> c</p>"),
            ("<img title=\"t\" alt=\"b &amp; c\">", "<span class=\"image\" title=\"t\">b &amp; c</span>"),
            ("<img alt=\"<script>\">", "<span class=\"image\">&lt;script&gt;</span>"),
            ("<img alt=\"\"><img><img align=\"left\">", ""),
            ("<a title=\"<img alt=x>\">y</a>", "<a title=\"<img alt=x>\">y</a>"),
            ("<imgs alt=\"b\">", "<imgs alt=\"b\">"),
            ("a &lt;img&gt; b", "a &lt;img&gt; b"),
            ("<img alt=\"é", "<span class=\"image\">é</span>"),
        ] {
            assert_eq!(named(html), expected, "{html}");
        }
    }
}
