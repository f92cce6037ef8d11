//! The credentials of a build that a registry trusts: it needs none of its own to publish.

use diagnostics::Diagnostic;
use package_manager::ping::registry_problem;
use package_manager::publish::trusted::{self, BuildServer};
use registry_client::{RegistryClient, Secret};
use url::Url;

use crate::commands::Invocation;
use crate::process::Process;

/// What a registry makes of the build that this is.
pub enum TrustedBuild {
    /// A client with the token that it gives.
    Client(RegistryClient),
    /// Why it gives none.
    Refused(String),
    /// Nothing vouches for a build.
    NoBuild,
}

/// Has the registry give a token to this build, where something vouches for it.
///
/// *Errors*: settings that no client can be made of.
pub fn client(
    invocation: &Invocation<'_>,
    client: &RegistryClient,
    registry: &Url,
    package: &str,
) -> Result<TrustedBuild, Diagnostic> {
    let Some(server) = build_server(invocation.process) else { return Ok(TrustedBuild::NoBuild) };
    match invocation.block_on(trusted::exchange(client, registry, package, &server))? {
        Ok(token) => {
            let options = trusted::with_token(invocation.client_options()?, registry, &token);
            let client = RegistryClient::new(options).map_err(|error| registry_problem(&error))?;
            Ok(TrustedBuild::Client(client))
        }
        Err(problem) => {
            // registries need not know of it
            let text = format!("the registry gives no token to this build: {}", problem.message);
            invocation.terminal.inform(&text);
            Ok(TrustedBuild::Refused(text))
        }
    }
}

/// What vouches for the build that this is, if anything does.
fn build_server(process: &Process) -> Option<BuildServer> {
    // npm takes it on three kinds of build servers only; whoever sets it on another means the same by it
    if let Some(token) = process.text_variable("NPM_ID_TOKEN") {
        return Some(BuildServer::IdToken(Secret::new(token)));
    }
    // Gitea and Forgejo say so as well
    if process.build_server()? != "github-actions" {
        return None;
    }
    let address = process.text_variable("ACTIONS_ID_TOKEN_REQUEST_URL")?;
    let token = process.text_variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN")?;
    Some(BuildServer::IdTokenRequest { address: Url::parse(address).ok()?, token: Secret::new(token) })
}
