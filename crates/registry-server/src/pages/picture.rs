//! A text as a picture for the camera of a telephone (a QR code), drawn in the page itself.

use std::fmt::Write;

use qrcode::{Color, QrCode};

use super::markup::{Html, html};

/// White around the picture, in modules: what ISO/IEC 18004 asks for.
const MARGIN: usize = 4;

/// The picture; `None` for a text that is too long for one. It is black on white whatever the colours of the page.
pub fn of_text(text: &str, label: &str) -> Option<Html> {
    let code = QrCode::new(text).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (index, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let written = write!(path, "M{} {}h1v1h-1z", index % width + MARGIN, index / width + MARGIN);
            debug_assert!(written.is_ok(), "writing to a string does not fail");
        }
    }
    let size = (width + 2 * MARGIN) as u64;
    Some(html!(
        r##"<svg class="picture" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img" aria-label="{label}" shape-rendering="crispEdges"><rect width="{size}" height="{size}" fill="#fff"/><path d="{path}" fill="#000"/></svg>
"##,
        size = size,
        label = label,
        path = path,
    ))
}

#[cfg(test)]
mod tests {
    use super::of_text;

    #[test]
    fn a_picture_has_the_corners_that_cameras_look_for() {
        let picture = of_text("otpauth://totp/a:b?secret=GEZDGNBVGY3TQOJQ", "a picture").expect("a picture");
        let picture = picture.as_str();
        // the outer row of the upper left corner: seven dark modules, then a light one
        for column in 4..11 {
            assert!(picture.contains(&format!("M{column} 4h")), "{column}");
        }
        assert!(!picture.contains("M11 4h") && !picture.contains("M3 4h"));
        assert!(of_text(&"x".repeat(10_000), "").is_none());
    }
}
