//! Pages for people with accounts, in all their states.

use std::time::Duration;

use jiff::{Span, Timestamp};
use registry_server::Secret;
use registry_server::pages::{
    AccountPage, AdminPage, AuditLogPage, AuditRow, AuthenticatorPage, CommandLine, CommandLinePage,
    HiddenVersions, Href, LoginPage, OneTimePasswordPage, Page, PolicyMode, PolicyRow, Purpose,
    RecoveryCodesPage, SecondFactorUse, StorageFacts, TokenForm, TokenPower, TokenRow, TokensPage,
    UpstreamRow, UpstreamState, UserPasswordPage, UserRow, UserSettingsPage, UsersPage, picture_of_text,
};

use super::{hours_ago, now, texts};

pub fn tokens() -> TokensPage {
    let row = |key: &str, name: &str| TokenRow {
        key: key.repeat(8),
        shown: format!("knit_{}", &key[..4]),
        name: name.to_owned(),
        power: TokenPower::Everything,
        packages: Vec::new(),
        addresses: Vec::new(),
        created: hours_ago(24 * 40),
        expires: None,
    };
    TokensPage {
        total: 61,
        from: 0,
        size: 50,
        tokens: vec![
            row("3f9a11c0", "laptop"),
            TokenRow {
                power: TokenPower::Read,
                addresses: texts(&["10.0.0.0/8", "2001:db8::/32"]),
                expires: Some(now() + Span::new().hours(24 * 20)),
                ..row("77e0d2b4", "ci")
            },
            TokenRow {
                packages: texts(&["@acme", "quay"]),
                power: TokenPower::PublishUnattended,
                expires: Some(hours_ago(24)),
                ..row("c0ffee00", "release of forms")
            },
            row("deadbeef", ""),
        ],
        created: Some(Secret::new(format!("knit_{}", "4Tz9".repeat(11)))),
        ..TokensPage::default()
    }
}

pub fn command_line() -> CommandLine {
    CommandLine { client: "npm/11.19.1 node/v26.0.0 linux x64".to_owned(), address: "10.4.1.27".to_owned() }
}

pub fn login(purpose: Purpose, failure: Option<&str>) -> LoginPage {
    LoginPage {
        purpose,
        next: Some(Box::new(Page::Tokens { from: 0 })),
        user: failure.map(|_| "jane".to_owned()).unwrap_or_default(),
        failure: failure.map(str::to_owned),
    }
}

pub fn otp() -> OneTimePasswordPage {
    OneTimePasswordPage { purpose: Purpose::CommandLine(command_line()), next: None, failure: None }
}

pub fn let_in() -> CommandLinePage {
    CommandLinePage {
        command_line: command_line(),
        code: "x1".to_owned(),
        asks_for_code: true,
        failure: Some("Incorrect one-time password.".to_owned()),
    }
}

pub fn account(second_factor: SecondFactorUse) -> AccountPage {
    AccountPage {
        email: "jane@acme.example".to_owned(),
        profile: vec![
            ("fullname", "Name", "Jane \"><b>Doe".to_owned()),
            ("homepage", "Homepage", String::new()),
        ],
        second_factor,
        done: Some("The profile is saved.".to_owned()),
        failure: None,
    }
}

pub fn authenticator() -> AuthenticatorPage {
    let uri = "otpauth://totp/registry%2Eexample:jane?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    AuthenticatorPage {
        secret: Secret::new("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
        link: Href::authenticator(uri),
        picture: picture_of_text(uri, "The secret, for the camera of a telephone"),
        failure: Some("Incorrect one-time password.".to_owned()),
    }
}

pub fn recovery_codes() -> RecoveryCodesPage {
    let codes = (0..8).map(|index| Secret::new(format!("abcd{index}-efgh2-jkmn3-pqrs4"))).collect();
    RecoveryCodesPage { codes, done: "The codes you had are no longer good.".to_owned() }
}

pub fn users() -> UsersPage {
    let row = |index: i64| UserRow {
        name: format!("user-{index}"),
        email: format!("user-{index}@acme.example"),
        is_administrator: index == 0,
        is_disabled: index == 3,
        has_second_factor: index % 2 == 0,
        created: Some(hours_ago(24 * index)),
    };
    UsersPage {
        total: 240,
        from: 100,
        size: 100,
        users: (0..8).map(row).collect(),
        failure: Some("The name jane is taken.".to_owned()),
        asked_name: "jane".to_owned(),
        asks_for_code: true,
        ..UsersPage::default()
    }
}

pub fn user_settings() -> UserSettingsPage {
    UserSettingsPage {
        name: "user-3".to_owned(),
        is_disabled: true,
        failure: Some("Nobody else could administer the registry then.".to_owned()),
        asks_for_code: true,
        ..UserSettingsPage::default()
    }
}

pub fn audit_rows() -> Vec<AuditRow> {
    (0..12)
        .map(|index| AuditRow {
            time: hours_ago(index * 5),
            user: "jane".to_owned(),
            action: "publish".to_owned(),
            subject: format!("@acme/forms@4.{index}.0"),
            detail: if index == 2 { "{\"packages\":\"all\"}".repeat(20) } else { String::new() },
            address: "10.4.1.27".to_owned(),
        })
        .collect()
}

pub fn audit_log() -> AuditLogPage {
    AuditLogPage { total: 1204, from: 100, size: 100, entries: audit_rows() }
}

pub fn administration() -> AdminPage {
    let upstream = |name: &str, state, answered: Option<Timestamp>, failed: Option<&str>| UpstreamRow {
        name: name.to_owned(),
        address: format!("https://{name}.example/"),
        state,
        answered,
        latency: answered.map(|_| Duration::from_millis(84)),
        failed: failed.map(|reason| (hours_ago(1), reason.to_owned())),
        packages: 18_204,
        packuments: 1_900_000_000,
        tarballs: 48_200_000_000,
    };
    let policy = |name: &str, rule: &str, mode, total: u64| PolicyRow {
        name: name.to_owned(),
        rule: rule.to_owned(),
        mode,
        hidden: (total > 0)
            .then(|| HiddenVersions { total, some: vec![("@acme/forms".to_owned(), "4.49.0".to_owned())] }),
    };
    AdminPage {
        storage: StorageFacts {
            packages: 1248,
            versions: 51_223,
            tarballs: 51_190,
            size: 9_810_000_000,
            database: "PostgreSQL at db.example".to_owned(),
            blobs: "s3://packages/registry".to_owned(),
        },
        upstreams: vec![
            upstream("public", UpstreamState::Answers, Some(hours_ago(0)), None),
            upstream("partner", UpstreamState::Fails, Some(hours_ago(7)), Some("connection refused")),
            upstream("archive", UpstreamState::Unknown, None, None),
        ],
        policies: vec![
            policy(
                "fresh",
                "Versions are shown 3 days after they were published.",
                PolicyMode::Enforced,
                412,
            ),
            policy(
                "scripts",
                "Versions with install scripts are hidden unless listed.",
                PolicyMode::Observed,
                1877,
            ),
            policy("Deprecations", "A warning is put on left-pad.", PolicyMode::Enforced, 0),
        ],
        judged: 812,
        audit: audit_rows(),
    }
}

pub fn new_user() -> UserPasswordPage {
    UserPasswordPage { name: "grace".to_owned(), password: Secret::new("h7k2m9p4q8r3t6v5w2x7y4z9") }
}

/// A form that is shown again.
pub fn no_tokens() -> TokensPage {
    TokensPage {
        failure: Some("The password is wrong.".to_owned()),
        asked: TokenForm { kind: "automation".to_owned(), days: "never".to_owned(), ..TokenForm::default() },
        asks_for_code: true,
        ..TokensPage::default()
    }
}
