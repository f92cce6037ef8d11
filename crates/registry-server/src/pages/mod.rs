//! The registry's web pages, as functions from what is shown to HTML.
//!
//! Owns: how pages look, where they are ([`Page`]), and that nothing in them runs or loads what was published.
//! Does not own: where what is shown comes from, who may see it, and HTTP.
//!
//! Invariants: every page works without JavaScript, loads nothing from elsewhere, and costs time and memory in
//! proportion to a bounded part of what was published.

mod account;
mod address;
mod admin;
mod assets;
mod frame;
mod home;
mod listing;
mod markup;
mod message;
mod package;
mod picture;
mod quantities;
mod readme;
mod search_results;
mod sign_in;
mod tokens;
mod user;

pub use account::{AccountPage, AuthenticatorPage, RecoveryCodesPage, SecondFactorUse};
pub use address::{Href, Page, Tab, query_parameter};
pub use admin::{
    AdminPage, AuditLogPage, AuditRow, HiddenVersions, PolicyMode, PolicyRow, StorageFacts, UpstreamRow,
    UpstreamState, UserPasswordPage, UserRow, UserSettingsPage, UsersPage,
};
pub use assets::{Asset, CONTENT_SECURITY_POLICY, asset};
pub use frame::{Frame, Viewer};
pub use home::HomePage;
pub use listing::PackageSummary;
pub use markup::Html;
pub use message::MessagePage;
pub use package::{
    Dependencies, DependencyKind, Dependents, PackagePage, Provider, ShownVersion, VersionRow,
};
pub use picture::of_text as picture_of_text;
pub use readme::render as render_readme;
pub use search_results::SearchPage;
pub use sign_in::{CommandLine, CommandLinePage, LoginPage, OneTimePasswordPage, Purpose};
pub use tokens::{TokenForm, TokenPower, TokenRow, TokensPage};
pub use user::UserPage;
