//! Pages that only say something: errors, and that something was done.

use super::address::Href;
use super::frame::Frame;
use super::markup::{Html, html};

/// A heading, a sentence and where to go from there.
#[derive(Clone, Debug)]
pub struct MessagePage {
    /// Such as `Not found`.
    pub title: String,
    /// What happened, and what can be done about it.
    pub text: String,
    /// The way on: what it is called, and where it leads.
    pub onward: Option<(String, Href)>,
}

impl MessagePage {
    /// The page.
    pub fn render(&self, frame: &Frame) -> Html {
        let onward = (self.onward.as_ref())
            .map(|(label, href)| html!(r#"<p><a class="button" href="{}">{}</a></p>"#, href, label));
        let content = html!(
            r#"<div class="narrow message"><h1>{}</h1><p>{}</p>{}</div>"#,
            self.title,
            self.text,
            onward
        );
        frame.document(&self.title, "", &content)
    }
}
