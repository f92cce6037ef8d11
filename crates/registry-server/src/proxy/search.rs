//! Searches that are passed on to an upstream, as far as it answers at once.
//!
//! A search here is never held up or failed by an upstream: one that is slow is left alone for a while.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use http::Method;
use jiff::Timestamp;
use registry_client::ApiRequest;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::summary::{self, Person};
use super::upstream::Upstream;
use crate::PackageName;
use crate::database::UpstreamSummary;

/// How long an upstream may take, and how long one that took longer or failed is left alone, in milliseconds.
const TIME: Duration = Duration::from_secs(2);
const REST: i64 = 30_000;

/// A package that an upstream's search found.
#[derive(Clone, Debug)]
pub(crate) struct Offered {
    pub name: PackageName,
    pub summary: UpstreamSummary,
}

/// What an upstream's search found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Offers {
    /// How much there is, as it says.
    pub total: u64,
    pub packages: Vec<Offered>,
}

/// Whether an upstream's search is left alone.
#[derive(Default)]
pub(super) struct Searching {
    /// Milliseconds since the epoch.
    rests_until: AtomicI64,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    objects: Vec<Value>,
    #[serde(default)]
    total: u64,
}

#[derive(Deserialize)]
struct Object {
    package: Map<String, Value>,
}

impl Searching {
    /// What an upstream finds, from one result on; nothing where it does not say in time, or nothing that can be read.
    pub async fn ask(&self, upstream: &Upstream, text: &str, part: (usize, usize), now: Timestamp) -> Offers {
        let (now_ms, until) = (now.as_millisecond(), self.rests_until.load(Ordering::Relaxed));
        // a clock that was set back must not silence it for long
        if upstream.is_down(now) || (now_ms < until && until - now_ms <= REST) {
            return Offers::default();
        }
        let (from, size) = part;
        let mut request = ApiRequest::new(Method::GET, "/-/v1/search");
        request.query = vec![
            ("text".to_owned(), text.to_owned()),
            ("from".to_owned(), from.to_string()),
            ("size".to_owned(), size.to_string()),
        ];
        let asked = tokio::time::timeout(TIME, upstream.ask(&request, now)).await;
        let answer: Option<Answer> = match asked {
            Ok(Ok(Some(answer))) => serde_json::from_slice(&answer).ok(),
            // it has no search
            Ok(Ok(None)) => None,
            Ok(Err(_)) | Err(_) => {
                self.rests_until.store(now_ms.saturating_add(REST), Ordering::Relaxed);
                let upstream = &upstream.settings().name;
                tracing::warn!(%upstream, "its search did not answer in time, and is left alone for a while");
                None
            }
        };
        let Some(answer) = answer else { return Offers::default() };
        let packages = answer.objects.into_iter().take(size).filter_map(offered).collect();
        Offers { total: answer.total, packages }
    }
}

fn offered(object: Value) -> Option<Offered> {
    let Object { mut package } = serde_json::from_value(object).ok()?;
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let name = PackageName::parse(&text(package.get("name"))?).ok()?;
    let version = text(package.get("version"))?;
    let published = text(package.get("date")).and_then(|date| date.parse::<Timestamp>().ok());
    let publisher = text(package.get("publisher").and_then(|publisher| publisher.get("username")));
    let deprecated = text(package.get("deprecated")).filter(|message| !message.is_empty());
    let people = package.remove("maintainers").and_then(|people| serde_json::from_value(people).ok());
    let people: Vec<Person> = people.unwrap_or_default();
    if let Some(Value::Object(links)) = package.remove("links") {
        let known = |key: &str| matches!(key, "homepage" | "repository" | "bugs");
        package.extend(links.into_iter().filter(|(key, _)| known(key)));
    }
    Some(Offered {
        name,
        summary: UpstreamSummary {
            version,
            published: published.map_or(0, Timestamp::as_millisecond),
            publisher: publisher.unwrap_or_default(),
            deprecated,
            manifest: summary::shortened(package),
            maintainers: summary::kept_people(people),
        },
    })
}
