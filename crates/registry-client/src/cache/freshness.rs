//! How old a cached answer may get, and how to ask whether it is still right.
//!
//! Source: http-cache-semantics as make-fetch-happen configures it (a private cache), npm 11.19.1.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::answer::http_date_millis;

/// Share of the time since the last change for which an answer without any limit counts as fresh.
const HEURISTIC: f64 = 0.1;
/// Freshness of an answer that calls itself immutable and says nothing else, in milliseconds.
const IMMUTABLE: u64 = 24 * 3600 * 1000;

/// The headers of an answer that decide about its freshness; kept with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Validity {
    /// When the answer came or was last confirmed, in milliseconds since 1970.
    pub(crate) time: u64,
    values: [String; KEPT_COUNT],
}

const KEPT_COUNT: usize = 6;
/// In the order in which files keep their values.
const KEPT: [HeaderName; KEPT_COUNT] =
    [header::ETAG, header::LAST_MODIFIED, header::CACHE_CONTROL, header::EXPIRES, header::DATE, header::VARY];

impl Validity {
    pub(crate) fn new(headers: &HeaderMap, time: u64) -> Self {
        let values = KEPT.map(|name| {
            let all: Vec<&str> =
                headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
            all.join(", ")
        });
        Validity { time, values }
    }

    /// From what [`values`](Self::values) gave.
    pub(crate) fn from_values(time: u64, mut values: impl Iterator<Item = String>) -> Self {
        Validity { time, values: KEPT.map(|_| values.next().unwrap_or_default()) }
    }

    pub(crate) fn values(&self) -> &[String] {
        &self.values
    }

    /// What is valid after a 304: its headers, and the old ones where it has none.
    pub(crate) fn confirmed(&self, headers: &HeaderMap, time: u64) -> Self {
        let mut confirmed = Self::new(headers, time);
        for (new, old) in confirmed.values.iter_mut().zip(&self.values) {
            if new.is_empty() {
                new.clone_from(old);
            }
        }
        confirmed
    }

    fn value(&self, name: &HeaderName) -> Option<&str> {
        let at = KEPT.iter().position(|kept| kept == name)?;
        self.values.get(at).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The value of a cache-control directive; `Some("")` for one without a value.
    fn directive(&self, wanted: &str) -> Option<&str> {
        self.value(&header::CACHE_CONTROL)?.split(',').find_map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_matches('"'))
        })
    }

    /// Whether the answer may be kept at all.
    pub(crate) fn is_storable(&self) -> bool {
        self.directive("no-store").is_none()
    }

    /// Whether a stale answer must not be used even when the registry cannot be reached.
    pub(crate) fn must_revalidate(&self) -> bool {
        self.directive("must-revalidate").is_some()
    }

    /// Whether the answer can be used at a time without asking.
    pub(crate) fn is_fresh(&self, now: u64) -> bool {
        // a clock that was set back makes nothing fresher
        now >= self.time && now - self.time < self.lifetime()
    }

    fn lifetime(&self) -> u64 {
        if !self.is_storable()
            || self.directive("no-cache").is_some()
            || self.value(&header::VARY) == Some("*")
        {
            return 0;
        }
        if let Some(seconds) = self.directive("max-age") {
            return seconds.parse::<u64>().unwrap_or(0).saturating_mul(1000);
        }
        let least = if self.directive("immutable").is_some() { IMMUTABLE } else { 0 };
        let date = self.value(&header::DATE).and_then(http_date_millis).unwrap_or(self.time);
        if let Some(expires) = self.value(&header::EXPIRES) {
            return match http_date_millis(expires) {
                Some(expires) if expires >= date => least.max(expires - date),
                _ => 0,
            };
        }
        match self.value(&header::LAST_MODIFIED).and_then(http_date_millis) {
            Some(modified) if date > modified => least.max(((date - modified) as f64 * HEURISTIC) as u64),
            _ => least,
        }
    }

    /// Whether an answer with these headers is this one: by its tag, which names bytes.
    pub(crate) fn has_tag(&self, headers: &HeaderMap) -> bool {
        let tag = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
        let is_strong = |tag: &&str| tag.starts_with('"');
        tag.filter(is_strong).is_some_and(|tag| self.value(&header::ETAG) == Some(tag))
    }

    /// The headers that ask for a new answer only if there is one; false when the answer has no validator.
    pub(crate) fn make_conditional(&self, headers: &mut HeaderMap) -> bool {
        let pairs =
            [(header::ETAG, header::IF_NONE_MATCH), (header::LAST_MODIFIED, header::IF_MODIFIED_SINCE)];
        let mut conditional = false;
        for (kept, condition) in pairs {
            if let Some(value) = self.value(&kept).and_then(|value| HeaderValue::from_str(value).ok()) {
                headers.insert(condition, value);
                conditional = true;
            }
        }
        conditional
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Tue, 15 Nov 1994 08:12:31 GMT";
    const TIME: u64 = 784_887_151_000;

    fn validity(pairs: &[(&'static str, &str)]) -> Validity {
        let headers = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect();
        Validity::new(&headers, TIME)
    }

    #[test]
    fn lifetimes_are_those_of_npm() {
        let rows: [(&[(&'static str, &str)], u64); 13] = [
            (&[], 0),
            (&[("cache-control", "public, max-age=300")], 300),
            (&[("cache-control", "Max-Age=\"300\"")], 300),
            (&[("cache-control", "max-age=300, no-cache")], 0),
            (&[("cache-control", "max-age=300, no-store")], 0),
            (&[("cache-control", "max-age=300"), ("vary", "*")], 0),
            (&[("cache-control", "max-age=nonsense")], 0),
            (&[("cache-control", "immutable")], 24 * 3600),
            (&[("date", DATE), ("expires", "Tue, 15 Nov 1994 09:12:31 GMT")], 3600),
            (&[("date", DATE), ("expires", "0")], 0),
            (&[("date", DATE), ("last-modified", "Tue, 15 Nov 1994 08:10:51 GMT")], 10),
            (&[("last-modified", "Tue, 15 Nov 1994 08:10:51 GMT")], 10),
            (&[("cache-control", "max-age=5"), ("expires", "Tue, 15 Nov 1994 09:12:31 GMT")], 5),
        ];
        for (headers, seconds) in rows {
            let validity = validity(headers);
            assert_eq!(validity.lifetime(), seconds * 1000, "{headers:?}");
            assert_eq!(validity.is_fresh(TIME), seconds > 0);
            assert!(!validity.is_fresh(TIME + seconds * 1000));
            assert!(!validity.is_fresh(TIME - 1), "from the future");
        }
    }

    #[test]
    fn a_confirmation_replaces_what_it_says_and_keeps_the_rest() {
        let old = validity(&[("etag", "\"a\""), ("cache-control", "max-age=1")]);
        let mut headers = HeaderMap::new();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=9"));
        let new = old.confirmed(&headers, TIME + 5);
        assert_eq!((new.time, new.lifetime()), (TIME + 5, 9000));
        let mut asked = HeaderMap::new();
        assert!(new.make_conditional(&mut asked));
        assert_eq!(asked.get(header::IF_NONE_MATCH).unwrap(), "\"a\"");
    }

    #[test]
    fn an_answer_is_told_by_its_strong_tag() {
        for (kept, told, is_same) in [
            ("\"a\"", Some("\"a\""), true),
            ("\"a\"", Some("\"b\""), false),
            ("W/\"a\"", Some("W/\"a\""), false),
            ("\"a\"", Some("a"), false),
            ("\"a\"", None, false),
        ] {
            let told = told.map(|tag| (header::ETAG, HeaderValue::from_static(tag)));
            assert_eq!(validity(&[("etag", kept)]).has_tag(&told.into_iter().collect()), is_same, "{kept}");
        }
        assert!(!validity(&[]).has_tag(&HeaderMap::new()));
    }
}
