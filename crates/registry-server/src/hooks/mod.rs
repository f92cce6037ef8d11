//! Hooks: who wants to be told of changes of packages is told by a signed POST, again and again until it was taken.
//!
//! Owns: which hooks a change is for, deliveries, their retries. Does not own: the requests that make hooks (`http`), the
//! rows (`database`). Deliveries are rows, so a restart loses none, and of several processes one makes each.
//!
//! Shape of what is sent: `{"event": "package:publish", "name", "type": "package", "version", "hookOwner": {"username"},
//! "payload": {"name", "dist-tags", "maintainers"}, "change": {}, "time"}`, with `x-npm-signature: sha256=` and the HMAC
//! of the body under the hook's secret in hexadecimal.

mod address;
mod sending;

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use sending::Sender;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use url::Url;

use crate::database::{Database, Delivery, Hook, NewDelivery};
use crate::hosted::Clock;
use crate::identity::permission::{self, AccessRules, Action, Claim, Identity, User};
use crate::identity::sealing::Sealing;
use crate::identity::token::hexadecimal;
use crate::identity::{Secret, TokenLimits, random};
use crate::{PackageName, RegistryError};

/// How often it is looked for deliveries that are due again, or that another process gave up.
const INTERVAL: Duration = Duration::from_secs(5);

/// Deliveries that are taken at once, and those under way at the same time.
const BATCH: i64 = 50;
const AT_ONCE: usize = 8;

/// Milliseconds after which a delivery is made that a process took and did not end.
const LEASE: i64 = 60_000;

/// Milliseconds from an attempt that failed to the next; after the last there is none.
const PAUSES: [i64; 4] = [60_000, 5 * 60_000, 30 * 60_000, 2 * 3_600_000];

/// Whether hooks are told, and where they may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HookOptions {
    /// Addresses of the registry's own network may be told as well.
    pub private_addresses: bool,
}

/// What happened to a package.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// As in `package:publish`.
    pub kind: &'static str,
    pub package: PackageName,
    pub version: Option<String>,
    /// What is special about it, as an object.
    pub change: Value,
}

impl Event {
    /// Something that is about no single version.
    pub fn new(kind: &'static str, package: &PackageName, change: Value) -> Event {
        Event { kind, package: package.clone(), version: None, change }
    }

    /// A version that was published.
    pub fn published(package: &PackageName, version: String) -> Event {
        let change = json!({ "version": version });
        Event { version: Some(version), ..Event::new("package:publish", package, change) }
    }

    /// A star that was given or taken back.
    pub fn star(package: PackageName, user: &str, is_starred: bool) -> Event {
        let kind = if is_starred { "package:star" } else { "package:unstar" };
        Event { kind, package, version: None, change: json!({ "user": user }) }
    }
}

/// The hooks of a registry.
pub(crate) struct Hooks {
    teller: Arc<Teller>,
    /// Tells until this is dropped.
    _worker: JoinSet<()>,
}

struct Teller {
    database: Database,
    clock: Clock,
    rules: AccessRules,
    sealing: Arc<Sealing>,
    sender: Sender,
    wake: Notify,
}

impl Hooks {
    /// Begins to make deliveries, on the runtime that this is called on.
    pub fn open(
        database: Database,
        clock: Clock,
        rules: AccessRules,
        sealing: Arc<Sealing>,
        options: HookOptions,
    ) -> Hooks {
        let sender = Sender::new(options.private_addresses);
        let teller = Arc::new(Teller { database, clock, rules, sealing, sender, wake: Notify::new() });
        let mut worker = JoinSet::new();
        let working = teller.clone();
        worker.spawn(async move {
            loop {
                let _ = tokio::time::timeout(INTERVAL, working.wake.notified()).await;
                if let Err(error) = working.tell_all().await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "hooks could not be told");
                }
            }
        });
        Hooks { teller, _worker: worker }
    }

    /// An endpoint that may be told.
    ///
    /// Errors: the end of a sentence that begins with it.
    pub fn check(&self, endpoint: &str) -> Result<Url, &'static str> {
        self.teller.sender.check(endpoint)
    }

    /// Has everybody told who wants to know of an event. A change stands whether or not they can be.
    pub async fn notify(&self, event: &Event) {
        match self.teller.enqueue(event).await {
            Ok(0) => {}
            Ok(_) => self.teller.wake.notify_one(),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "an event is lost for hooks");
            }
        }
    }
}

impl Teller {
    async fn enqueue(&self, event: &Event) -> Result<usize, RegistryError> {
        let hooks = self.database.hooks_for(&event.package).await?;
        let now = (self.clock)().as_millisecond();
        let text = json!({
            "event": event.kind,
            "version": event.version,
            "change": event.change,
            "time": now,
        })
        .to_string();
        let mut deliveries = Vec::with_capacity(hooks.len());
        for hook in &hooks {
            let id = hexadecimal(&random::bytes::<16>()?);
            deliveries.push(NewDelivery {
                id,
                hook,
                package: event.package.as_str(),
                event: &text,
                due: now,
            });
        }
        if !deliveries.is_empty() {
            self.database.add_deliveries(&deliveries).await?;
        }
        Ok(deliveries.len())
    }

    async fn tell_all(&self) -> Result<(), RegistryError> {
        loop {
            let now = (self.clock)().as_millisecond();
            let due = self.database.due_deliveries(now, BATCH).await?;
            let is_last = due.len() < usize::try_from(BATCH).unwrap_or(usize::MAX);
            let told = stream::iter(due.into_iter().map(|delivery| self.tell(delivery, now)));
            let told: Vec<Result<(), RegistryError>> = told.buffer_unordered(AT_ONCE).collect().await;
            told.into_iter().collect::<Result<(), _>>()?;
            if is_last {
                return Ok(());
            }
        }
    }

    async fn tell(&self, delivery: Delivery, now: i64) -> Result<(), RegistryError> {
        if !self.database.take_delivery(&delivery, now + LEASE).await? {
            return Ok(());
        }
        let hook = match self.database.hook(&delivery.hook).await? {
            Some(hook) => hook,
            None => return self.database.end_delivery(&delivery.id).await,
        };
        let Some(body) = self.body(&hook, &delivery).await? else {
            return self.database.end_delivery(&delivery.id).await;
        };
        let secret = self.sealing.open(&place(&hook.id), &hook.secret)?;
        let status = self.sender.send(&hook.endpoint, &Secret::new(secret), body).await;
        let is_taken = status.is_some_and(|status| (200..300).contains(&status));
        self.database.note_delivery(&hook.id, now, status.map(i64::from), is_taken).await?;
        let pause = usize::try_from(delivery.attempts).ok().and_then(|attempts| PAUSES.get(attempts));
        match pause.filter(|_| !is_taken) {
            Some(pause) => self.database.postpone_delivery(&delivery.id, now + pause).await,
            None => self.database.end_delivery(&delivery.id).await,
        }
    }

    /// What a hook is told; none where its owner may not know of the package (any more).
    async fn body(&self, hook: &Hook, delivery: &Delivery) -> Result<Option<String>, RegistryError> {
        let unreadable = || RegistryError::Row { table: "hook_deliveries", key: delivery.id.clone() };
        let name = PackageName::parse(&delivery.package).map_err(|_| unreadable())?;
        let Some(user) = self.database.user(&hook.username).await? else { return Ok(None) };
        let standing = self.database.standing(&name, Some(&user.name)).await?;
        let (administrator, second_factor) = (user.administrator, user.second_factor);
        let claim = Claim {
            identity: Identity::User(User { name: user.name, administrator, second_factor }),
            limits: TokenLimits::none(),
            one_time_password: false,
        };
        if permission::decide(self.rules, &claim, Action::Read, &name, &standing).is_err() {
            return Ok(None);
        }
        let mut told: Value = serde_json::from_str(&delivery.event).map_err(|_| unreadable())?;
        let maintainers: Vec<Value> = self
            .database
            .maintainers(&name)
            .await?
            .into_iter()
            .map(|(name, email)| json!({ "name": name, "email": email }))
            .collect();
        told["name"] = json!(name.as_str());
        told["type"] = json!("package");
        told["hookOwner"] = json!({ "username": hook.username });
        told["payload"] = json!({
            "_id": name.as_str(),
            "name": name.as_str(),
            "dist-tags": self.database.dist_tags(&name).await?,
            "maintainers": maintainers,
        });
        Ok(Some(told.to_string()))
    }
}

/// Where a hook's secret is kept.
pub(crate) fn place(id: &str) -> String {
    format!("hooks/{id}")
}
