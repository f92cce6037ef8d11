//! The stylesheet, the script and the icon: embedded, under names that change with their content.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// What a browser may do with a page: load this registry's own stylesheet, script and icon, and send forms to it.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
     img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A file that pages need. Its content never changes under its name.
pub struct Asset {
    /// File name with a digest of the content: `style-0123456789abcdef.css`.
    pub name: String,
    pub media_type: &'static str,
    pub content: &'static str,
}

impl Asset {
    fn new(stem: &str, extension: &str, media_type: &'static str, content: &'static str) -> Asset {
        let digest = Sha256::digest(content);
        let digest: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Asset { name: format!("{stem}-{digest}.{extension}"), media_type, content }
    }
}

pub(super) static STYLESHEET: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("style", "css", "text/css; charset=utf-8", include_str!("style.css")));

pub(super) static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("page", "js", "text/javascript; charset=utf-8", include_str!("page.js")));

pub(super) static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("icon", "svg", "image/svg+xml", include_str!("icon.svg")));

/// The asset of this name; `None` where there is none, or no longer.
pub fn asset(name: &str) -> Option<&'static Asset> {
    [&STYLESHEET, &SCRIPT, &ICON].into_iter().map(|asset| &**asset).find(|asset| asset.name == name)
}
