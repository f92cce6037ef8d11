//! The first page: what was published last, and how to use this registry.

use super::frame::Frame;
use super::listing::{self, PackageSummary};
use super::markup::{Html, html};
use super::quantities::counted;

/// What the first page shows.
#[derive(Clone, Debug, Default)]
pub struct HomePage {
    /// Packages that the viewer may see.
    pub packages: u64,
    /// The last published, newest first.
    pub newest: Vec<PackageSummary>,
    /// Scopes that are published here, `@acme`.
    pub scopes: Vec<String>,
}

impl HomePage {
    /// The page.
    pub fn render(&self, frame: &Frame) -> Html {
        let newest = if self.newest.is_empty() {
            html!(
                r#"<p class="quiet">Nothing has been published yet. Sign in on the command line and publish:</p>
<pre data-copy><code>knit login --registry={base}
knit publish --registry={base}</code></pre>"#,
                base = frame.base
            )
        } else {
            listing::list(frame, &self.newest)
        };
        let content = html!(
            r#"<div class="columns">
<section>
<h1>{host}</h1>
<p class="lead">A registry of {packages}.</p>
<h2>Newest</h2>
{newest}
</section>
<aside>
<h2>Use this registry</h2>
<p>For everything, in a project’s <code>.npmrc</code>:</p>
<pre data-copy><code>registry={base}</code></pre>
{scopes}
<p>To publish or to see what is not public:</p>
<pre data-copy><code>npm login --registry={base}</code></pre>
</aside>
</div>"#,
            host = frame.host(),
            packages = counted(self.packages, "package", "packages"),
            newest = newest,
            base = frame.base,
            scopes = self.scopes(frame),
        );
        frame.document("Packages", "", &content)
    }

    fn scopes(&self, frame: &Frame) -> Html {
        if self.scopes.is_empty() {
            return Html::default();
        }
        let lines: Html =
            (self.scopes.iter().take(8)).map(|scope| html!("{}:registry={}\n", scope, frame.base)).collect();
        html!("<p>Or for its own scopes only:</p>\n<pre data-copy><code>{}</code></pre>", lines)
    }
}
