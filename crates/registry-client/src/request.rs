//! Calls of commands other than installing: any method, any path, a JSON body.

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use serde::de::DeserializeOwned;
use url::Url;

use crate::answer::decoded;
use crate::credentials::Secret;
use crate::error::{RegistryError, RequestInfo};
use crate::exchange::{Exchange, Outgoing};
use crate::gate::Priority;
use crate::name::below;
use crate::options::ClientOptions;

/// A call to a registry.
#[derive(Clone, Debug)]
pub struct ApiRequest {
    /// The method.
    pub method: Method,
    /// A path below the registry, such as `/-/whoami`, or a whole URL. Names in it are already escaped.
    pub target: String,
    /// Pairs added to the query.
    pub query: Vec<(String, String)>,
    /// What is sent.
    pub body: ApiBody,
    /// More headers, such as `npm-in-ci` or `authorization` for another identity than the configured one.
    pub headers: HeaderMap,
    /// The package it is about: decides the registry by its scope, and is named in messages.
    pub package: Option<String>,
    /// The scope (with its `@`) that decides the registry where there is no package.
    pub scope: Option<String>,
    /// The one-time password, where it is not the options'.
    pub otp: Option<Secret>,
    /// Whether redirects are followed, rather than answered.
    pub follows_redirects: bool,
}

/// What an [`ApiRequest`] sends.
#[derive(Clone, Debug, Default)]
pub enum ApiBody {
    /// Nothing.
    #[default]
    None,
    /// JSON.
    Json(serde_json::Value),
    /// JSON, compressed: what npm sends to the endpoints of `audit`.
    GzippedJson(serde_json::Value),
    /// Bytes of a media type, such as JSON that is already text.
    Bytes { content_type: &'static str, bytes: Bytes },
}

impl ApiRequest {
    /// A call without a body.
    pub fn new(method: Method, target: impl Into<String>) -> Self {
        ApiRequest {
            method,
            target: target.into(),
            query: Vec::new(),
            body: ApiBody::None,
            headers: HeaderMap::new(),
            package: None,
            scope: None,
            otp: None,
            follows_redirects: true,
        }
    }
}

/// An answer below 400.
#[derive(Clone, Debug)]
pub struct ApiResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, decompressed.
    pub body: Bytes,
    request: RequestInfo,
}

impl ApiResponse {
    /// The body as JSON.
    ///
    /// # Errors
    /// `InvalidAnswer` when it is not the JSON that the caller expects.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, RegistryError> {
        serde_json::from_slice(&self.body).map_err(|error| RegistryError::InvalidAnswer {
            request: self.request.clone(),
            problem: format!("it is not the JSON expected: {error}"),
        })
    }
}

/// Makes a call. Retried as configured, except POST.
pub(crate) async fn call(exchange: &Exchange, request: &ApiRequest) -> Result<ApiResponse, RegistryError> {
    let outgoing = outgoing(exchange, request)?;
    let limit = exchange.options.max_metadata_bytes;
    let fetched = exchange.fetch(&outgoing, limit).await?;
    let body = decoded(&fetched.headers, fetched.body, limit)
        .map_err(|problem| RegistryError::InvalidAnswer { request: outgoing.info(), problem })?;
    Ok(ApiResponse { status: fetched.status, headers: fetched.headers, body, request: outgoing.info() })
}

fn outgoing(exchange: &Exchange, request: &ApiRequest) -> Result<Outgoing, RegistryError> {
    let options = &exchange.options;
    let registry = registry_of(options, request);
    let mut url = url_of(exchange, request)?;
    if !request.query.is_empty() {
        url.query_pairs_mut().extend_pairs(&request.query);
    }
    let mut headers = request.headers.clone();
    let mut default = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    default(header::ACCEPT, "*/*");
    default(header::ACCEPT_ENCODING, "gzip");
    let body = match &request.body {
        ApiBody::None => Bytes::new(),
        ApiBody::Json(value) => {
            default(header::CONTENT_TYPE, "application/json");
            value.to_string().into()
        }
        ApiBody::GzippedJson(value) => {
            default(header::CONTENT_TYPE, "application/json");
            default(header::CONTENT_ENCODING, "gzip");
            gzip(value.to_string().as_bytes())
        }
        ApiBody::Bytes { content_type, bytes } => {
            default(header::CONTENT_TYPE, content_type);
            bytes.clone()
        }
    };
    if let Some(otp) = request.otp.as_ref().or(options.otp.as_ref()) {
        let mut value = HeaderValue::from_str(otp.reveal()).map_err(|_| RegistryError::InvalidSetting {
            setting: "otp",
            problem: "it holds characters that a header cannot".into(),
        })?;
        value.set_sensitive(true);
        headers.insert(HeaderName::from_static("npm-otp"), value);
    }
    Ok(Outgoing {
        method: request.method.clone(),
        url,
        headers,
        body,
        priority: Priority::Metadata,
        package: request.package.as_deref().map(Into::into),
        registry: registry.cloned(),
        follows_redirects: request.follows_redirects,
        tells_features: false,
    })
}

/// The registry that a call goes to, unless it names a whole URL.
pub(crate) fn registry_of<'a>(options: &'a ClientOptions, request: &ApiRequest) -> Option<&'a Url> {
    match (&request.package, &request.scope) {
        (Some(package), _) => options.registry_for(package),
        (None, scope) => options.registry_for_scope(scope.as_deref()),
    }
}

/// Where a call goes, without its query.
pub(crate) fn url_of(exchange: &Exchange, request: &ApiRequest) -> Result<Url, RegistryError> {
    target_url(&request.target, registry_of(&exchange.options, request), request.package.as_deref())
}

fn gzip(text: &[u8]) -> Bytes {
    let mut compressor = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
    let mut packed = vec![0; compressor.gzip_compress_bound(text.len())];
    // room for the worst case is all that it can lack
    let length = compressor.gzip_compress(text, &mut packed).unwrap_or(0);
    packed.truncate(length);
    packed.into()
}

fn target_url(target: &str, registry: Option<&Url>, package: Option<&str>) -> Result<Url, RegistryError> {
    match Url::parse(target) {
        Ok(url) if url.has_host() => Ok(url),
        _ => {
            let registry =
                registry.ok_or_else(|| RegistryError::NoRegistry { for_what: package.map(str::to_owned) })?;
            below(registry, target)
        }
    }
}
