//! The configuration file: what it means, and what is said about its mistakes.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use registry_server::names::Place;
use registry_server::policy::{Mode, ProvenanceRule};
use registry_server::settings::{
    BlobLocation, DatabaseLocation, LogFormat, ProxyHeaders, Publisher, Registration, RegistrySettings,
};
use registry_server::{PackageName, Provider, RegistryError};

fn environment(name: &str) -> Option<String> {
    match name {
        "TOKEN" => Some(" very-secret\n".into()),
        "EMPTY" => Some("  ".into()),
        _ => None,
    }
}

fn parse(text: &str) -> Result<RegistrySettings, RegistryError> {
    RegistrySettings::parse(Path::new("registry.toml"), text, &environment)
}

fn settings(text: &str) -> RegistrySettings {
    match parse(text) {
        Ok(settings) => settings,
        Err(RegistryError::Settings { problems, .. }) => panic!("{problems:#?}"),
        Err(error) => panic!("{error}"),
    }
}

/// The mistakes as `line:column message | hint`.
fn mistakes(text: &str) -> Vec<String> {
    let Err(RegistryError::Settings { problems, .. }) = parse(text) else { return Vec::new() };
    let shown = |problem: &registry_server::settings::SettingsProblem| {
        format!("{}:{} {} | {}", problem.line, problem.column, problem.message, problem.hint)
    };
    problems.iter().map(shown).collect()
}

#[test]
fn the_default_file_says_what_holds_without_one() {
    assert_eq!(settings(RegistrySettings::default_file()), RegistrySettings::default());
    assert_eq!(settings(""), RegistrySettings::default());
}

/// Every example of the default file, taken out of its comment, is understood.
#[test]
fn the_examples_of_the_default_file_are_right() {
    let mut text = String::new();
    for line in RegistrySettings::default_file().lines() {
        let example = line.strip_prefix('#').filter(|rest| !rest.starts_with(' ') && !rest.is_empty());
        let in_list = line.strip_prefix("  # ").filter(|rest| rest.starts_with('{'));
        text.push_str(in_list.or(example).unwrap_or(line));
        text.push('\n');
    }
    let text = text
        .replace("  { names = \"*\", from = \"here\" },\n", "")
        .replace("tls_", "#tls_")
        .replace("ca_file", "#ca_file")
        .replace("secrets_key_file", "#secrets_key_file")
        .replace("blobs = \"blobs\"", "blobs = \"s3://bucket/prefix\"")
        .replace("database = \"registry.db\"", "database = \"postgres://registry@db.example/registry\"");
    let every_variable_set = |_: &str| Some("a secret of enough characters for a key".to_owned());
    let parsed = RegistrySettings::parse(Path::new("registry.toml"), &text, &every_variable_set);
    let settings = parsed.unwrap_or_else(|error| panic!("{error:#?}\n{text}"));
    assert_eq!((settings.upstreams.len(), settings.trusted_issuers.len()), (1, 1));
    assert_eq!(settings.policy.blocks.len() + settings.policy.deprecations.len(), 2);
    let name = PackageName::parse("@acme/x").expect("a name");
    assert_eq!(settings.names.place(&name), &Place::Here);
    // what an example shows as an upstream's default is that
    let shown = &settings.upstreams[0];
    let default = registry_server::settings::UpstreamSettings::new("public", shown.url.clone());
    assert_eq!((shown.timeout, shown.connect_timeout), (default.timeout, default.connect_timeout));
    assert_eq!((shown.max_age, shown.missing_age), (default.max_age, default.missing_age));
    assert_eq!((shown.connections, shown.audits), (default.connections, default.audits));
}

#[test]
fn a_whole_file_is_understood() {
    let settings = settings(
        r#"
[server]
listen = "[::]:8080"
public_url = "https://registry.example/npm"
trusted_proxies = ["10.0.0.0/8", "192.168.1.1"]
proxy_headers = "forwarded"
log = "json"

[[trusted_issuer]]
name = "ours"
provider = "gitlab"
url = "https://gitlab.example"

[storage]
database = "postgres://registry@db.example/registry"
database_password_env = "TOKEN"
blobs = "s3://bucket/a/b/"
[storage.s3]
endpoint = "http://127.0.0.1:9000"
access_key_env = "TOKEN"
secret_key_env = "TOKEN"

[[upstream]]
name = "public"
url = "https://upstream.example/npm"
token_env = "TOKEN"
max_age = "1h"

[names]
rules = [
    { names = "@acme/*", from = "here" },
    { names = "evil", from = "refused" },
    { names = "*", from = "public" },
]

[policy]
mode = "observe"
minimum_release_age = "3d"
minimum_release_age_except = ["@acme/*", "urgent@2.0.1"]
install_scripts = "hide"
provenance = "no-downgrade"
[[policy.block]]
packages = ["left-pad@<1.3"]
reason = "broken"

[access]
registration = "open"
[[access.publish]]
names = "@acme/*"
by = ["team:@acme:developers", "user:robot"]

[limits]
publish_body = "64 MiB"
"#,
    );
    assert_eq!(settings.server.listen, "[::]:8080".parse::<SocketAddr>().expect("an address"));
    assert_eq!(
        settings.server.public_url.as_ref().map(|url| url.as_str()),
        Some("https://registry.example/npm/")
    );
    assert_eq!(settings.server.trusted_proxies.len(), 2);
    assert_eq!(settings.server.proxy_headers, ProxyHeaders::Forwarded);
    let [issuer] = settings.trusted_issuers.as_slice() else { panic!("an issuer") };
    assert_eq!((issuer.provider, issuer.url.as_str()), (Provider::GitLab, "https://gitlab.example"));
    assert_eq!(issuer.audience, "npm:registry.example");
    assert_eq!(settings.server.log, LogFormat::Json);
    let DatabaseLocation::Postgres(address) = &settings.storage.database else { panic!("a PostgreSQL") };
    assert_eq!(address.reveal(), "postgres://registry:very-secret@db.example/registry");
    let blobs = BlobLocation::S3 { bucket: "bucket".into(), prefix: "a/b".into() };
    assert_eq!(settings.storage.blobs, blobs);
    let upstream = settings.upstream("public").expect("the upstream");
    assert_eq!(upstream.token.as_ref().map(|token| token.reveal()), Some("very-secret"));
    assert_eq!(upstream.max_age, Duration::from_secs(3600));
    for (name, place) in
        [("@acme/tool", Place::Here), ("evil", Place::Refused), ("react", Place::Upstream("public".into()))]
    {
        assert_eq!(settings.names.place(&PackageName::parse(name).expect("a name")), &place, "{name}");
    }
    assert_eq!(settings.policy.mode, Mode::Observe);
    assert_eq!(settings.policy.provenance.rule, ProvenanceRule::NoDowngrade);
    assert_eq!(settings.policy.release_age.minimum.as_hours(), 72);
    assert_eq!(settings.access.registration, Registration::Open);
    let name = PackageName::parse("@acme/tool").expect("a name");
    let team = Publisher::Team { organisation: "acme".into(), team: "developers".into() };
    assert_eq!(settings.access.publishers(&name), [team, Publisher::User("robot".into())]);
    assert!(settings.access.publishers(&PackageName::parse("other").expect("a name")).is_empty());
    assert_eq!(settings.limits.publish_body, 64 << 20);
    assert!(!format!("{settings:?}").contains("very-secret"), "secrets are not shown");
}

#[test]
fn mistakes_are_shown_with_their_place_and_what_to_write_instead() {
    let mut wrong = Vec::new();
    for (text, expected) in [
        ("[server]\nlisen = \"127.0.0.1:1\"\n", vec!["2:1 unknown key server.lisen | write listen"]),
        ("[sever]\n", vec!["1:2 unknown key sever | write server"]),
        (
            "[server]\n  listen = 4873\n",
            vec![
                "2:12 server.listen is an integer | write an address and a port in quotes, such as \"127.0.0.1:4873\" \
                 or \"[::]:4873\"",
            ],
        ),
        (
            "[server]\ntrusted_proxies = \"10.0.0.0/8\"",
            vec![
                "2:19 server.trusted_proxies is a string | write a list, in brackets, of an address or a range of \
                 addresses in quotes, such as \"10.0.0.1\" or \"10.0.0.0/8\"",
            ],
        ),
        (
            "server = 1\n[limits]\nlogins_per_minute = 0",
            vec![
                "1:10 server is an integer | write it as a table: [server]",
                "3:21 limits.logins_per_minute is 0 | write a whole number of 1 or more",
            ],
        ),
        (
            "[[upstream]]\nname = \"a\"\n",
            vec![
                "1:1 upstream.url is missing | write url = and an address in quotes that begins with https:// or \
                 http://, such as \"https://registry.example/\"",
            ],
        ),
        (
            "[names]\nrules = [\n  { names = \"*\", from = \"npm\" },\n]",
            vec![
                "3:25 there is no upstream \"npm\" | write \"here\", \"refused\", or declare it with [[upstream]]",
            ],
        ),
        (
            "[[upstream]]\nname = \"a\"\nurl = \"https://a.example\"\n",
            vec![
                "2:8 no name comes from upstream \"a\" | add a rule to [names], such as { names = \"*\", from = \"a\" }",
            ],
        ),
        (
            "[names]\nrules = [\n { names = \"*\", from = \"here\" },\n { names = \"@a/*\", from = \"refused\" }]",
            vec![
                "4:12 \"@a/*\": these names go elsewhere by \"*\" in line 3 | the first rule that matches decides: \
                 move this one before it",
            ],
        ),
        (
            "[names]\nrules = [\n { names = \"x\", from = \"here\" },\n { names = \"x\", from = \"refused\" }]",
            vec!["4:12 \"x\": these names go elsewhere by \"x\" in line 3 | leave one of them out"],
        ),
        (
            "[names]\n",
            vec![
                "1:1 there are no rules in [names] | write rules = [{ names = \"*\", from = \"here\" }], or leave \
                 [names] out",
            ],
        ),
        (
            "[policy]\nminimum_release_age = \"3 days\"",
            vec![
                "2:23 policy.minimum_release_age is \"3 days\" | write a duration in quotes, such as \"30s\", \"5m\", \
                 \"12h\", \"3d\" or \"0s\"",
            ],
        ),
        (
            "[[policy.block]]\npackages = [\"a@@1\"]",
            vec![
                "2:13 policy.block.packages \"a@@1\" has \"@1\" for a range of versions | write a package in quotes, \
                 with a range of versions where not all are meant, such as \"left-pad@<1.3\", \"@acme/*\" or \"*\"",
            ],
        ),
        (
            "[server]\ntls_certificate = \"no-such.pem\"",
            vec![
                "2:19 cannot read no-such.pem: No such file or directory (os error 2) | write the path of a readable \
                 PEM file as tls_certificate",
                "2:19 tls_certificate is given without tls_key | add tls_key, the path of its private key",
            ],
        ),
        (
            "[storage]\ndatabase = \"mysql://x\"\n[storage.s3]\nregion = \"r\"",
            vec![
                "2:12 storage.database is at \"mysql://\" | write a file, or \"postgres://user@host/database\"",
                "3:1 storage.s3 is given, but the blobs are in a folder | write blobs = \"s3://bucket/prefix\" in \
                 [storage], or leave [storage.s3] out",
            ],
        ),
        (
            "[server]\npublic_url = \"https://registry.example\"\n[[trusted_issuer]]\nname = \"a\"\n\
             provider = \"jenkins\"\nurl = \"http://ci.example\"\n[[trusted_issuer]]\nname = \"b\"\n\
             provider = \"oidc\"\nurl = \"https://ci.example\"\nissuer = \"x\"",
            vec![
                "5:12 trusted_issuer.provider is \"jenkins\" | write \"github\", \"gitlab\", \"circleci\" or \"oidc\"",
                "6:7 the keys of an issuer would come unprotected | write its address with https://",
                "11:1 unknown key trusted_issuer.issuer | keys of [trusted_issuer] are: name, provider, url, \
                 audience, jwks_url, ca_file, proxy",
            ],
        ),
        (
            "[[trusted_issuer]]\nname = \"a\"\nprovider = \"github\"\nurl = \"https://ci.example\"",
            vec![
                "1:1 nothing says what id-tokens are for | write audience = \"npm:\" and the registry's host, or \
                 public_url in [server]",
            ],
        ),
        (
            "[server]\npublic_url = \"https://registry.example\"\n[[trusted_issuer]]\nname = \"a\"\n\
             provider = \"github\"\nurl = \"https://ci.example\"\n[[trusted_issuer]]\nname = \"b\"\n\
             provider = \"gitlab\"\nurl = \"https://ci.example\"",
            vec!["8:8 the issuer of line 4 has this url as well | give each issuer a url of its own"],
        ),
        (
            "[advisories]\nsource = \"none\"",
            vec!["2:10 advisories.source is \"none\" | write \"upstream\", \"local\" or \"both\""],
        ),
        (
            "[[access.publish]]\nnames = \"*\"\nby = [\"everyone\"]",
            vec![
                "3:7 access.publish.by has \"everyone\" | write \"users\", \"admins\", \"user:name\" or \
                 \"team:organisation:name\"",
            ],
        ),
    ] {
        let found = mistakes(text);
        if found != expected {
            wrong.push(format!("{text}\n  said: {found:#?}\n  expected: {expected:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn secrets_come_from_where_the_file_says_and_are_never_repeated() {
    let upstream = |line: &str| {
        format!(
            "[[upstream]]\nname = \"a\"\nurl = \"https://a.example\"\n{line}\n[names]\nrules = [{{ names = \"*\", from = \"a\" }}]"
        )
    };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token");
    std::fs::write(&file, "from-file\n").expect("a file");
    let from_file = settings(&upstream(&format!("token_file = \"{}\"", file.display())));
    assert_eq!(from_file.upstreams[0].token.as_ref().map(|token| token.reveal()), Some("from-file"));
    for (line, expected) in [
        (
            "token_env = \"EMPTY\"",
            "4:13 the environment variable EMPTY is not set | start with EMPTY set, or leave token_env out",
        ),
        (
            "token_env = \"TOKEN\"\ntoken_file = \"x\"",
            "5:14 token_env and token_file are both given | keep one of token_env and token_file",
        ),
    ] {
        assert_eq!(mistakes(&upstream(line)), [expected], "{line}");
    }
    let in_url = upstream("").replace("https://a", "https://user:hunter2@a");
    assert!(mistakes(&in_url)[0].contains("has a user in it") && !mistakes(&in_url)[0].contains("hunter2"));
    let in_clear = upstream("token_env = \"TOKEN\"").replace("https", "http");
    assert!(mistakes(&in_clear)[0].contains("would travel unencrypted"), "{:?}", mistakes(&in_clear));
}

#[test]
fn a_text_that_is_no_toml_is_told_with_its_line() {
    let found = mistakes("[server]\nlisten = \n\n[storage\n");
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("2:") && found[1].starts_with("4:"), "{found:?}");
}
