//! What reverse proxies say of the clients behind them, believed from trusted proxies only.
//!
//! Whatever comes after this sees a request as the client sent it: the address of the connection, `Host` and
//! `X-Forwarded-Proto` are the client's, and other headers of the kind are gone.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, header};
use ipnet::IpNet;

use crate::settings::{ProxyHeaders, ServerSettings};

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
pub(super) const PROTOCOL: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// That a connection is encrypted: an extension of its requests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Encrypted;

/// Which proxies are believed, and which of their headers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Forwarding {
    proxies: Vec<IpNet>,
    headers: ProxyHeaders,
}

/// What a proxy says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    client: Option<IpAddr>,
    protocol: Option<String>,
    host: Option<String>,
}

impl Forwarding {
    pub fn new(settings: &ServerSettings) -> Forwarding {
        Forwarding { proxies: settings.trusted_proxies.clone(), headers: settings.proxy_headers }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.proxies.iter().any(|range| range.contains(&address))
    }

    fn said(&self, headers: &HeaderMap) -> Said {
        match self.headers {
            ProxyHeaders::XForwarded => self.said_apart(headers),
            ProxyHeaders::Forwarded => self.said_together(headers),
        }
    }

    /// `X-Forwarded-For`, to which each proxy adds whom it heard from, and the two others, of which the last value is
    /// that of the nearest proxy.
    fn said_apart(&self, headers: &HeaderMap) -> Said {
        let last = |name| values(headers, name).pop();
        let mut said = Said { client: None, protocol: last(PROTOCOL), host: last(HOST) };
        for text in values(headers, FOR).iter().rev() {
            let Some(address) = address_of(text) else { break };
            said.client = Some(address);
            if !self.trusts(address) {
                break;
            }
        }
        said
    }

    /// `Forwarded` (RFC 7239): an element of each proxy, the nearest last.
    fn said_together(&self, headers: &HeaderMap) -> Said {
        let mut said = Said::default();
        for element in elements(headers).iter().rev() {
            let value = |name: &str| {
                element.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
            };
            said.protocol = value("proto").or(said.protocol);
            said.host = value("host").or(said.host);
            let Some(address) = value("for").as_deref().and_then(address_of) else { break };
            said.client = Some(address);
            if !self.trusts(address) {
                break;
            }
        }
        said
    }
}

/// Around every request.
pub(super) async fn believe(
    State(forwarding): State<Arc<Forwarding>>,
    mut request: Request,
    next: Next,
) -> Response {
    let from = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| *address);
    let said = match from {
        Some(from) if forwarding.trusts(from.ip()) => forwarding.said(request.headers()),
        _ => Said::default(),
    };
    let protocol = match said.protocol.as_deref() {
        Some(protocol) => protocol.eq_ignore_ascii_case("https"),
        None => is_encrypted(request.extensions()),
    };
    if let Some(client) = said.client {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(client, 0)));
    }
    let headers = request.headers_mut();
    for name in [FOR, HOST, header::FORWARDED] {
        headers.remove(name);
    }
    headers.insert(PROTOCOL, HeaderValue::from_static(if protocol { "https" } else { "http" }));
    if let Some(host) = said.host.and_then(|host| HeaderValue::try_from(host).ok()) {
        headers.insert(header::HOST, host);
    }
    next.run(request).await
}

fn is_encrypted(extensions: &Extensions) -> bool {
    extensions.get::<Encrypted>().is_some()
}

/// The values of a list header, in order.
fn values(headers: &HeaderMap, name: HeaderName) -> Vec<String> {
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    let values = lines.flat_map(|line| line.split(',')).map(str::trim);
    values.filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

/// An address with or without a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`.
fn address_of(text: &str) -> Option<IpAddr> {
    let bare = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    text.parse().ok().or_else(with_port).or_else(bare)
}

/// The elements of `Forwarded`, each a list of pairs. What stands in quotes is taken out of them.
fn elements(headers: &HeaderMap) -> Vec<Vec<(String, String)>> {
    let mut elements = Vec::new();
    for line in headers.get_all(header::FORWARDED).iter().filter_map(|line| line.to_str().ok()) {
        let mut element: Vec<(String, String)> = Vec::new();
        let mut pair = String::new();
        let end = |pair: &mut String, element: &mut Vec<(String, String)>| {
            if let Some((key, value)) = std::mem::take(pair).split_once('=') {
                element.push((key.trim().to_owned(), value.trim().to_owned()));
            }
        };
        let (mut is_quoted, mut is_escaped) = (false, false);
        for character in line.chars() {
            match character {
                _ if is_escaped => {
                    pair.push(character);
                    is_escaped = false;
                }
                '\\' if is_quoted => is_escaped = true,
                '"' => is_quoted = !is_quoted,
                ';' if !is_quoted => end(&mut pair, &mut element),
                ',' if !is_quoted => {
                    end(&mut pair, &mut element);
                    elements.push(std::mem::take(&mut element));
                }
                _ => pair.push(character),
            }
        }
        end(&mut pair, &mut element);
        elements.push(element);
    }
    elements
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::{Forwarding, Said};
    use crate::settings::ProxyHeaders;

    fn said(kind: ProxyHeaders, lines: &[(&'static str, &'static str)]) -> Said {
        let proxies = vec!["10.0.0.0/8".parse().expect("a range"), "fd00::/8".parse().expect("a range")];
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        Forwarding { proxies, headers: kind }.said(&headers)
    }

    #[test]
    fn the_client_is_who_the_last_trusted_proxy_heard() {
        use ProxyHeaders::{Forwarded, XForwarded};
        for (kind, lines, client, protocol, host) in [
            (XForwarded, vec![("x-forwarded-for", "203.0.113.9")], "203.0.113.9", "", ""),
            // what the client itself wrote stands before
            (
                XForwarded,
                vec![("x-forwarded-for", "127.0.0.1, 203.0.113.9, 10.0.0.2")],
                "203.0.113.9",
                "",
                "",
            ),
            (
                XForwarded,
                vec![("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "203.0.113.9:4711")],
                "203.0.113.9",
                "",
                "",
            ),
            (XForwarded, vec![("x-forwarded-for", "10.0.0.3, 10.0.0.2")], "10.0.0.3", "", ""),
            (XForwarded, vec![("x-forwarded-for", "203.0.113.9, nonsense, 10.0.0.2")], "10.0.0.2", "", ""),
            (XForwarded, vec![("x-forwarded-for", "[2001:db8::9]:80")], "2001:db8::9", "", ""),
            (
                XForwarded,
                vec![
                    ("x-forwarded-proto", "http, https"),
                    ("x-forwarded-host", "evil.example,registry.example"),
                ],
                "",
                "https",
                "registry.example",
            ),
            (XForwarded, vec![("forwarded", "for=203.0.113.9;proto=https")], "", "", ""),
            (Forwarded, vec![("x-forwarded-for", "203.0.113.9"), ("x-forwarded-proto", "https")], "", "", ""),
            (
                Forwarded,
                vec![
                    (
                        "forwarded",
                        "for=127.0.0.1;host=evil.example, For=\"[2001:db8::9]:80\";Proto=https;host=\"registry.example:443\"",
                    ),
                    ("forwarded", "for=10.0.0.2"),
                ],
                "2001:db8::9",
                "https",
                "registry.example:443",
            ),
            (Forwarded, vec![("forwarded", "for=_hidden;proto=https")], "", "https", ""),
            (Forwarded, vec![("forwarded", "for=\"unended;x")], "", "", ""),
        ] {
            let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            let expected = Said {
                client: text(client).map(|client| client.parse().expect("an address")),
                protocol: text(protocol),
                host: text(host),
            };
            assert_eq!(said(kind, &lines), expected, "{lines:?}");
        }
    }
}
