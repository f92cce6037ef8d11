//! Dates as `before` takes them.

use jiff::civil;
use jiff::tz::TimeZone;
use jiff::{Timestamp, fmt::rfc2822};

/// Milliseconds since 1970 UTC, or `None` for what is no date.
///
/// Shape: `2024`, `2024-05`, `2024-05-01` (UTC), `2024-05-01T10:00` (the given zone),
/// `2024-05-01T10:00:00Z`, `2024-05-01 10:00:00+02:00`, `Wed, 01 May 2024 10:00:00 GMT`,
/// `1 May 2024`, `May 1, 2024` (the given zone).
/// Source: ECMAScript's `Date.parse`, whose other, engine-specific shapes are refused.
pub fn parse_date(text: &str, zone: &dyn Fn() -> TimeZone) -> Option<i64> {
    let text = text.trim();
    if let Some(date) = date_only(text) {
        return Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond());
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant.as_millisecond());
    }
    if let Ok(zoned) = rfc2822::parse(text) {
        return Some(zoned.timestamp().as_millisecond());
    }
    let local = text.parse::<civil::DateTime>().ok().or_else(|| worded(text))?;
    Some(local.to_zoned(zone()).ok()?.timestamp().as_millisecond())
}

/// As `Date.prototype.toISOString` writes it, for example `2024-05-01T10:00:00.000Z`.
pub fn print_date(milliseconds: i64) -> String {
    match Timestamp::from_millisecond(milliseconds) {
        Ok(instant) => format!("{instant:.3}"),
        Err(_) => "Invalid Date".to_owned(),
    }
}

fn date_only(text: &str) -> Option<civil::Date> {
    let number = |part: &str, digits: usize| {
        (part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse::<i16>().ok())?
    };
    let mut parts = text.split('-');
    let year = number(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |part| number(part, 2))?;
    let day = parts.next().map_or(Some(1), |part| number(part, 2))?;
    if parts.next().is_some() {
        return None;
    }
    civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn worded(text: &str) -> Option<civil::DateTime> {
    const SHAPES: [&str; 6] =
        ["%d %b %Y", "%b %d %Y", "%d %B %Y", "%B %d %Y", "%b %d %Y %H:%M:%S", "%d %b %Y %H:%M:%S"];
    let plain = text.replace(',', " ");
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    SHAPES.iter().find_map(|shape| {
        let parsed = jiff::fmt::strtime::parse(shape, &plain).ok()?;
        parsed
            .to_datetime()
            .or_else(|_| parsed.to_date().map(|date| date.to_datetime(civil::Time::midnight())))
            .ok()
    })
}
