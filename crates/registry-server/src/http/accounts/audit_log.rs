//! `/-/knit/v1/audit-log`: what was changed, for the registry's administrators.

use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Call, Failure, document};
use crate::database::AuditEntry;

/// Entries of one answer.
const MAX_ENTRIES: i64 = 1000;

/// Shape: `{"entries": [{"at", "actor", "address", "action", "object", "detail"}]}`, the newest first; `?limit=` of them.
pub(super) async fn answer(call: &Call<'_>) -> Result<Response, Failure> {
    call.caller().await?.registry_administrator()?;
    let limit = call.parameter("limit").and_then(|text| text.parse().ok()).unwrap_or(100);
    let entries = call.hosted.database.audit_log(i64::clamp(limit, 1, MAX_ENTRIES), 0).await?;
    let entries: Vec<Value> = entries.iter().map(told).collect();
    Ok(document(StatusCode::OK, &json!({ "entries": entries })))
}

fn told(entry: &AuditEntry) -> Value {
    json!({
        "at": Timestamp::from_millisecond(entry.at).map(|time| time.to_string()).ok(),
        "actor": entry.actor,
        "address": entry.address,
        "action": entry.action,
        "object": entry.object,
        "detail": entry.detail,
    })
}
