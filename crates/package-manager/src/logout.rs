//! `logout`: the registry forgets a token.

use diagnostics::Diagnostic;
use http::Method;
use registry_client::{ApiRequest, RegistryClient, RegistryError, path_segment};
use url::Url;

use crate::ping::registry_problem;

/// What became of the credentials at the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The token serves nobody any more.
    Revoked,
    /// The registry did not know the token, so that there was nothing to revoke.
    Unknown,
    /// A name and a password, which the registry keeps.
    Kept,
}

/// Ends what the credentials of a registry allow. They are still in the configuration afterwards.
///
/// *Errors*: `ENEEDAUTH` where there are none, and what the registry refuses.
pub async fn log_out(client: &RegistryClient, registry: &Url) -> Result<Ending, Diagnostic> {
    let found = client.options().credentials.nearest(registry);
    let authorization = found.as_ref().and_then(|(_, credential)| credential.authorization());
    let Some(authorization) = authorization else {
        let place = diagnostics::redact_url(registry.as_str());
        let text = format!("not logged in to {place}, so there is nothing to log out from");
        return Err(Diagnostic::error("ENEEDAUTH", text).with_hint("see who you are with `knit whoami`"));
    };
    let Some(token) = authorization.reveal().strip_prefix("Bearer ") else { return Ok(Ending::Kept) };
    let base = registry.as_str().trim_end_matches('/');
    let target = format!("{base}/-/user/token/{}", path_segment(token));
    match client.request(&ApiRequest::new(Method::DELETE, target)).await {
        Ok(_) => Ok(Ending::Revoked),
        Err(RegistryError::Unauthorized { .. }) => Ok(Ending::Unknown),
        Err(error) => Err(registry_problem(&error).with_hint(
            "the token is still valid and still in .npmrc; `knit config delete //<host>/:_authToken` only \
             forgets it here",
        )),
    }
}
