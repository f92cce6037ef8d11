//! `search`: packages of a registry that fit words. Source: npm 11.19.1.

use diagnostics::Diagnostic;
use http::Method;
use registry_client::{ApiRequest, RegistryClient};
use serde_json::{Map, Value};

use crate::account::call;

/// What is searched for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The words, in lower case.
    pub words: Vec<String>,
    /// The most results.
    pub limit: f64,
    /// npm's `searchexclude`: results in whose name, maintainers or keywords one of these occurs are left out.
    pub exclude: Vec<String>,
    /// npm's `searchopts`: further parameters, such as `from` or `popularity`.
    pub parameters: Vec<(String, String)>,
}

/// One result: what the registry says of a package.
pub type Found = Map<String, Value>;

/// The results in the registry's order.
///
/// *Errors*: no words, an exclusion that is a regular expression, what the registry refuses.
pub async fn search(client: &RegistryClient, request: &Request) -> Result<Vec<Found>, Diagnostic> {
    if let Some(pattern) = request.exclude.iter().find(|word| word.starts_with('/')) {
        let text = format!("{pattern} in searchexclude is a regular expression, which is not supported");
        return Err(Diagnostic::error("EUNSUPPORTED", text)
            .with_hint("leave out plain words with --searchexclude=<word>"));
    }
    let mut call_for = ApiRequest::new(Method::GET, "/-/v1/search");
    call_for.query = query(request);
    let answer = call(client, &call_for).await?;
    let objects = answer.get("objects").and_then(Value::as_array).into_iter().flatten();
    let packages = objects.filter_map(|object| object.get("package")?.as_object());
    Ok(packages.filter(|package| !is_excluded(package, &request.exclude)).cloned().collect())
}

fn query(request: &Request) -> Vec<(String, String)> {
    let given =
        |name: &str| request.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    // how much quality, popularity and maintenance weigh
    let weights = match given("sortBy") {
        Some("quality") => ["1", "0", "0"],
        Some("popularity") => ["0", "1", "0"],
        Some("maintenance") => ["0", "0", "1"],
        Some("optimal") => ["0.65", "0.98", "0.5"],
        _ => [
            given("quality").unwrap_or("0.65"),
            given("popularity").unwrap_or("0.98"),
            given("maintenance").unwrap_or("0.5"),
        ],
    };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    vec![
        pair("text", &request.words.join(" ")),
        pair("size", &request.limit.to_string()),
        pair("from", given("from").unwrap_or("0")),
        pair("quality", weights[0]),
        pair("popularity", weights[1]),
        pair("maintenance", weights[2]),
    ]
}

fn is_excluded(package: &Found, exclude: &[String]) -> bool {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut words = vec![text(package.get("name"))];
    words.extend(maintainers(package));
    match package.get("keywords") {
        Some(Value::Array(keywords)) => words.extend(keywords.iter().map(|word| text(Some(word)))),
        keywords => words.push(text(keywords)),
    }
    let words = words.join(" ").to_lowercase();
    exclude.iter().filter(|word| !word.is_empty()).any(|word| words.contains(word))
}

/// The user names of the maintainers.
pub fn maintainers(package: &Found) -> Vec<String> {
    let people = package.get("maintainers").and_then(Value::as_array).into_iter().flatten();
    people.filter_map(|person| person.get("username")?.as_str()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn request(parameters: &[(&str, &str)]) -> Request {
        let parameters = parameters.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        Request { words: vec!["a".into(), "b".into()], limit: 20.0, exclude: Vec::new(), parameters }
    }

    #[test]
    fn weights_are_the_orders_or_given() {
        type Parameters = &'static [(&'static str, &'static str)];
        let rows: [(Parameters, [&str; 3]); 3] = [
            (&[], ["0.65", "0.98", "0.5"]),
            (&[("sortBy", "quality"), ("popularity", "1")], ["1", "0", "0"]),
            (&[("popularity", "0.1")], ["0.65", "0.1", "0.5"]),
        ];
        for (parameters, weights) in rows {
            let query = query(&request(parameters));
            let values: Vec<&str> = query[3..].iter().map(|(_, value)| value.as_str()).collect();
            assert_eq!(values, weights);
            assert_eq!(query[0].1, "a b");
            assert_eq!(query[1].1, "20");
        }
    }

    #[test]
    fn exclusions_look_at_names_maintainers_and_keywords() {
        let package = json!({
            "name": "Tool", "keywords": ["Web"], "maintainers": [{ "username": "ann" }], "description": "hidden"
        });
        for (word, excluded) in
            [("tool", true), ("web", true), ("ann", true), ("hidden", false), ("", false), ("oo", true)]
        {
            assert_eq!(is_excluded(package.as_object().unwrap(), &[word.to_owned()]), excluded, "{word}");
        }
    }
}
