//! The `license` member of package.json: SPDX expressions, `SEE LICENSE IN`, and `UNLICENSED`.
//!
//! Owns whether a license is one that npm accepts without a warning, and the parts of an expression. Which licenses a
//! project allows is the caller's policy.

mod expression;

pub use expression::{Expression, LicenseError};

/// What a `license` member says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum License {
    /// `UNLICENSED`: nobody else may use it.
    Unlicensed,
    /// `SEE LICENSE IN <file>`: the terms are in a file of the package.
    SeeFile(String),
    /// An SPDX expression.
    Expression(Expression),
}

impl License {
    /// Reads a license.
    ///
    /// Shape: `UNLICENSED`, `SEE LICENSE IN <file>`, or an SPDX expression such as `(MIT OR Apache-2.0)`; both
    /// spellings of license are known, as npm knows them. Errors: [`LicenseError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, LicenseError> {
        if matches!(text, "UNLICENSED" | "UNLICENCED") {
            return Ok(Self::Unlicensed);
        }
        let file = ["SEE LICENSE IN ", "SEE LICENCE IN "].iter().find_map(|start| text.strip_prefix(start));
        match file {
            Some(file) if !file.is_empty() && !file.starts_with(['\n', '\r', '\u{2028}', '\u{2029}']) => {
                Ok(Self::SeeFile(file.to_owned()))
            }
            _ => Expression::parse(text).map(Self::Expression),
        }
    }
}

/// Whether npm takes the license without a warning: [`License::parse`] reads it and it has no reference to a license
/// outside the SPDX list.
///
/// Source: npm 11.19.1, @npmcli/package-json. The list is that of the `spdx` crate, which may be newer than npm's.
pub fn is_valid_for_new_package(text: &str) -> bool {
    match License::parse(text) {
        Ok(License::Expression(expression)) => !expression.has_reference(),
        Ok(License::Unlicensed | License::SeeFile(_)) => true,
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests;
