//! Sizes, counts and times as people read them.

use std::time::Duration;

use jiff::Timestamp;

use super::markup::{Html, html};

/// A count with its thousands apart: `12,345`.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count and what it counts: `1 version`, `12 versions`.
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// A size in decimal units, as npm prints them: `812 B`, `4.6 kB`, `12.0 MB`.
pub(super) fn bytes(size: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if size < 1000 {
        return format!("{size} B");
    }
    let mut value = size as f64 / 1000.0;
    let mut unit = UNITS[0];
    for larger in &UNITS[1..] {
        // 999.95 would be printed as 1000.0
        if value < 999.95 {
            break;
        }
        value /= 1000.0;
        unit = larger;
    }
    format!("{value:.1} {unit}")
}

/// How long something took: `8 ms`, `2.1 s`.
pub(super) fn latency(took: Duration) -> String {
    match took.as_millis() {
        milliseconds @ 0..=999 => format!("{milliseconds} ms"),
        _ => format!("{:.1} s", took.as_secs_f64()),
    }
}

/// How long ago `then` was: `just now`, `5 minutes ago`, `3 years ago`; a date for what is yet to come.
pub(super) fn ago(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second() - then.as_second();
    let span = |length: i64, one: &str, many: &str| {
        let number = seconds / length;
        format!("{number} {} ago", if number == 1 { one } else { many })
    };
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    match seconds {
        _ if seconds < -MINUTE => day(then),
        _ if seconds < MINUTE => "just now".to_owned(),
        _ if seconds < HOUR => span(MINUTE, "minute", "minutes"),
        _ if seconds < DAY => span(HOUR, "hour", "hours"),
        _ if seconds < 31 * DAY => span(DAY, "day", "days"),
        _ if seconds < 365 * DAY => span(30 * DAY, "month", "months"),
        _ => span(365 * DAY, "year", "years"),
    }
}

/// The day in UTC: `2026-11-22`.
pub(super) fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

/// A `time` element that says how long ago, and on a closer look when exactly.
pub(super) fn time_ago(then: Timestamp, now: Timestamp) -> Html {
    html!(
        r#"<time datetime="{exact}" title="{exact}">{ago}</time>"#,
        exact = then.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        ago = ago(then, now)
    )
}

/// A `time` element with the day.
pub(super) fn time_day(then: Timestamp) -> Html {
    html!(
        r#"<time datetime="{exact}" title="{exact}">{day}</time>"#,
        exact = then.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        day = day(then)
    )
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{ago, bytes, count, counted};

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(number), text);
        }
        assert_eq!(counted(1, "file", "files"), "1 file");
        assert_eq!(counted(0, "file", "files"), "0 files");
    }

    #[test]
    fn sizes_are_decimal() {
        for (size, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (u64::MAX, "18446.7 PB"),
        ] {
            assert_eq!(bytes(size), text);
        }
    }

    #[test]
    fn ages_are_said_in_their_largest_unit() {
        let now = Timestamp::from_second(1_800_000_000).expect("a time");
        for (seconds, text) in [
            (-10, "just now"),
            (-100_000, "2027-01-16"),
            (59, "just now"),
            (60, "1 minute ago"),
            (7300, "2 hours ago"),
            (86_400, "1 day ago"),
            (40 * 86_400, "1 month ago"),
            (364 * 86_400, "12 months ago"),
            (800 * 86_400, "2 years ago"),
        ] {
            let then = Timestamp::from_second(1_800_000_000 - seconds).expect("a time");
            assert_eq!(ago(then, now), text, "{seconds} seconds");
        }
    }
}
