//! A package's whole document as its registry lets it be changed: read afresh with its revision, edited, put back.

use npm_formats::package_name::PackageName;
use registry_client::{ApiBody, ApiRequest, RegistryClient};
use serde_json::{Map, Value};

use crate::ping::registry_problem;
use diagnostics::Diagnostic;

/// The document of a package.
#[derive(Debug, Clone)]
pub(crate) struct WritablePackument {
    name: PackageName,
    pub(crate) document: Map<String, Value>,
}

impl WritablePackument {
    /// Asks the registry for it, past every cache.
    ///
    /// *Errors*: those of the registry, `E404` among them.
    pub(crate) async fn read(client: &RegistryClient, name: &str) -> Result<Self, Diagnostic> {
        let name = PackageName::parse(name)
            .map_err(|error| Diagnostic::error("EINVALIDPACKAGENAME", error.to_string()))?;
        let mut request = ApiRequest::new(http::Method::GET, format!("/{}", name.escaped()));
        request.package = Some(name.as_str().to_owned());
        request.query.push(("write".to_owned(), "true".to_owned()));
        let answer = client.request(&request).await.map_err(|error| registry_problem(&error))?;
        let document = answer.json().map_err(|error| registry_problem(&error))?;
        Ok(Self { name, document })
    }

    /// The package.
    pub(crate) fn name(&self) -> &str {
        self.name.as_str()
    }

    /// Its versions as the registry lists them; none where it says nothing.
    pub(crate) fn versions(&self) -> impl Iterator<Item = &str> {
        let versions = self.document.get("versions").and_then(Value::as_object);
        versions.into_iter().flatten().map(|(version, _)| version.as_str())
    }

    /// The revision that a change is made to.
    pub(crate) fn revision(&self) -> &str {
        self.document.get("_rev").and_then(Value::as_str).unwrap_or_default()
    }

    /// A request about the package. `below` is what follows its name in the path.
    pub(crate) fn request(&self, method: http::Method, below: &str) -> ApiRequest {
        let mut request = ApiRequest::new(method, format!("/{}{below}", self.name.escaped()));
        request.package = Some(self.name().to_owned());
        request
    }

    /// The request that puts the document back.
    pub(crate) fn put(&self, below: &str) -> ApiRequest {
        let mut request = self.request(http::Method::PUT, below);
        request.body = ApiBody::Json(Value::Object(self.document.clone()));
        request
    }
}
