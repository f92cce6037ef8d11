//! The types of single values in the file.

use std::net::SocketAddr;
use std::time::Duration;

use ipnet::IpNet;
use toml::de::DeValue;
use url::Url;

use super::reader::{Misfit, Setting};
use crate::names::{NamePattern, PackagePattern};

/// The text of a string; anything else is of another type.
pub(super) fn text<'v>(value: &'v DeValue<'_>) -> Result<&'v str, Misfit> {
    value.as_str().ok_or(Misfit::Type)
}

impl Setting for bool {
    const FORM: &'static str = "true or false";

    fn read(value: &DeValue<'_>) -> Result<Self, Misfit> {
        value.as_bool().ok_or(Misfit::Type)
    }
}

impl Setting for String {
    const FORM: &'static str = "a text in quotes";

    fn read(value: &DeValue<'_>) -> Result<Self, Misfit> {
        match text(value)? {
            "" => Err(Misfit::Value("is empty".into())),
            text => Ok(text.to_owned()),
        }
    }
}

impl Setting for u32 {
    const FORM: &'static str = "a whole number of 1 or more";

    fn read(value: &DeValue<'_>) -> Result<Self, Misfit> {
        let number = value.as_integer().ok_or(Misfit::Type)?;
        match u32::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) if number > 0 => Ok(number),
            _ => Err(Misfit::Value(format!("is {}", number.as_str()))),
        }
    }
}

impl Setting for Duration {
    const FORM: &'static str = "a duration in quotes, such as \"30s\", \"5m\", \"12h\", \"3d\" or \"0s\"";

    fn read(value: &DeValue<'_>) -> Result<Self, Misfit> {
        let text = text(value)?;
        parse_duration(text).ok_or_else(|| Misfit::Value(format!("is \"{text}\"")))
    }
}

/// A duration as the file and the command line write it.
///
/// *Shape*: a whole number and one of ms, s, m, h, d, w.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let (number, unit) = number_and_unit(text)?;
    let milliseconds = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "w" => 604_800_000,
        _ => return None,
    };
    // longer than ten thousand years is a slip of the keyboard, and past what dates can hold
    let whole = number.checked_mul(milliseconds).filter(|whole| *whole <= 315_000_000_000_000)?;
    Some(Duration::from_millis(whole))
}

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ByteSize(pub u64);

impl Setting for ByteSize {
    const FORM: &'static str = "a size in quotes, such as \"64 MiB\", \"20 GiB\" or \"500 kB\"";

    fn read(value: &DeValue<'_>) -> Result<Self, Misfit> {
        let text = text(value)?;
        parse_size(text).map(ByteSize).ok_or_else(|| Misfit::Value(format!("is \"{text}\"")))
    }
}

fn parse_size(text: &str) -> Option<u64> {
    let (number, unit) = number_and_unit(text)?;
    let bytes: u64 = match unit {
        "B" => 1,
        "kB" => 1000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "TB" => 1_000_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        _ => return None,
    };
    // databases and dates count in signed numbers
    number.checked_mul(bytes).filter(|size| i64::try_from(*size).is_ok())
}

fn number_and_unit(text: &str) -> Option<(u64, &str)> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(digits)?;
    Some((number.parse().ok()?, unit.trim_start_matches(' ')))
}

impl Setting for SocketAddr {
    const FORM: &'static str = "an address and a port in quotes, such as \"127.0.0.1:4873\" or \"[::]:4873\"";

    fn read(value: &DeValue<'_>) -> Result<Self, Misfit> {
        let text = text(value)?;
        text.parse().map_err(|_| Misfit::Value(format!("is \"{text}\"")))
    }
}

impl Setting for IpNet {
    const FORM: &'static str =
        "an address or a range of addresses in quotes, such as \"10.0.0.1\" or \"10.0.0.0/8\"";

    fn read(value: &DeValue<'_>) -> Result<Self, Misfit> {
        let text = text(value)?;
        let address = || text.parse::<std::net::IpAddr>().map(IpNet::from);
        text.parse().or_else(|_| address()).map_err(|_| Misfit::Value(format!("is \"{text}\"")))
    }
}

/// An address of the web, without a user, a query or a fragment; its path ends in a slash.
#[derive(Clone, Debug)]
pub(super) struct BaseUrl(pub Url);

impl Setting for BaseUrl {
    const FORM: &'static str =
        "an address in quotes that begins with https:// or http://, such as \"https://registry.example/\"";

    fn read(value: &DeValue<'_>) -> Result<Self, Misfit> {
        let text = text(value)?;
        // what is wrong may hold a password, so it is not repeated
        let wrong = |problem: &str| Misfit::Value(problem.to_owned());
        let mut url = Url::parse(text).map_err(|_| wrong("is no address"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("is no address of the web"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("has a user in it; a token is given by token_env or token_file"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("has a question mark or a hash in it"));
        }
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok(BaseUrl(url))
    }
}

impl Setting for NamePattern {
    const FORM: &'static str =
        "a package name in quotes, or its beginning and a star, such as \"left-pad\", \"@acme/*\" or \"*\"";

    fn read(value: &DeValue<'_>) -> Result<Self, Misfit> {
        let text = text(value)?;
        NamePattern::parse(text).map_err(|problem| Misfit::Value(format!("\"{text}\" {problem}")))
    }
}

impl Setting for PackagePattern {
    const FORM: &'static str = "a package in quotes, with a range of versions where not all are meant, such as \"left-pad@<1.3\", \"@acme/*\" or \"*\"";

    fn read(value: &DeValue<'_>) -> Result<Self, Misfit> {
        let text = text(value)?;
        PackagePattern::parse(text).map_err(|problem| Misfit::Value(format!("\"{text}\" {problem}")))
    }
}

/// Makes a closed set of words a type of values.
macro_rules! words {
    ($type:ty, $form:literal, $($word:literal => $value:expr),+ $(,)?) => {
        impl $crate::settings::reader::Setting for $type {
            const FORM: &'static str = $form;

            fn read(
                value: &toml::de::DeValue<'_>,
            ) -> Result<Self, $crate::settings::reader::Misfit> {
                match $crate::settings::values::text(value)? {
                    $($word => Ok($value),)+
                    other => {
                        let problem = format!("is \"{other}\"");
                        Err($crate::settings::reader::Misfit::Value(problem))
                    }
                }
            }
        }
    };
}
pub(super) use words;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_have_units() {
        for (text, milliseconds) in [
            ("0s", Some(0)),
            ("250ms", Some(250)),
            ("30s", Some(30_000)),
            ("5 m", Some(300_000)),
            ("3d", Some(259_200_000)),
            ("2w", Some(1_209_600_000)),
            ("30", None),
            ("s", None),
            ("-1s", None),
            ("1.5h", None),
            ("1y", None),
            ("99999999999999999999s", None),
            ("9999999999999w", None),
        ] {
            assert_eq!(parse_duration(text), milliseconds.map(Duration::from_millis), "{text}");
        }
        for (text, bytes) in [
            ("0B", Some(0)),
            ("500 kB", Some(500_000)),
            ("64MiB", Some(64 << 20)),
            ("20 GiB", Some(20 << 30)),
            ("20", None),
            ("20 gib", None),
            ("99999999 TiB", None),
        ] {
            assert_eq!(parse_size(text), bytes, "{text}");
        }
    }
}
