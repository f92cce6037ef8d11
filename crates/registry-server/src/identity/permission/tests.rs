//! Rows of callers, packages and answers.

use super::{
    AccessRules, Action, Claim, Identity, PublishSecondFactor, Refusal, Role, Scope, SecondFactor, Standing,
    User, Visibility, account, decide, organisation, registry_administrator,
};
use crate::PackageName;
use crate::identity::AccountName;
use crate::identity::token_limits::{Reach, SelectedPackages, TokenLimits};

const RULES: AccessRules = AccessRules { anonymous_read: true };
const CLOSED: AccessRules = AccessRules { anonymous_read: false };

fn name() -> PackageName {
    PackageName::parse("@acme/core").expect("a name")
}

fn account_name(text: &str) -> AccountName {
    AccountName::parse(text).expect("a name")
}

fn user() -> User {
    User { name: account_name("ada"), administrator: false, second_factor: SecondFactor::Disabled }
}

fn claim(identity: Identity) -> Claim {
    Claim { identity, limits: TokenLimits::none(), one_time_password: false }
}

fn anonymous() -> Claim {
    claim(Identity::Anonymous)
}

fn ada() -> Claim {
    claim(Identity::User(user()))
}

fn administrator() -> Claim {
    claim(Identity::User(User { administrator: true, ..user() }))
}

fn with_second_factor(second_factor: SecondFactor) -> Claim {
    claim(Identity::User(User { second_factor, ..user() }))
}

fn publisher(package: &str) -> Claim {
    claim(Identity::TrustedPublisher { package: PackageName::parse(package).expect("a name") })
}

/// Public, in an organisation that the caller has nothing to do with.
fn foreign() -> Standing {
    Standing {
        exists: true,
        visibility: Visibility::Public,
        second_factor: PublishSecondFactor::NotRequired,
        scope: Scope::Organisation(None),
        maintainer: false,
        granted: Reach::Nothing,
        may_be_new: true,
    }
}

fn restricted() -> Standing {
    Standing { visibility: Visibility::Restricted, ..foreign() }
}

fn free(scope: Scope) -> Standing {
    Standing { exists: false, scope, ..foreign() }
}

fn hidden() -> Result<(), Refusal> {
    Err(Refusal::Hidden { name: name() })
}

#[track_caller]
fn check(rules: AccessRules, rows: Vec<(Claim, Action, Standing, Result<(), Refusal>)>) {
    for (index, (claim, action, standing, expected)) in rows.into_iter().enumerate() {
        let decided = decide(rules, &claim, action, &name(), &standing);
        assert_eq!(decided, expected, "row {index}: {claim:?} {action:?} {standing:?}");
    }
}

#[test]
fn public_packages_are_read_by_everyone_and_changed_by_those_in_charge() {
    use Action::{Administer, Edit, Publish, Read};
    let not_maintainer = || Err(Refusal::NotMaintainer { name: name() });
    let not_administrator = || Err(Refusal::NotPackageAdministrator { name: name() });
    let maintained = Standing { maintainer: true, ..foreign() };
    let granted = |granted| Standing { granted, ..foreign() };
    let member = |role| Standing { scope: Scope::Organisation(Some(role)), ..foreign() };
    check(
        RULES,
        vec![
            (anonymous(), Read, foreign(), Ok(())),
            (anonymous(), Publish, foreign(), Err(Refusal::LoginNeeded)),
            (ada(), Read, foreign(), Ok(())),
            (ada(), Publish, foreign(), not_maintainer()),
            (ada(), Administer, foreign(), not_administrator()),
            (ada(), Publish, maintained.clone(), Ok(())),
            (ada(), Administer, maintained, Ok(())),
            (ada(), Publish, granted(Reach::Read), not_maintainer()),
            (ada(), Publish, granted(Reach::Write), Ok(())),
            (ada(), Edit, granted(Reach::Write), Ok(())),
            (ada(), Edit, granted(Reach::Read), not_maintainer()),
            (ada(), Administer, granted(Reach::Write), not_administrator()),
            (ada(), Publish, member(Role::Developer), not_maintainer()),
            (ada(), Publish, member(Role::Admin), Ok(())),
            (ada(), Administer, member(Role::Owner), Ok(())),
            (administrator(), Administer, foreign(), Ok(())),
            (publisher("@acme/core"), Publish, foreign(), Ok(())),
            (publisher("@acme/core"), Edit, foreign(), Err(Refusal::PublisherOnly)),
            (publisher("@acme/core"), Administer, foreign(), Err(Refusal::PublisherOnly)),
            (publisher("@acme/other"), Publish, foreign(), Err(Refusal::TokenPackages { name: name() })),
        ],
    );
}

#[test]
fn restricted_packages_do_not_exist_for_those_who_have_nothing_to_do_with_them() {
    use Action::{Administer, Publish, Read};
    let member = Standing { scope: Scope::Organisation(Some(Role::Developer)), ..restricted() };
    check(
        RULES,
        vec![
            (anonymous(), Read, restricted(), hidden()),
            (anonymous(), Publish, restricted(), hidden()),
            (ada(), Read, restricted(), hidden()),
            (ada(), Publish, restricted(), hidden()),
            (ada(), Administer, restricted(), hidden()),
            (ada(), Read, member, Ok(())),
            (ada(), Read, Standing { granted: Reach::Read, ..restricted() }, Ok(())),
            (ada(), Read, Standing { maintainer: true, ..restricted() }, Ok(())),
            (ada(), Read, Standing { scope: Scope::Own, ..restricted() }, Ok(())),
            (administrator(), Read, restricted(), Ok(())),
            (publisher("@acme/core"), Read, restricted(), Ok(())),
            (publisher("@acme/other"), Read, restricted(), hidden()),
        ],
    );
}

#[test]
fn a_closed_registry_tells_nothing_before_a_login() {
    check(
        CLOSED,
        vec![
            (anonymous(), Action::Read, foreign(), Err(Refusal::LoginNeeded)),
            (anonymous(), Action::Read, restricted(), Err(Refusal::LoginNeeded)),
            (anonymous(), Action::Read, free(Scope::None), Err(Refusal::LoginNeeded)),
            (ada(), Action::Read, foreign(), Ok(())),
            (ada(), Action::Read, restricted(), hidden()),
        ],
    );
}

#[test]
fn new_names_are_published_by_those_whose_scope_it_is() {
    let of_others = || Err(Refusal::ScopeOfOthers { name: name() });
    let new = || Err(Refusal::NewPackage { name: name() });
    let developer = Scope::Organisation(Some(Role::Developer));
    let rows = |may_be_new: bool, expected: [Result<(), Refusal>; 6]| {
        let scopes = [
            Scope::None,
            Scope::Unclaimed,
            Scope::Own,
            Scope::OtherUser,
            Scope::Organisation(None),
            developer,
        ];
        let standing = |scope| Standing { may_be_new, ..free(scope) };
        let row = |(scope, expected)| (ada(), Action::Publish, standing(scope), expected);
        scopes.into_iter().zip(expected).map(row).collect::<Vec<_>>()
    };
    check(RULES, rows(true, [Ok(()), Ok(()), Ok(()), of_others(), of_others(), Ok(())]));
    check(RULES, rows(false, [new(), new(), new(), of_others(), of_others(), new()]));
    let not_open = Standing { may_be_new: false, ..free(Scope::None) };
    check(
        RULES,
        vec![
            (administrator(), Action::Publish, not_open.clone(), Ok(())),
            (anonymous(), Action::Publish, not_open, Err(Refusal::LoginNeeded)),
        ],
    );
}

#[test]
fn a_token_never_does_more_than_it_was_made_for() {
    use Action::{Publish, Read};
    let limited = |packages: &[&str], packages_reach| {
        let packages = packages.iter().map(ToString::to_string).collect();
        let packages = SelectedPackages::Only { packages, scopes: Vec::new() };
        Claim { limits: TokenLimits { packages, packages_reach, ..TokenLimits::none() }, ..administrator() }
    };
    let others = || Err(Refusal::TokenPackages { name: name() });
    let own = Standing { maintainer: true, ..foreign() };
    check(
        RULES,
        vec![
            (limited(&["@acme/core"], Reach::Write), Publish, own.clone(), Ok(())),
            (limited(&["@acme/core"], Reach::Read), Publish, own.clone(), Err(Refusal::TokenReadOnly)),
            (limited(&["other"], Reach::Write), Publish, own.clone(), others()),
            (limited(&["other"], Reach::Write), Publish, free(Scope::None), others()),
            // What everyone may read, a token may read too.
            (limited(&["other"], Reach::Write), Read, own.clone(), Ok(())),
            (limited(&["other"], Reach::Write), Read, restricted(), hidden()),
            (limited(&["@acme/core"], Reach::Nothing), Read, restricted(), hidden()),
            (limited(&["@acme/core"], Reach::Read), Read, restricted(), Ok(())),
        ],
    );
    check(CLOSED, vec![(limited(&["other"], Reach::Write), Read, own, hidden())]);
}

#[test]
fn a_one_time_password_is_asked_for_where_the_user_or_the_package_wants_it() {
    let automation = |claim: Claim| Claim {
        limits: TokenLimits { bypasses_one_time_password: true, ..TokenLimits::none() },
        ..claim
    };
    let given = |claim: Claim| Claim { one_time_password: true, ..claim };
    let own = |second_factor| Standing { maintainer: true, second_factor, ..foreign() };
    let writes = || with_second_factor(SecondFactor::AuthAndWrites);
    let login = || with_second_factor(SecondFactor::AuthOnly);
    let asked = || Err(Refusal::OneTimePasswordNeeded);
    let to_enable = || Err(Refusal::SecondFactorNeeded { name: name() });
    let rows = [
        (ada(), PublishSecondFactor::NotRequired, Ok(())),
        (login(), PublishSecondFactor::NotRequired, Ok(())),
        (writes(), PublishSecondFactor::NotRequired, asked()),
        (given(writes()), PublishSecondFactor::NotRequired, Ok(())),
        (automation(writes()), PublishSecondFactor::NotRequired, Ok(())),
        (ada(), PublishSecondFactor::Required, to_enable()),
        (login(), PublishSecondFactor::Required, asked()),
        (given(login()), PublishSecondFactor::Required, Ok(())),
        (automation(writes()), PublishSecondFactor::Required, asked()),
        (automation(ada()), PublishSecondFactor::RequiredUnlessAutomation, Ok(())),
        (writes(), PublishSecondFactor::RequiredUnlessAutomation, asked()),
        (publisher("@acme/core"), PublishSecondFactor::Required, Ok(())),
    ];
    let row = |(claim, factor, expected)| (claim, Action::Publish, own(factor), expected);
    check(RULES, rows.into_iter().map(row).collect());
    check(RULES, vec![(writes(), Action::Read, own(PublishSecondFactor::Required), Ok(()))]);
}

#[test]
fn accounts_are_changed_by_their_users_with_a_full_token() {
    let granular = Claim { limits: TokenLimits { account: false, ..TokenLimits::none() }, ..ada() };
    assert_eq!(account(&ada()), Ok(&user()));
    assert_eq!(account(&granular), Err(Refusal::TokenAccount));
    assert_eq!(account(&publisher("a")), Err(Refusal::TokenAccount));
    assert_eq!(account(&anonymous()), Err(Refusal::LoginNeeded));
    assert_eq!(registry_administrator(&ada()), Err(Refusal::AdministratorNeeded));
    assert!(registry_administrator(&administrator()).is_ok_and(|user| user.administrator));
}

#[test]
fn organisations_are_managed_by_role() {
    let acme = account_name("acme");
    let needs = |needed| Err(Refusal::RoleNeeded { name: acme.clone(), needed });
    let reach = |organisations_reach| Claim {
        limits: TokenLimits { organisations_reach, ..TokenLimits::none() },
        ..ada()
    };
    let elsewhere = Claim {
        limits: TokenLimits { organisations: Some(vec![account_name("lab")]), ..TokenLimits::none() },
        ..ada()
    };
    let writes = with_second_factor(SecondFactor::AuthAndWrites);
    for (claim, role, needed, expected) in [
        (anonymous(), None, Role::Developer, Err(Refusal::LoginNeeded)),
        (publisher("a"), None, Role::Developer, Err(Refusal::PublisherOnly)),
        (ada(), None, Role::Developer, needs(Role::Developer)),
        (ada(), Some(Role::Developer), Role::Developer, Ok(())),
        (ada(), Some(Role::Developer), Role::Admin, needs(Role::Admin)),
        (ada(), Some(Role::Admin), Role::Owner, needs(Role::Owner)),
        (ada(), Some(Role::Owner), Role::Admin, Ok(())),
        (administrator(), None, Role::Owner, Ok(())),
        (reach(Reach::Read), Some(Role::Owner), Role::Developer, Ok(())),
        (reach(Reach::Read), Some(Role::Owner), Role::Owner, Err(Refusal::TokenReadOnly)),
        (
            elsewhere,
            Some(Role::Owner),
            Role::Developer,
            Err(Refusal::TokenOrganisation { name: acme.clone() }),
        ),
        (writes.clone(), Some(Role::Owner), Role::Developer, Ok(())),
        (writes.clone(), Some(Role::Owner), Role::Owner, Err(Refusal::OneTimePasswordNeeded)),
        (Claim { one_time_password: true, ..writes }, Some(Role::Owner), Role::Owner, Ok(())),
    ] {
        let decided = organisation(&claim, &acme, role, needed).map(|_| ());
        assert_eq!(decided, expected, "{claim:?} {role:?} {needed:?}");
    }
}
