//! HTML that is escaped by its type.
//!
//! Owns: what may stand in a page unescaped (templates written in this crate, and [`Html`]), and how everything else
//! is written. Does not own: what is let through of HTML written by others (`readme`).

use std::fmt::{self, Display, Formatter, Write};

/// A piece of HTML, whole: every tag opened in it is closed in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// What a template of [`html!`] and its escaped arguments come to.
    pub(super) fn from_template(template: fmt::Arguments<'_>) -> Html {
        Html(template.to_string())
    }

    /// HTML that was sanitised.
    pub(super) fn sanitised(html: String) -> Html {
        Html(html)
    }

    /// The markup.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The markup, owned.
    pub fn into_string(self) -> String {
        self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Html> for Html {
    fn from_iter<I: IntoIterator<Item = Html>>(pieces: I) -> Html {
        let mut whole = String::new();
        for piece in pieces {
            whole.push_str(&piece.0);
        }
        Html(whole)
    }
}

/// What an argument of [`html!`] looks like in a page: in a text or in a quoted attribute.
pub(super) trait Show {
    fn show(&self, out: &mut Formatter<'_>) -> fmt::Result;
}

/// Hands an argument to a template.
pub(super) struct Shown<'a, T: ?Sized>(pub &'a T);

impl<T: Show + ?Sized> Display for Shown<'_, T> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        self.0.show(out)
    }
}

impl Show for Html {
    fn show(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl Show for str {
    fn show(&self, out: &mut Formatter<'_>) -> fmt::Result {
        for character in self.chars() {
            match character {
                '&' => out.write_str("&amp;")?,
                '<' => out.write_str("&lt;")?,
                '>' => out.write_str("&gt;")?,
                '"' => out.write_str("&quot;")?,
                '\'' => out.write_str("&#39;")?,
                // Characters HTML has no place for: a parser would drop or replace them.
                '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\x7f' => out.write_char('\u{fffd}')?,
                _ => out.write_char(character)?,
            }
        }
        Ok(())
    }
}

impl Show for String {
    fn show(&self, out: &mut Formatter<'_>) -> fmt::Result {
        self.as_str().show(out)
    }
}

impl<T: Show + ?Sized> Show for &T {
    fn show(&self, out: &mut Formatter<'_>) -> fmt::Result {
        (**self).show(out)
    }
}

impl<T: Show> Show for Option<T> {
    fn show(&self, out: &mut Formatter<'_>) -> fmt::Result {
        self.as_ref().map_or(Ok(()), |value| value.show(out))
    }
}

impl Show for u64 {
    fn show(&self, out: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, out)
    }
}

/// An [`Html`] from a template and arguments, either all named or none, escaped unless they are [`Html`] themselves.
///
/// The template goes through `concat!`, because that takes from it the power to name variables by itself: those
/// would not be escaped.
macro_rules! html {
    ($template:literal $(, $name:ident = $argument:expr)+ $(,)?) => {
        $crate::pages::markup::Html::from_template(format_args!(
            concat!($template)
            $(, $name = $crate::pages::markup::Shown(&$argument))+
        ))
    };
    ($template:literal $(, $argument:expr)* $(,)?) => {
        $crate::pages::markup::Html::from_template(format_args!(
            concat!($template)
            $(, $crate::pages::markup::Shown(&$argument))*
        ))
    };
}

pub(super) use html;

#[cfg(test)]
mod tests {
    use super::Html;

    #[test]
    fn arguments_are_escaped_in_texts_and_in_attributes() {
        let hostile = "\"><script>alert('1')</script>&amp;";
        assert_eq!(
            html!(r#"<a title="{hostile}">{hostile}</a>"#, hostile = hostile).as_str(),
            "<a title=\"&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;\">\
             &quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;</a>"
        );
        assert_eq!(html!("{}", "a\0b\u{1b}[1m\n").as_str(), "a\u{fffd}b\u{fffd}[1m\n");
    }

    #[test]
    fn what_is_markup_already_stays_as_it_is() {
        let items: Html = ["a", "<b>"].iter().map(|item| html!("<li>{}</li>", item)).collect();
        assert_eq!(
            html!("<ul>{}</ul>{}", items, None::<Html>).as_str(),
            "<ul><li>a</li><li>&lt;b&gt;</li></ul>"
        );
    }
}
