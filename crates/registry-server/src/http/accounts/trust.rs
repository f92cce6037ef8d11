//! Trusted publishing: `/-/package/{pkg}/trust` and the exchange of an id-token for a token of this registry.

use axum::response::Response;
use http::{Method, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Call, Failure, document, no_content};
use crate::PackageName;
use crate::accounts::TrustedIssuer;
use crate::database::{AuditEntry, TokenOwner, audit_log, trusted_publishers};
use crate::identity::oidc::{Claims, IdToken, TrustedPublisher};
use crate::identity::permission::{Action, SecondFactor};
use crate::identity::token::hexadecimal;
use crate::identity::{TokenLimits, random};

/// How long a token is good that an id-token was exchanged for.
const LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// How long an exchanged id-token is remembered: longer than issuers make them good.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// Trusted publishers of one package.
const MAX_PUBLISHERS: usize = 20;

pub(super) async fn answer(call: &Call<'_>, name: &PackageName) -> Result<Response, Failure> {
    let hosted = call.hosted;
    let mut caller = call.caller().await?;
    if !caller.may(hosted, Action::Administer, name).await?.exists {
        return Err(Failure::not_found(name.as_str()));
    }
    let existing = hosted.database.trusted_publishers(name).await?;
    if call.method != Method::POST {
        let all: Vec<Value> = existing.iter().map(|(id, publisher)| told(id, publisher)).collect();
        return Ok(document(StatusCode::OK, &json!(all)));
    }
    // who may publish without a password is a matter of the account, not of a token
    if caller.user().is_some_and(|user| user.second_factor != SecondFactor::Disabled) {
        caller.account_with_second_factor(hosted).await?;
    } else {
        caller.account(hosted).await?;
    }
    let body: Value = call.json()?;
    let documents = match body {
        Value::Array(documents) => documents,
        document => vec![document],
    };
    if documents.is_empty() || existing.len() + documents.len() > MAX_PUBLISHERS {
        return Err(Failure::bad_request(format!("a package trusts 1 to {MAX_PUBLISHERS} publishers")));
    }
    let publishers = documents
        .into_iter()
        .map(|document| {
            TrustedPublisher::from_json(document).map_err(|refusal| Failure::bad_request(refusal.to_string()))
        })
        .collect::<Result<Vec<_>, _>>()?;
    publishers.iter().try_for_each(|publisher| check_issuer(call, publisher))?;
    let mut added = Vec::new();
    let mut writing = hosted.database.write().await?;
    for publisher in publishers {
        let id = hexadecimal(&random::bytes::<16>()?);
        trusted_publishers::add(&mut writing, &id, name, &publisher, hosted.now()).await?;
        let entry = caller.audit(hosted, "trust.add", name, publisher.to_json());
        audit_log::append(&mut writing, &entry).await?;
        added.push(told(&id, &publisher));
    }
    writing.commit().await?;
    Ok(document(StatusCode::CREATED, &json!(added)))
}

/// Whether there are several issuers that a publisher could mean: a repository's name at one of them is somebody else's
/// at another.
fn is_one_of_several(call: &Call<'_>, publisher: &TrustedPublisher) -> bool {
    of_the_kind(call, publisher).count() > 1
}

fn of_the_kind<'a>(call: &Call<'a>, publisher: &TrustedPublisher) -> impl Iterator<Item = &'a TrustedIssuer> {
    let provider = publisher.provider();
    call.hosted.accounts.issuers.iter().filter(move |issuer| issuer.provider == provider)
}

/// A publisher whose issuer is known: else it would be taken, and never get a token.
fn check_issuer(call: &Call<'_>, publisher: &TrustedPublisher) -> Result<(), Failure> {
    let kind = publisher.provider().word();
    let urls: Vec<String> =
        of_the_kind(call, publisher).map(|issuer| format!("\"{}\"", issuer.url)).collect();
    let known = urls.join(" or ");
    let wanted = publisher.issuer();
    let problem = match (wanted, urls.as_slice()) {
        (None, [_]) => return Ok(()),
        (None, []) => format!(
            "this registry trusts no issuer for \"{kind}\"; whoever runs it adds to its settings a \
             [[trusted_issuer]] with provider = \"{kind}\" and the issuer's url"
        ),
        (None, _) => format!("say by the claim \"iss\" whose workflow it is: {known}"),
        (Some(wanted), _) => match call.hosted.accounts.issuers.iter().find(|issuer| issuer.url == wanted) {
            Some(issuer) if issuer.provider == publisher.provider() => return Ok(()),
            Some(issuer) => format!(
                "this registry trusts \"{wanted}\" for \"{}\", not for \"{kind}\"",
                issuer.provider.word()
            ),
            None => {
                let known = if urls.is_empty() { known } else { format!(", but {known}") };
                format!(
                    "this registry does not trust the issuer \"{wanted}\"{known}; whoever runs it adds to its \
                         settings a [[trusted_issuer]] with provider = \"{kind}\" and url = \"{wanted}\""
                )
            }
        },
    };
    Err(Failure::bad_request(problem))
}

fn told(id: &str, publisher: &TrustedPublisher) -> Value {
    let mut told = publisher.to_json();
    told["id"] = json!(id);
    told
}

pub(super) async fn remove(call: &Call<'_>, name: &PackageName, id: &str) -> Result<Response, Failure> {
    let hosted = call.hosted;
    let mut caller = call.caller().await?;
    caller.may(hosted, Action::Administer, name).await?;
    let mut writing = hosted.database.write().await?;
    if !trusted_publishers::remove(&mut writing, name, id).await? {
        return Err(Failure::not_found(&format!("a trusted publisher {id} of {name}")));
    }
    audit_log::append(&mut writing, &caller.audit(hosted, "trust.remove", name, id)).await?;
    writing.commit().await?;
    Ok(no_content())
}

/// The bearer is the id-token; the answer a token that may publish this package for some minutes.
pub(super) async fn exchange(call: &Call<'_>, name: &PackageName) -> Result<Response, Failure> {
    match exchanged(call, name).await {
        // npm logs the `message` of these answers
        Err(Failure::Told { status, message }) => {
            tracing::info!(package = %name, address = %call.address, "no token for a workflow: {message}");
            Ok(document(status, &json!({ "error": message, "message": message })))
        }
        answered => answered,
    }
}

async fn exchanged(call: &Call<'_>, name: &PackageName) -> Result<Response, Failure> {
    let hosted = call.hosted;
    let now = hosted.timestamp();
    hosted.accounts.count_address(call.address, now)?;
    let refused = |message: String| Failure::told(StatusCode::UNAUTHORIZED, message);
    let authorization = call.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = authorization
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let Some((_, text)) = bearer else { return Err(refused("the id-token is missing".to_owned())) };
    let (claims, publisher) = believed(call, name, text.trim(), now).await?;

    let expires = now.checked_add(LIFETIME).unwrap_or(now);
    let remembered = now.checked_add(REMEMBERED).unwrap_or(now).as_millisecond();
    let mut writing = hosted.database.write().await?;
    let digest = hexadecimal(&Sha256::digest(text.trim()));
    if !trusted_publishers::use_id_token(&mut writing, &digest, remembered, hosted.now()).await? {
        return Err(refused("the id-token was used before".to_owned()));
    }
    let owner = TokenOwner::TrustedPublisher(name.clone());
    let limits = TokenLimits {
        publishes: publisher.publishes(),
        stages: publisher.stages(),
        ..TokenLimits::one_package(name, expires)
    };
    let token =
        hosted.issue_token(&mut writing, &owner, "trusted publisher", claims.subject(), &limits).await?;
    let entry = AuditEntry {
        at: hosted.now(),
        actor: format!("trusted publisher {}", claims.subject()),
        address: call.address.to_string(),
        action: "trust.exchange".to_owned(),
        object: name.to_string(),
        detail: publisher.to_json().to_string(),
    };
    audit_log::append(&mut writing, &entry).await?;
    writing.commit().await?;
    Ok(document(
        StatusCode::CREATED,
        &json!({
            "token": token.expose(),
            "token_type": "oidc",
            "created": now.to_string(),
            "expires": expires.to_string(),
        }),
    ))
}

/// What an id-token says, if one of the trusted issuers signed it for a workflow that the package trusts.
async fn believed(
    call: &Call<'_>,
    name: &PackageName,
    text: &str,
    now: Timestamp,
) -> Result<(Claims, TrustedPublisher), Failure> {
    let hosted = call.hosted;
    let refused = |message: String| Failure::told(StatusCode::UNAUTHORIZED, message);
    let token = IdToken::parse(text).map_err(|refusal| refused(refusal.to_string()))?;
    let said = token.issuer().unwrap_or_default();
    let issuer = hosted.accounts.issuers.iter().find(|issuer| issuer.url == said);
    let Some(issuer) = issuer else {
        return Err(refused(format!(
            "the id-token was issued by \"{said}\", which this registry does not trust"
        )));
    };
    let keys = hosted.accounts.issuer_keys.of(issuer, token.key(), now).await;
    let keys = keys.map_err(|error| Failure::told(StatusCode::SERVICE_UNAVAILABLE, error.to_string()))?;
    let claims = token
        .verify(&keys, &issuer.url, &issuer.audience, now)
        .map_err(|refusal| refused(refusal.to_string()))?;
    let publishers = hosted.database.trusted_publishers(name).await?;
    let trusted = publishers.into_iter().map(|(_, publisher)| publisher).find(|publisher| {
        publisher.provider() == issuer.provider
            && publisher.trusts(&claims)
            && (publisher.issuer().is_some() || !is_one_of_several(call, publisher))
    });
    let message = || refused(format!("no trusted publisher of {name} is \"{}\"", claims.subject()));
    let publisher = trusted.ok_or_else(message)?;
    Ok((claims, publisher))
}
