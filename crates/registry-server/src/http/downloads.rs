//! `GET /downloads/point/{period}[/{pkg}]`, `/downloads/range/{period}[/{pkg}]` and `/versions/{pkg}/{period}`: how often
//! tarballs were downloaded.
//!
//! Shape: as the public registry's service for it has it; the last day is today, since what is counted is known at once.

use axum::response::Response;
use http::{HeaderMap, StatusCode};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde_json::{Map, Value, json};

use super::caller::Caller;
use super::failure::Failure;
use super::respond;
use crate::PackageName;
use crate::downloads::{Days, Numbers};
use crate::hosted::Hosted;
use crate::identity::permission::Action;

/// Days of one answer.
const MOST_DAYS: i32 = 550;

/// Packages of one question.
const MOST_PACKAGES: usize = 128;

/// What is asked about downloads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub form: Form,
    pub period: String,
    pub of: Of,
}

/// How the numbers are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// One number.
    Point,
    /// One for each day.
    Range,
    /// One for each version.
    Versions,
}

/// Whose downloads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Of {
    All,
    Package(PackageName),
    /// Several, with commas between: an answer for each.
    Packages(Vec<PackageName>),
}

impl Asked {
    /// What is asked by the decoded segments of a path.
    pub fn parse(segments: &[&str]) -> Option<Asked> {
        let (form, period, of) = match segments {
            ["downloads", "point", period, rest @ ..] => (Form::Point, *period, Of::parse(rest)?),
            ["downloads", "range", period, rest @ ..] => (Form::Range, *period, Of::parse(rest)?),
            ["versions", rest @ .., period] => match super::route::package(rest)? {
                (name, []) => (Form::Versions, *period, Of::Package(name)),
                _ => return None,
            },
            _ => return None,
        };
        Some(Asked { form, period: period.to_owned(), of })
    }
}

impl Of {
    fn parse(segments: &[&str]) -> Option<Of> {
        match segments {
            [] => Some(Of::All),
            [several] if several.contains(',') => {
                let names = several.split(',').take(MOST_PACKAGES + 1);
                let names: Vec<PackageName> =
                    names.map(|name| PackageName::parse(name).ok()).collect::<Option<_>>()?;
                (names.len() <= MOST_PACKAGES).then_some(Of::Packages(names))
            }
            rest => match super::route::package(rest)? {
                (name, []) => Some(Of::Package(name)),
                _ => None,
            },
        }
    }
}

pub(super) async fn answer(
    hosted: &Hosted,
    asked: &Asked,
    headers: &HeaderMap,
    from: std::net::IpAddr,
) -> Result<Response, Failure> {
    let mut caller = Caller::of(hosted, headers, from).await?;
    if !hosted.accounts.access.anonymous_read {
        caller.logged_in()?;
    }
    let days = days(&asked.period, hosted.timestamp())
        .ok_or_else(|| Failure::bad_request(format!("\"{}\" is no period: {PERIODS}", asked.period)))?;
    let answer = match &asked.of {
        Of::All => told(hosted, asked.form, None, &days).await?,
        Of::Package(name) => {
            if !exists(hosted, &mut caller, name).await? {
                return Err(Failure::not_found(name.as_str()));
            }
            told(hosted, asked.form, Some(name), &days).await?
        }
        Of::Packages(names) => {
            let mut answers = Map::new();
            for name in names {
                let is_there = exists(hosted, &mut caller, name).await?;
                let one =
                    if is_there { told(hosted, asked.form, Some(name), &days).await? } else { Value::Null };
                answers.insert(name.to_string(), one);
            }
            Value::Object(answers)
        }
    };
    Ok(respond::json(StatusCode::OK, answer.to_string()))
}

/// Whether who asks may know of a package. What comes from upstreams is there when it was downloaded.
async fn exists(hosted: &Hosted, caller: &mut Caller, name: &PackageName) -> Result<bool, Failure> {
    match caller.may(hosted, Action::Read, name).await {
        Ok(standing) if standing.exists => Ok(true),
        Ok(_) => {
            let ever = Days { first: "0000".to_owned(), last: "9999".to_owned() };
            Ok(!hosted.downloads.by_day(Some(name), &ever).await?.is_empty())
        }
        Err(Failure::Refused(_)) => Ok(false),
        Err(failure) => Err(failure),
    }
}

async fn told(
    hosted: &Hosted,
    form: Form,
    name: Option<&PackageName>,
    days: &Days,
) -> Result<Value, Failure> {
    if let (Form::Versions, Some(name)) = (form, name) {
        let numbers = hosted.downloads.by_version(name, days).await?;
        return Ok(json!({ "package": name.as_str(), "downloads": numbers }));
    }
    let numbers = hosted.downloads.by_day(name, days).await?;
    let downloads = match form {
        Form::Range => each_day(days, &numbers),
        Form::Point | Form::Versions => json!(numbers.values().sum::<i64>()),
    };
    let mut told = json!({ "downloads": downloads, "start": days.first, "end": days.last });
    if let Some(name) = name {
        told["package"] = json!(name.as_str());
    }
    Ok(told)
}

/// Every day, also those without any.
fn each_day(days: &Days, numbers: &Numbers) -> Value {
    let (Ok(first), Ok(last)) = (days.first.parse::<Date>(), days.last.parse::<Date>()) else {
        return json!([]);
    };
    let all = first.series(Span::new().days(1)).take_while(|day| *day <= last);
    let day = |day: Date| {
        let day = day.to_string();
        json!({ "downloads": numbers.get(&day).copied().unwrap_or(0), "day": day })
    };
    Value::Array(all.map(day).collect())
}

const PERIODS: &str =
    "write last-day, last-week, last-month, last-year, a day as in 2026-01-31, or two with a colon between";

/// The days of a period that ends today, or of one that is written out; `None` for what is none or too long.
fn days(period: &str, now: Timestamp) -> Option<Days> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let until_today =
        |count: i32| today.checked_sub(Span::new().days(count - 1)).ok().map(|first| (first, today));
    let (first, last) = match period {
        "last-day" => until_today(1)?,
        "last-week" => until_today(7)?,
        "last-month" => until_today(30)?,
        "last-year" => until_today(365)?,
        written => {
            let (first, last) = written.split_once(':').unwrap_or((written, written));
            (first.parse::<Date>().ok()?, last.parse::<Date>().ok()?)
        }
    };
    let length = first.until(last).ok()?.get_days();
    (0..MOST_DAYS).contains(&length).then(|| Days { first: first.to_string(), last: last.to_string() })
}

#[cfg(test)]
mod tests {
    use super::{Days, days};

    #[test]
    fn periods_end_today_or_where_they_say() {
        let now = "2026-03-01T23:59:59Z".parse().expect("a time");
        for (period, expected) in [
            ("last-day", Some(("2026-03-01", "2026-03-01"))),
            ("last-week", Some(("2026-02-23", "2026-03-01"))),
            ("last-month", Some(("2026-01-31", "2026-03-01"))),
            ("last-year", Some(("2025-03-02", "2026-03-01"))),
            ("2026-01-31", Some(("2026-01-31", "2026-01-31"))),
            ("2026-01-31:2026-02-02", Some(("2026-01-31", "2026-02-02"))),
            ("2026-02-02:2026-01-31", None),
            ("2020-01-01:2026-01-31", None),
            ("2026-02-30", None),
            ("last-decade", None),
            ("", None),
        ] {
            let expected =
                expected.map(|(first, last)| Days { first: first.to_owned(), last: last.to_owned() });
            assert_eq!(days(period, now), expected, "{period}");
        }
    }
}
