//! Parsing and changing URLs with ada, the parser that Node uses.
//! A URL comes back as its text and, written into the caller's array, the offsets of its components.

use ada_url::{Idna, Url};
use js_engine::{Binding, OpError, op};

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(parse)
        .op(can_parse)
        .op(update)
        .op(domain_to_ascii)
        .op(domain_to_unicode)
        .op(idna_to_ascii)
        .op(idna_to_unicode);
}

/// The URL's text, empty where it is `input` itself; `None` if `input` is no URL.
#[op]
fn parse(input: String, base: Option<String>, components: &mut [u8]) -> Result<Option<String>, OpError> {
    let Ok(url) = Url::parse(input.as_str(), base.as_deref()) else { return Ok(None) };
    write_components(&url, components);
    let href = url.href();
    Ok(Some(if href == input { String::new() } else { href.to_owned() }))
}

#[op]
fn can_parse(input: String, base: Option<String>) -> Result<bool, OpError> {
    Ok(Url::can_parse(&input, base.as_deref()))
}

/// Gives a component of the URL `href` a new value; `None` if it cannot have that value.
#[op]
fn update(href: String, part: u32, value: String, components: &mut [u8]) -> Result<Option<String>, OpError> {
    let Ok(mut url) = Url::parse(href.as_str(), None) else { return Ok(None) };
    let value = value.as_str();
    // in the order of the constants in url.js
    let outcome = match part {
        0 => url.set_protocol(value),
        1 => url.set_host(Some(value)),
        2 => url.set_hostname(Some(value)),
        3 => url.set_port(Some(value)),
        4 => url.set_username(Some(value)),
        5 => url.set_password(Some(value)),
        6 => url.set_pathname(Some(value)),
        7 => {
            url.set_search(Some(value));
            Ok(())
        }
        8 => {
            url.set_hash(Some(value));
            Ok(())
        }
        _ => Err(()),
    };
    if outcome.is_err() {
        return Ok(None);
    }
    write_components(&url, components);
    Ok(Some(url.href().to_owned()))
}

/// Nine numbers of four bytes, in the machine's order; u32::MAX where a component is missing.
fn write_components(url: &Url, target: &mut [u8]) {
    let components = url.components();
    let numbers = [
        components.protocol_end,
        components.username_end,
        components.host_start,
        components.host_end,
        components.port.unwrap_or(u32::MAX),
        components.pathname_start.unwrap_or(u32::MAX),
        components.search_start.unwrap_or(u32::MAX),
        components.hash_start.unwrap_or(u32::MAX),
        url.scheme_type() as u32,
    ];
    for (slot, number) in target.chunks_exact_mut(4).zip(numbers) {
        slot.copy_from_slice(&number.to_ne_bytes());
    }
}

/// The host name as a URL would have it; empty if none could.
#[op]
fn domain_to_ascii(domain: String) -> Result<String, OpError> {
    Ok(host_name(&domain))
}

#[op]
fn domain_to_unicode(domain: String) -> Result<String, OpError> {
    let host = host_name(&domain);
    Ok(if host.is_empty() { host } else { Idna::unicode(&host) })
}

#[op]
fn idna_to_ascii(name: String) -> Result<String, OpError> {
    Ok(Idna::ascii(&name))
}

#[op]
fn idna_to_unicode(name: String) -> Result<String, OpError> {
    Ok(Idna::unicode(&name))
}

fn host_name(domain: &str) -> String {
    let Ok(mut url) = Url::parse("ws://x", None) else { return String::new() };
    match url.set_hostname(Some(domain)) {
        Ok(()) => url.hostname().to_owned(),
        Err(()) => String::new(),
    }
}
