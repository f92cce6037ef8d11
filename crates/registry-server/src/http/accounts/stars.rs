//! `/-/_view/starredByUser`: what somebody starred.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::{Call, Failure, account_name, document};
use crate::PackageName;
use crate::identity::permission::Action;

/// Shape: `{"rows": [{"value": "package"}]}` for `?key="user"`, whose quotes are part of it.
pub(super) async fn answer(call: &Call<'_>) -> Result<Response, Failure> {
    let mut caller = call.caller().await?;
    if !call.hosted.accounts.access.anonymous_read {
        caller.logged_in()?;
    }
    let key = call.parameter("key").unwrap_or_default();
    let user = account_name(key.trim_matches('"'))?;
    let mut rows: Vec<Value> = Vec::new();
    for name in call.hosted.database.starred(&user).await? {
        let Ok(parsed) = PackageName::parse(&name) else { continue };
        match caller.may(call.hosted, Action::Read, &parsed).await {
            Ok(_) => rows.push(json!({ "id": user, "key": user, "value": name })),
            Err(Failure::Refused(_)) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(document(StatusCode::OK, &json!({ "rows": rows })))
}
