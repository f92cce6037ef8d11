//! Which proxy serves which URL, and the tunnel through it.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use url::Url;

use crate::error::RegistryError;
use crate::options::ProxyOptions;

/// Longest head of an answer to CONNECT.
const MAX_HEAD: usize = 16 << 10;

/// A proxy to connect through.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Proxy {
    /// Whether the connection to the proxy itself is TLS.
    pub(crate) https: bool,
    /// Host name or address, without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// The `proxy-authorization` header.
    pub(crate) authorization: Option<String>,
}

impl Proxy {
    fn from_url(setting: &'static str, url: &Url) -> Result<Self, RegistryError> {
        let problem = |problem: String| RegistryError::InvalidSetting { setting, problem };
        let https = match url.scheme() {
            "http" => false,
            "https" => true,
            other => {
                return Err(problem(format!("a {other}: proxy is not supported, only http: and https:")));
            }
        };
        let host = url.host_str().ok_or_else(|| problem("it names no host".into()))?;
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let has_user = !url.username().is_empty() || url.password().is_some();
        let authorization = has_user.then(|| {
            let password = url.password().unwrap_or_default();
            let pair = format!("{}:{}", decoded(url.username()), decoded(password));
            format!("Basic {}", STANDARD.encode(pair))
        });
        Ok(Proxy {
            https,
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port_or_known_default().unwrap_or(if https { 443 } else { 80 }),
            authorization,
        })
    }

    /// `host:port`, fit to be shown.
    pub(crate) fn shown(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// The proxy settings, checked.
#[derive(Clone, Default)]
pub(crate) struct ProxyRules {
    proxy: Option<Arc<Proxy>>,
    no_proxy: Vec<Vec<String>>,
    never: bool,
}

impl ProxyRules {
    /// Checks the settings.
    ///
    /// # Errors
    /// `InvalidSetting` for a proxy that is neither http nor https.
    pub(crate) fn new(options: &ProxyOptions) -> Result<Self, RegistryError> {
        let chosen = match (&options.https_proxy, &options.proxy) {
            (Some(url), _) => Some(Proxy::from_url("https-proxy", url)?),
            (None, Some(url)) => Some(Proxy::from_url("proxy", url)?),
            (None, None) => None,
        };
        let entries = options.no_proxy.iter().map(|entry| entry.trim().to_ascii_lowercase());
        let (stars, suffixes): (Vec<_>, Vec<_>) =
            entries.filter(|entry| !entry.is_empty()).partition(|entry| entry == "*");
        Ok(ProxyRules {
            proxy: chosen.map(Arc::new),
            no_proxy: suffixes.iter().map(|entry| labels(entry)).collect(),
            never: !stars.is_empty(),
        })
    }

    /// The proxy for a URL. Source: @npmcli/agent `getProxy` and `isNoProxy`, npm 11.19.1: an entry matches
    /// the host's last labels; a leading dot means nothing.
    pub(crate) fn for_url(&self, url: &Url) -> Option<&Arc<Proxy>> {
        let proxy = self.proxy.as_ref().filter(|_| !self.never)?;
        let host = labels(url.host_str().unwrap_or_default());
        let excluded = self.no_proxy.iter().any(|entry| !entry.is_empty() && host.starts_with(entry));
        (!excluded).then_some(proxy)
    }
}

/// The labels of a host name, last first.
fn labels(host: &str) -> Vec<String> {
    host.split('.').rev().filter(|label| !label.is_empty()).map(str::to_owned).collect()
}

/// Asks a proxy for a tunnel to `host:port` on a connection to it.
///
/// # Errors
/// What the proxy does wrong, as the end of a sentence that begins with the proxy.
pub(crate) async fn open_tunnel<Io: AsyncRead + AsyncWrite + Unpin>(
    io: &mut Io,
    proxy: &Proxy,
    target: &str,
) -> Result<(), String> {
    let mut head = format!("CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n");
    if let Some(authorization) = &proxy.authorization {
        head.push_str(&format!("proxy-authorization: {authorization}\r\n"));
    }
    head.push_str("\r\n");
    let broken = |error: std::io::Error| format!("closed the connection: {error}");
    io.write_all(head.as_bytes()).await.map_err(broken)?;
    io.flush().await.map_err(broken)?;

    let mut answer = Vec::with_capacity(512);
    while !answer.ends_with(b"\r\n\r\n") {
        // a byte at a time would be safe too; the other side is silent until TLS begins, so nothing is lost
        let read = io.read_buf(&mut answer).await.map_err(broken)?;
        if read == 0 || answer.len() > MAX_HEAD {
            return Err("did not answer CONNECT as a proxy does".into());
        }
    }
    let first = answer.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let first = String::from_utf8_lossy(first);
    match first.split(' ').nth(1).and_then(|status| status.parse::<u16>().ok()) {
        Some(200..=299) => Ok(()),
        Some(407) => Err("wants other credentials (407)".into()),
        Some(status) => Err(format!("refused a tunnel to {target} ({status})")),
        None => Err("did not answer CONNECT as a proxy does".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(no_proxy: &[&str]) -> ProxyRules {
        let options = ProxyOptions {
            https_proxy: Some(Url::parse("http://us%40er:p%3Aw@proxy.example:3128").unwrap()),
            proxy: None,
            no_proxy: no_proxy.iter().map(|entry| (*entry).to_owned()).collect(),
        };
        ProxyRules::new(&options).unwrap()
    }

    #[test]
    fn noproxy_matches_whole_labels_from_the_end() {
        let rows: [(&[&str], &str, bool); 9] = [
            (&[], "https://registry.example/", true),
            (&["registry.example"], "https://registry.example/", false),
            (&["example"], "http://registry.example/", false),
            (&[".example"], "http://registry.example/", false),
            (&["try.example"], "http://registry.example/", true),
            (&["a.registry.example"], "http://registry.example/", true),
            (&["other.test", " Registry.Example "], "http://registry.example/", false),
            (&["*"], "http://registry.example/", false),
            (&["127.0.0.1"], "http://127.0.0.1:4873/", false),
        ];
        for (no_proxy, url, proxied) in rows {
            let used = rules(no_proxy).for_url(&Url::parse(url).unwrap()).is_some();
            assert_eq!(used, proxied, "{no_proxy:?} {url}");
        }
    }

    #[test]
    fn credentials_of_a_proxy_are_decoded() {
        let proxy = rules(&[]).proxy.unwrap();
        let expected = STANDARD.encode("us@er:p:w");
        assert_eq!(proxy.authorization.as_deref(), Some(format!("Basic {expected}").as_str()));
        assert_eq!(proxy.shown(), "proxy.example:3128");
    }

    #[test]
    fn an_unsupported_proxy_is_refused() {
        let options = ProxyOptions {
            proxy: Some(Url::parse("socks5://proxy.example").unwrap()),
            ..ProxyOptions::default()
        };
        assert!(ProxyRules::new(&options).is_err());
    }
}
