//! The tokens of who is signed in: what there is, making and revoking them.

use http::StatusCode;
use jiff::Timestamp;

use super::Reply;
use super::form::Form;
use super::visit::Visit;
use crate::database::TokenRow;
use crate::http::accounts::token_request::TokenRequest;
use crate::http::accounts::tokens;
use crate::http::failure::Failure;
use crate::identity::token_limits::{Reach, SelectedPackages};
use crate::identity::{Secret, Token, TokenDigest};
use crate::pages::{self, TokenForm, TokenPower, TokensPage};

/// Tokens in a page.
const SIZE: u64 = 50;

/// The list, and the form for a new one.
pub(super) async fn show(visit: &mut Visit<'_>, from: u64) -> Result<Reply, Failure> {
    page(visit, from, StatusCode::OK, TokensPage::default()).await
}

/// Makes a token or revokes one.
pub(super) async fn change(visit: &mut Visit<'_>, form: &Form) -> Result<Reply, Failure> {
    let revoked = form.text("revoke");
    let done = if revoked.is_empty() {
        make(visit, form)
            .await
            .map(|token| TokensPage { created: Some(Secret::new(token.expose())), ..TokensPage::default() })
    } else {
        revoke(visit, revoked)
            .await
            .map(|()| TokensPage { done: Some("The token is revoked.".to_owned()), ..TokensPage::default() })
    };
    match done {
        Ok(shown) => page(visit, 0, StatusCode::OK, shown).await,
        Err(failure) => {
            let (status, failure) = visit.explained(failure)?;
            let shown = TokensPage { failure: Some(failure), asked: asked(form), ..TokensPage::default() };
            page(visit, 0, status, shown).await
        }
    }
}

async fn make(visit: &Visit<'_>, form: &Form) -> Result<Token, Failure> {
    let hosted = visit.hosted()?;
    let (_, caller) = visit.signed_in()?;
    let mut caller = caller.with_one_time_password(form.code());
    let (token, _) = tokens::make(hosted, &mut caller, &request(form)?).await?;
    Ok(token)
}

/// Needs no one-time password, as revoking by a command line may: signing in took one, and a token that is feared to be
/// known must be gone at once.
async fn revoke(visit: &Visit<'_>, key: &str) -> Result<(), Failure> {
    let hosted = visit.hosted()?;
    let (user, caller) = visit.signed_in()?;
    let digest = TokenDigest::parse(key).ok_or_else(|| Failure::not_found("the token"))?;
    tokens::end(hosted, &caller, &user.name, &digest).await
}

/// What the form asks for, as a command line would.
fn request(form: &Form) -> Result<TokenRequest, Failure> {
    let (reach, bypass) = match form.text("kind") {
        "read-only" => (Reach::Read, false),
        "read-write" => (Reach::Write, false),
        "automation" => (Reach::Write, true),
        _ => return Err(Failure::bad_request("say what the token may do")),
    };
    let expires = match form.text("days") {
        "never" => None,
        days => Some(days.parse().map_err(|_| Failure::bad_request("say when the token expires"))?),
    };
    let list = |field: &str| -> Vec<String> {
        let parts = form.text(field).split([',', ' ', '\n']).map(str::trim);
        parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let is_scope = |name: &String| name.starts_with('@') && !name.contains('/');
    let (scopes, packages): (Vec<_>, Vec<_>) = list("packages").into_iter().partition(is_scope);
    Ok(TokenRequest {
        password: form.secret("password"),
        name: Some(form.text("name").trim().to_owned()),
        description: None,
        readonly: None,
        cidr_whitelist: Some(list("addresses")),
        packages_all: Some(packages.is_empty() && scopes.is_empty()),
        packages: Some(packages),
        scopes: Some(scopes),
        orgs: None,
        packages_and_scopes_permission: Some(reach),
        orgs_permission: None,
        bypass_2fa: Some(bypass),
        expires,
    })
}

fn asked(form: &Form) -> TokenForm {
    let text = |field: &str| form.text(field).to_owned();
    TokenForm {
        name: text("name"),
        kind: text("kind"),
        packages: text("packages"),
        addresses: text("addresses"),
        days: text("days"),
    }
}

async fn page(
    visit: &mut Visit<'_>,
    from: u64,
    status: StatusCode,
    shown: TokensPage,
) -> Result<Reply, Failure> {
    let hosted = visit.hosted()?;
    let (user, _) = visit.signed_in()?;
    let offset = i64::try_from(from).unwrap_or(i64::MAX);
    let (rows, total) = hosted.database.tokens_of(&user.name, SIZE as i64, offset).await?;
    let page = TokensPage {
        total: total.unsigned_abs(),
        from,
        size: SIZE,
        tokens: rows.iter().map(row).collect(),
        asks_for_code: visit.asks_for_code(),
        ..shown
    };
    Ok(Reply::Page(status, page.render(&visit.frame)))
}

fn row(token: &TokenRow) -> pages::TokenRow {
    let limits = &token.limits;
    let packages = match &limits.packages {
        SelectedPackages::All => Vec::new(),
        SelectedPackages::Only { packages, scopes } => scopes.iter().chain(packages).cloned().collect(),
    };
    pages::TokenRow {
        key: token.digest.as_str().to_owned(),
        shown: token.shown.clone(),
        name: token.name.clone(),
        power: match limits.packages_reach {
            Reach::Nothing | Reach::Read => TokenPower::Read,
            Reach::Write if limits.bypasses_one_time_password => TokenPower::PublishUnattended,
            Reach::Write if limits.account => TokenPower::Everything,
            Reach::Write => TokenPower::ReadAndPublish,
        },
        packages,
        addresses: limits.addresses.iter().map(ToString::to_string).collect(),
        created: Timestamp::from_millisecond(token.created).unwrap_or_default(),
        expires: limits.expires,
    }
}
