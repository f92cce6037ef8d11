//! READMEs as HTML that can stand in a page of the registry.
//!
//! Owns: GitHub's Markdown, and what of the HTML in it is let through. A README is written by whoever publishes: it
//! cannot run, style, submit or load anything, and costs bounded time and memory.

mod images;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{LazyLock, Mutex, PoisonError};

use ammonia::{Builder, UrlRelative};
use comrak::adapters::{HeadingAdapter, HeadingMeta};
use comrak::nodes::Sourcepos;
use comrak::options::Plugins;
use comrak::{Anchorizer, Options};

use super::markup::{Html, html};

/// What is read of a README, in bytes; the rest is left to the package itself.
const LONGEST: usize = 128 * 1024;

/// How many elements an HTML parser may have to make of a README's own tags.
const MOST_ELEMENTS: usize = 200_000;

/// How deep quotations, lists and a README's own tags may stand in each other.
const DEEPEST: usize = 200;

/// Prefix of the identifiers in a README, so that they are not taken for the page's.
const ID_PREFIX: &str = "readme-";

/// The README as it is shown.
pub fn render(markdown: &str) -> Html {
    let shown = head(markdown);
    if shown.lines().any(is_too_deep) {
        return html!("<pre>{}</pre>", shown);
    }
    let mut rendered = to_html(shown, RawHtml::Kept);
    let mut cost = Cost::of(&rendered);
    if cost.elements > MOST_ELEMENTS || cost.depth > DEEPEST {
        rendered = to_html(shown, RawHtml::Escaped);
        // what Markdown opens it also closes: no formatting is left open
        cost = Cost { elements: 0, ..Cost::of(&rendered) };
    }
    if cost.depth > DEEPEST {
        return html!("<pre>{}</pre>", shown);
    }
    let clean = Html::sanitised(images::named(&SANITISER.clean(&rendered).to_string()));
    if shown.len() == markdown.len() {
        return clean;
    }
    html!(r#"{}<p class="quiet">The rest of this README is left out here: it is very long.</p>"#, clean)
}

/// As much of a text as is shown.
fn head(markdown: &str) -> &str {
    if markdown.len() <= LONGEST {
        return markdown;
    }
    let end = (0..=LONGEST).rev().find(|&end| markdown.is_char_boundary(end)).unwrap_or(0);
    // at a line's end, that no construct is cut in two
    let cut = &markdown[..end];
    cut.rfind('\n').map_or(cut, |line| &cut[..line])
}

/// Whether a line opens so many quotations and lists in each other that the parser, which takes time by the square of
/// their depth, would take seconds.
fn is_too_deep(line: &str) -> bool {
    let mut depth = 0;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let is_before_space = characters.peek().is_none_or(|next| next.is_whitespace());
        match character {
            '>' => depth += 1,
            '-' | '+' | '*' | '.' | ')' if is_before_space => depth += 1,
            ' ' | '\t' | '0'..='9' => {}
            _ => break,
        }
    }
    depth > DEEPEST
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum RawHtml {
    Kept,
    Escaped,
}

fn to_html(markdown: &str, raw: RawHtml) -> String {
    let headings = Headings::default();
    let mut plugins = Plugins::default();
    plugins.render.heading_adapter = Some(&headings);
    comrak::markdown_to_html_with_plugins(markdown, &options(raw), &plugins)
}

fn options(raw: RawHtml) -> Options<'static> {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.extension.alerts = true;
    options.extension.front_matter_delimiter = Some("---".to_owned());
    options.render.gfm_quirks = true;
    // No attributes on `code`: see `Cost`.
    options.render.github_pre_lang = true;
    options.render.r#unsafe = raw == RawHtml::Kept;
    options.render.escape = raw == RawHtml::Escaped;
    options
}

/// What a text costs an HTML parser, at most.
struct Cost {
    /// Elements it makes.
    elements: usize,
    /// How many are open at once.
    depth: usize,
}

impl Cost {
    /// Formatting that is left open is opened again by a parser in every block that follows, so that a few kilobytes
    /// can come to billions of elements; of equal tags it keeps three. And at each tag it looks through all that are
    /// open.
    fn of(html: &str) -> Cost {
        const FORMATTING: [&str; 13] =
            ["b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
        let mut tags = 0_usize;
        let mut reopened = 0_usize;
        let mut plain: HashMap<&str, usize> = HashMap::new();
        let (mut depth, mut deepest) = (0_usize, 0_usize);
        for (at, _) in html.match_indices('<') {
            let rest = &html[at + 1..];
            if rest.starts_with('/') {
                depth = depth.saturating_sub(1);
                continue;
            }
            let length = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
            if length == 0 {
                continue;
            }
            let name = &rest[..length];
            tags += 1;
            if !ENDED_BY_THEMSELVES.iter().any(|known| name.eq_ignore_ascii_case(known)) {
                depth += 1;
                deepest = deepest.max(depth);
            }
            if let Some(known) = FORMATTING.iter().find(|known| name.eq_ignore_ascii_case(known)) {
                let equal = plain.entry(known).or_default();
                if !rest[length..].starts_with('>') {
                    reopened += 1;
                } else if *equal < 3 {
                    *equal += 1;
                    reopened += 1;
                }
            }
        }
        Cost { elements: tags.saturating_mul(reopened + 1), depth: deepest }
    }
}

/// Elements that have no end tag, or may be without one: they do not come to stand in each other.
const ENDED_BY_THEMSELVES: [&str; 12] =
    ["br", "dd", "dt", "hr", "img", "input", "li", "p", "td", "th", "tr", "wbr"];

/// Gives headings an identifier, as GitHub makes them.
#[derive(Default)]
struct Headings(Mutex<Anchorizer>);

impl HeadingAdapter for Headings {
    fn enter(&self, out: &mut dyn fmt::Write, heading: &HeadingMeta, _: Option<Sourcepos>) -> fmt::Result {
        let mut anchors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // made of letters, digits and hyphens
        write!(out, "<h{} id=\"{}\">", heading.level, anchors.anchorize(&heading.content))
    }

    fn exit(&self, out: &mut dyn fmt::Write, heading: &HeadingMeta) -> fmt::Result {
        write!(out, "</h{}>", heading.level)
    }
}

static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        .add_tags(["input", "section"])
        .rm_tags(["map", "area"])
        .add_clean_content_tags(["iframe", "noscript", "object", "template", "textarea", "title"])
        .add_tag_attributes("input", ["checked"])
        // a checkbox of a task list, whatever it was
        .set_tag_attribute_value("input", "type", "checkbox")
        .set_tag_attribute_value("input", "disabled", "")
        .set_tag_attribute_value("input", "aria-label", "done")
        .add_generic_attributes(["align", "id"])
        .rm_generic_attributes(["lang", "title"])
        .add_tag_attributes("a", ["title"])
        .add_tag_attributes("img", ["title"])
        // of an alternative text
        .rm_tag_attributes("img", ["height", "width"])
        .id_prefix(Some(ID_PREFIX))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::Custom(Box::new(within)))
        .link_rel(Some("nofollow noopener noreferrer"))
        .allowed_classes(HashMap::from([
            (
                "div",
                HashSet::from([
                    "markdown-alert",
                    "markdown-alert-caution",
                    "markdown-alert-important",
                    "markdown-alert-note",
                    "markdown-alert-tip",
                    "markdown-alert-warning",
                ]),
            ),
            ("p", HashSet::from(["markdown-alert-title"])),
            ("section", HashSet::from(["footnotes"])),
        ]))
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            // An image from elsewhere would tell its host who reads what here, and one of the repository is not here:
            // the alternative text is shown.
            ("img", "src") => None,
            _ => Some(value.into()),
        });
    builder
});

/// A relative link: to a heading of the README, or nowhere, since what else it leads to is in a repository.
fn within(url: &str) -> Option<Cow<'_, str>> {
    url.strip_prefix('#').map(|fragment| Cow::Owned(format!("#{ID_PREFIX}{fragment}")))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{LONGEST, render};

    #[test]
    fn githubs_markdown_is_rendered() {
        for (markdown, expected) in [
            ("a ~~b~~ **c**", "<p>a <del>b</del> <strong>c</strong></p>"),
            (
                "## Use it\n\n## Use it",
                "<h2 id=\"readme-use-it\">Use it</h2>\n<h2 id=\"readme-use-it-1\">Use it</h2>",
            ),
            (
                "[Use](#use-it)",
                "<p><a href=\"#readme-use-it\" rel=\"nofollow noopener noreferrer\">Use</a></p>",
            ),
            ("```js\na < b\n```", "<pre><code>a &lt; b\n</code></pre>"),
            ("<p align=\"center\">Hi</p>", "<p align=\"center\">Hi</p>"),
            (
                "<details><summary>More</summary>text</details>",
                "<details><summary>More</summary>text</details>",
            ),
            ("---\ntitle: x\n---\ntext", "<p>text</p>"),
        ] {
            assert_eq!(render(markdown).as_str().trim(), expected, "{markdown}");
        }
        let table = render("| a | b |\n|---|--:|\n| 1 | 2 |");
        assert!(table.as_str().contains("<td align=\"right\">2</td>"), "{}", table.as_str());
        let alert = render("> [!WARNING]\n> hot");
        assert!(
            alert.as_str().contains("<div class=\"markdown-alert markdown-alert-warning\">"),
            "{}",
            alert.as_str()
        );
        let task = render("- [x] done");
        for part in ["<input", " checked=\"\"", " type=\"checkbox\"", " disabled=\"\"", "> done</li>"] {
            assert!(task.as_str().contains(part), "{part} in {}", task.as_str());
        }
        let footnote = render("a[^1]\n\n[^1]: b");
        assert!(footnote.as_str().contains("href=\"#readme-fn-1\""), "{}", footnote.as_str());
        assert!(footnote.as_str().contains("id=\"readme-fn-1\""), "{}", footnote.as_str());
    }

    #[test]
    fn nothing_in_a_readme_runs_styles_submits_or_loads() {
        for hostile in [
            "<script>alert(1)</script>",
            "<ScRiPt src=https://example.com/x.js></sCrIpT>",
            "<img src=x onerror=alert(1)>",
            "<svg onload=alert(1)><script>1</script></svg>",
            "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
            "<a href=\"javascript:alert(1)\" onclick=\"alert(1)\">a</a>",
            "<a href=\"java&#10;script:alert(1)\">a</a>",
            "[a](javascript:alert(1)) [b](data:text/html;base64,PHNjcmlwdD4=) [c](vbscript:x)",
            "![x](https://tracker.example/pixel.png)",
            "<img src=\"https://tracker.example/pixel.png\" srcset=\"https://tracker.example/2.png 2x\">",
            "<picture><source srcset=\"https://tracker.example/1.png\"><img src=a></picture>",
            "<video src=https://tracker.example/v poster=https://tracker.example/p></video>",
            "<iframe src=https://example.com></iframe><object data=x></object><embed src=x>",
            "<form action=https://example.com><input type=password name=p><button>Go</button></form>",
            "<style>body{display:none}</style><link rel=stylesheet href=https://example.com/x.css>",
            "<div style=\"position:fixed;inset:0;background:url(https://tracker.example/)\" class=\"page\">x</div>",
            "<base href=https://example.com><meta http-equiv=refresh content=0;url=https://example.com>",
            "</main></body></html><script>alert(1)</script>",
            "<template><script>alert(1)</script></template><noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
            "<textarea><script>alert(1)</script></textarea><title><img src=x onerror=alert(1)></title>",
            "```\"><script>alert(1)</script>\ncode\n```",
            "<table background=https://tracker.example/t><tr><td background=https://tracker.example/t>x</table>",
            "[^\"><script>alert(1)</script>]\n\n[^\"><script>alert(1)</script>]: <script>alert(1)</script>",
            "## <script>alert(1)</script> \" onmouseover=\"alert(1)",
            "<a href=\"//tracker.example/x\" ping=\"https://tracker.example\">a</a>",
        ] {
            // what is in a browser's page: tags with their attributes, without the text between them
            let html = render(hostile).into_string().to_ascii_lowercase();
            for tag in html.split('<').skip(1).map(|tag| tag.split('>').next().unwrap_or(tag)) {
                let name = tag.split([' ', '/']).find(|name| !name.is_empty()).unwrap_or_default();
                for forbidden in [
                    "script", "style", "iframe", "object", "embed", "form", "svg", "math", "link", "meta",
                    "base", "textarea", "button", "main", "body", "html", "video", "source", "picture",
                    "template",
                ] {
                    assert_ne!(name, forbidden, "{hostile}: {html}");
                }
                for forbidden in [
                    " src",
                    " on",
                    " style=",
                    " action=",
                    " ping",
                    " poster",
                    " background",
                    "javascript:",
                    "data:",
                    "tracker.example",
                    "\"password\"",
                    "\"page\"",
                ] {
                    assert!(!tag.contains(forbidden), "{forbidden} of {hostile}: {html}");
                }
            }
        }
    }

    #[test]
    fn identifiers_of_a_readme_are_not_those_of_the_page() {
        assert_eq!(render("<h2 id=\"search\">x</h2>").as_str().trim(), "<h2 id=\"readme-search\">x</h2>");
        assert_eq!(
            render("<b name=\"search\" id=\"\">x</b>").as_str().trim(),
            "<p><b id=\"readme-\">x</b></p>"
        );
    }

    #[test]
    fn images_are_named_and_not_fetched() {
        assert_eq!(
            render("[![build](https://ci.example/badge.svg)](https://ci.example/)").as_str().trim(),
            "<p><a href=\"https://ci.example/\" rel=\"nofollow noopener noreferrer\">\
             <span class=\"image\">build</span></a></p>"
        );
    }

    #[test]
    fn links_into_a_repository_lead_nowhere() {
        for markdown in ["[a](./docs/a.md)", "[a](/docs)", "[a](docs/a.md)", "[a](?x)"] {
            let html = render(markdown);
            assert_eq!(
                html.as_str().trim(),
                "<p><a rel=\"nofollow noopener noreferrer\">a</a></p>",
                "{markdown}"
            );
        }
    }

    #[test]
    fn hostile_texts_cost_bounded_time_and_memory() {
        let attributes: String = (0..2000).map(|number| format!("<b title={number}>")).collect();
        for (what, text) in [
            ("quotes in quotes", "> ".repeat(LONGEST)),
            ("lists in lists", (0..2000).map(|depth| format!("{}- a\n", "  ".repeat(depth))).collect()),
            ("bullets on one line", "- ".repeat(LONGEST)),
            ("brackets", "[".repeat(LONGEST)),
            ("images in images", "![".repeat(LONGEST)),
            ("links", "[a](b".repeat(LONGEST)),
            ("emphasis", "*a **a ".repeat(LONGEST)),
            ("emphasis in emphasis", format!("{}a{}", "*_".repeat(50_000), "_*".repeat(50_000))),
            ("backticks", (1..600).map(|length| "`".repeat(length) + " ").collect()),
            (
                "a wide table",
                format!("|{}\n|{}\n{}", "a|".repeat(10_000), "-|".repeat(10_000), "|\n".repeat(50_000)),
            ),
            ("entities", "&amp;".repeat(LONGEST)),
            ("elements in elements", "<div>".repeat(LONGEST)),
            ("hidden ends", "<div a=\"</a>\">".repeat(LONGEST)),
            ("open formatting", "<b><i><u><s><em><tt>".repeat(100) + &"<p>".repeat(LONGEST)),
            ("open formatting with attributes", attributes + &"<p>".repeat(LONGEST)),
            ("ends of nothing", "<div>".repeat(150) + &"</x>".repeat(LONGEST)),
            ("comments", "<!--".repeat(LONGEST)),
            ("declarations", "<!A ".repeat(LONGEST)),
            ("processing instructions", "a <?".repeat(LONGEST)),
            ("references", format!("[a]: {}\n\n{}", "x".repeat(50_000), "[a] ".repeat(LONGEST))),
            ("footnotes", (0..20_000).map(|number| format!("[^{number}]: [^{number}]\n\n")).collect()),
            ("headings", "# a\n".repeat(LONGEST)),
        ] {
            let start = Instant::now();
            let html = render(&text);
            let spent = start.elapsed();
            // unoptimised, on a busy machine
            assert!(spent < Duration::from_secs(20), "{what}: {spent:?}");
            assert!(html.as_str().len() < 16 * 1024 * 1024, "{what}: {} bytes", html.as_str().len());
        }
    }

    #[test]
    fn a_very_long_readme_is_cut_at_a_line() {
        let html = render(&"é\n\n".repeat(LONGEST));
        assert!(html.as_str().ends_with("it is very long.</p>"));
    }
}
