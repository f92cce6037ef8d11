//! `GET /-/v1/search`: what `npm search` and its like ask for.
//!
//! Shape: `text`, `size` (at most 250), `from`, and the weights `quality`, `popularity`, `maintenance`; answered by
//! `{"objects": [{"package", "score", "searchScore", "flags", "dependents"}], "total", "time"}`, held against what npm
//! 11.19.1 reads of it. An object of a package that comes from an upstream has its name under `upstream`.

use std::net::IpAddr;

use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::caller::Caller;
use super::found;
use super::part::Part;
use super::respond;
use super::visible::Visible;
use super::web::Described;
use crate::RegistryError;
use crate::database::Listed;
use crate::pages::query_parameter;
use crate::search::{FromWhere, Hit, Wanted, Weights};
use crate::server::Registry;

/// Results in an answer, and the most that may be asked for.
const SIZE: usize = 20;
const MOST: usize = 250;
/// Characters of a search that are looked at.
const TEXT: usize = 1000;

pub(super) async fn answer(
    registry: &Registry,
    query: &str,
    headers: &HeaderMap,
    from: IpAddr,
) -> Result<Response, RegistryError> {
    let Some(hosted) = &registry.hosted else {
        return Ok(respond::error(StatusCode::NOT_FOUND, "this registry has no search"));
    };
    let part = Part::by_numbers(|name| query_parameter(query, name), ["from", "size"], SIZE, MOST);
    let weight = |key: &str, usual: f32| {
        let asked = query_parameter(query, key).and_then(|value| value.parse::<f32>().ok());
        asked.filter(|weight| weight.is_finite()).map_or(usual, |weight| weight.clamp(0.0, 1.0))
    };
    let usual = Weights::default();
    let text: String = query_parameter(query, "text").unwrap_or_default().chars().take(TEXT).collect();
    let caller = match Caller::of(hosted, headers, from).await {
        Ok(caller) => caller,
        Err(failure) => return Ok(failure.response()),
    };
    let visible = match Visible::to(&caller, hosted).await {
        Ok(visible) => visible,
        Err(failure) => return Ok(failure.response()),
    };
    let wanted = Wanted {
        from: part.from,
        size: part.size,
        weights: Weights {
            quality: weight("quality", usual.quality),
            popularity: weight("popularity", usual.popularity),
            maintenance: weight("maintenance", usual.maintenance),
        },
        now: hosted.now(),
        may_see: &|name| visible.has(name),
        from_where: FromWhere::Anywhere,
    };
    let found = found::search(registry, hosted, &text, &wanted).await?;
    let objects: Vec<Value> = found.rows.iter().filter_map(|(hit, listed)| object(hit, listed)).collect();
    let now = Timestamp::from_millisecond(wanted.now).unwrap_or_default();
    let body = json!({ "objects": objects, "total": found.total, "time": now.to_string() });
    let mut response = respond::json(StatusCode::OK, body.to_string());
    // what was just published must be found
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

/// A package as clients show it; none where its last version was just taken away.
fn object(hit: &Hit, listed: &Listed) -> Option<Value> {
    let latest = listed.latest.as_ref()?;
    let described = Described::of(&latest.manifest);
    let person = |(name, email): &(String, String)| json!({ "username": name, "email": email });
    let publisher = listed.maintainers.iter().find(|(name, _)| *name == latest.publisher);
    let publisher = publisher.map_or_else(|| json!({ "username": latest.publisher }), person);
    let published = Timestamp::from_millisecond(latest.published).unwrap_or_default();
    let scope = hit.name.strip_prefix('@').and_then(|name| name.split_once('/')).map(|(scope, _)| scope);
    let mut links = serde_json::Map::new();
    for (key, link) in
        [("homepage", &described.homepage), ("repository", &described.repository), ("bugs", &described.bugs)]
    {
        if let Some(link) = link {
            links.insert(key.into(), link.as_str().into());
        }
    }
    let mut package = json!({
        "name": hit.name,
        "scope": scope.unwrap_or("unscoped"),
        "version": latest.version,
        "description": described.description,
        "keywords": described.keywords,
        "links": links,
        "publisher": publisher,
        "maintainers": listed.maintainers.iter().map(person).collect::<Vec<_>>(),
    });
    // an upstream need not say when that was
    if latest.published > 0 {
        package["date"] = format!("{published:.3}").into();
    }
    if let Some(license) = &described.license {
        package["license"] = license.as_str().into();
    }
    if let Some(author) = &described.author {
        package["author"] = json!({ "name": author });
    }
    if let Some(message) = &latest.deprecated {
        package["deprecated"] = message.as_str().into();
    }
    let Hit { score, quality, popularity, maintenance, dependents, .. } = hit;
    let mut object = json!({
        "package": package,
        "score": {
            "final": score,
            "detail": { "quality": quality, "popularity": popularity, "maintenance": maintenance },
        },
        "searchScore": score,
        "dependents": dependents,
        "flags": { "insecure": 0 },
    });
    if let Some(upstream) = &hit.upstream {
        object["upstream"] = (**upstream).into();
    }
    Some(object)
}
