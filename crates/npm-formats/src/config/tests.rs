use std::path::PathBuf;

use jiff::tz::TimeZone;

use super::*;
use crate::manifest::SaveType;

fn variable(name: &str) -> Option<String> {
    match name {
        "A" => Some("a-value".to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    }
}

fn context() -> Context<'static> {
    Context {
        home: Some(PathBuf::from("/home/me")),
        working_directory: PathBuf::from("/work/dir"),
        variable: &variable,
        time_zone: &|| TimeZone::UTC,
    }
}

/// A configuration from texts in .npmrc's form, lowest level first.
fn config(levels: &[(Level, &str)]) -> Config {
    let mut config = Config::default();
    for (level, text) in levels.iter().rev() {
        config.load(*level, level.name(), &parse(text), &context()).expect("loads");
    }
    config.validate(&context()).expect("is valid");
    config
}

// Every row was run through the ini of npm 11.19.1.
#[test]
fn lines_are_read_as_ini_reads_them() {
    let rows = [
        ("a=b", r#"{"a":"b"}"#),
        (" a = b ", r#"{"a":"b"}"#),
        ("a", r#"{"a":true}"#),
        ("a=", r#"{"a":""}"#),
        ("=b", r"{}"),
        ("a=true", r#"{"a":true}"#),
        ("a='true'", r#"{"a":true}"#),
        ("a=null", r#"{"a":null}"#),
        ("a=b;c", r#"{"a":"b"}"#),
        ("a=b\\;c\\#d\\\\e\\f", r##"{"a":"b;c#d\\e\\f"}"##),
        ("a=b\\", r#"{"a":"b\\"}"#),
        ("a=\"b\\nc\"", r#"{"a":"b\nc"}"#),
        ("a=\"b;c\"", r#"{"a":"b;c"}"#),
        ("a='b;c'", r#"{"a":"b;c"}"#),
        ("a=\"b", r#"{"a":"\"b"}"#),
        ("a=\"", r#"{"a":"\""}"#),
        ("a=b=c", r#"{"a":"b=c"}"#),
        ("\"a b\"=c", r#"{"a b":"c"}"#),
        ("; c\n# d\na=b", r#"{"a":"b"}"#),
        ("a=b\r\nc=d", r#"{"a":"b","c":"d"}"#),
        ("a=1\na=2", r#"{"a":"2"}"#),
        ("a[]=1\na[]=2", r#"{"a":["1","2"]}"#),
        ("a=1\na[]=2", r#"{"a":["1","2"]}"#),
        ("a[]=1\na=2", r#"{"a":["1","2"]}"#),
        ("[]=1", r#"{"[]":"1"}"#),
        ("__proto__=1", r"{}"),
        ("//h/:_authToken=abc#d", r#"{"//h/:_authToken":"abc"}"#),
        ("ü=ö", r#"{"ü":"ö"}"#),
    ];
    for (text, wanted) in rows {
        assert_eq!(show(&parse(text)), wanted, "{text}");
    }
    assert_eq!(show(&parse("a=b\n[section]\nc=d")), r#"{"a":"b"}"#);
}

fn show(entries: &[Entry]) -> String {
    fn json(value: &EntryValue) -> serde_json::Value {
        match value {
            EntryValue::Null => serde_json::Value::Null,
            EntryValue::Boolean(value) => (*value).into(),
            EntryValue::Text(text) => text.as_str().into(),
            EntryValue::List(items) => items.iter().map(json).collect(),
        }
    }
    let object: serde_json::Map<_, _> =
        entries.iter().map(|entry| (entry.key.clone(), json(&entry.value))).collect();
    serde_json::Value::Object(object).to_string()
}

// Every row was run through npm 11.19.1.
#[test]
fn variables_are_replaced_as_npm_replaces_them() {
    let rows = [
        ("x ${A} y", "x a-value y"),
        ("${A}${A}", "a-valuea-value"),
        ("${EMPTY}", ""),
        ("${NONE}", "${NONE}"),
        ("${NONE?}", ""),
        ("${A?}", "a-value"),
        (r"\${A}", "${A}"),
        (r"\\${A}", r"\a-value"),
        (r"\\\${A}", r"\${A}"),
        ("${}", "${}"),
        ("${A", "${A"),
        ("${${A}}", "${a-value}"),
        ("$A", "$A"),
    ];
    for (text, wanted) in rows {
        assert_eq!(substitute(text, &variable), wanted, "{text}");
    }
}

#[test]
fn edits_keep_the_other_lines() {
    let text = |text: &str| Some(EntryValue::Text(text.to_owned()));
    let rows = [
        ("; c\na=1\nb=2\n", "a", text("3"), "; c\na=3\nb=2\n"),
        ("a=1\nb=2", "b", None, "a=1\n"),
        ("a=1\n", "a", None, ""),
        ("a=1", "b", text("x;y"), "a=1\nb=x\\;y\n"),
        ("", "b", text("x=y"), "b=\"x=y\"\n"),
        ("a[]=1\nc=2\na[]=3\n", "a", text("x"), "a=x\nc=2\n"),
        ("a=1\n[s]\na=2\n", "b", text("3"), "a=1\nb=3\n[s]\na=2\n"),
        (" a = 1\n", "a", text(" x"), "a=\" x\"\n"),
    ];
    for (before, key, value, after) in rows {
        assert_eq!(edit(before, key, value.as_ref()), after, "{before} {key}");
    }
    let list = EntryValue::List(vec![EntryValue::Text("1".into()), EntryValue::Text("2".into())]);
    assert_eq!(edit("", "a", Some(&list)), "a[]=1\na[]=2\n");
}

#[test]
fn values_get_the_type_of_their_key() {
    let rows = [
        ("save-exact=yes", "save-exact", "true"),
        ("save-exact=0", "save-exact", "false"),
        ("save-exact=", "save-exact", "true"),
        ("fetch-retries=3", "fetch-retries", "3"),
        ("fetch-retries=1e2", "fetch-retries", "100"),
        ("fetch-retries=Infinity", "fetch-retries", "Infinity"),
        ("fetch-retries=lots", "fetch-retries", "2"),
        ("tag=true", "tag", "true"),
        ("umask=022", "umask", "18"),
        ("umask=0o7", "umask", "7"),
        ("umask=18", "umask", "18"),
        ("umask=8888", "umask", "0"),
        ("cafile=~/ca.pem", "cafile", "/home/me/ca.pem"),
        ("cafile=../ca.pem", "cafile", "/work/ca.pem"),
        ("registry=https://registry.example", "registry", "https://registry.example/"),
        ("registry=nowhere", "registry", "null"),
        ("before=2024-05-01T10:00:00+02:00", "before", "2024-05-01T08:00:00.000Z"),
        ("before=1 May 2024", "before", "2024-05-01T00:00:00.000Z"),
        ("before=soon", "before", "null"),
        ("omit=dev", "omit", "dev"),
        ("omit[]=dev\nomit[]=nothing", "omit", "dev"),
        ("init-version=1.2", "init-version", "1.0.0"),
        ("init-version=v1.2.3", "init-version", "1.2.3"),
        ("color=always", "color", "always"),
        ("color=sometimes", "color", "true"),
        ("browser=firefox", "browser", "firefox"),
        ("proxy=false", "proxy", "false"),
        ("lockfile-version=2", "lockfile-version", "2"),
        ("lockfile-version=4", "lockfile-version", "null"),
        ("depth=null", "depth", "null"),
        ("runtime=knit", "runtime", "knit"),
        ("runtime=./node", "runtime", "/work/dir/node"),
        ("noproxy=a,b", "noproxy", "a,b"),
        ("unknown=true", "unknown", "true"),
    ];
    for (text, key, wanted) in rows {
        let value = config(&[(Level::User, text)]).get(key).map_or("none".into(), |value| value.to_string());
        assert_eq!(value, wanted, "{text}");
    }
}

#[test]
fn the_environment_names_keys_in_any_case() {
    let mut config = Config::default();
    let variables = [
        ("npm_config_save_exact", "true"),
        ("NPM_CONFIG_TAG", "next"),
        ("npm_config_//registry.example/:_authToken", "abc"),
        ("npm_config_@Team:registry", "https://team.example/"),
        ("npm_config_omit", "dev\n\noptional"),
        ("npm_config_fund", ""),
        ("npm_config__auth", "x"),
        ("other", "x"),
        ("npm_config_", "x"),
    ];
    config.load_environment(variables.into_iter(), &context()).expect("loads");
    let keys: Vec<&String> = config.layer(Level::Environment).values.keys().collect();
    let wanted = ["save-exact", "tag", "//registry.example/:_authToken", "@team:registry", "omit", "_auth"];
    assert_eq!(keys, wanted);
    assert_eq!(config.texts("omit"), ["dev", "optional"]);
}

fn omitted(omit: OmitSet) -> String {
    let kinds = [(omit.dev, "dev"), (omit.optional, "optional"), (omit.peer, "peer")];
    kinds.iter().filter(|(on, _)| *on).map(|(_, kind)| *kind).collect::<Vec<_>>().join(",")
}

// Every row was run through npm 11.19.1: user file, project file, command line, then what is omitted.
#[test]
fn omit_follows_all_its_aliases() {
    let rows = [
        ("", "", "", ""),
        ("omit=dev", "", "", "dev"),
        ("omit=dev", "omit=peer", "", "peer"),
        ("omit=dev", "", "include=dev", ""),
        ("include=dev", "", "omit=dev", ""),
        ("production=true", "", "", "dev"),
        ("production=true", "", "production=false", ""),
        ("omit=dev", "", "production=false", ""),
        ("only=prod", "", "", "dev"),
        ("only=prod", "", "also=dev", ""),
        ("omit=dev", "", "dev=true", ""),
        ("", "optional=false", "", "optional"),
        ("", "optional=false", "include=optional", ""),
        ("", "", "optional=false\nomit=dev", "dev,optional"),
        ("production=true", "omit=peer", "", "dev,peer"),
        ("omit[]=dev\nomit[]=peer", "", "include=peer", "dev"),
    ];
    for (user, project, typed, wanted) in rows {
        let config = config(&[(Level::User, user), (Level::Project, project), (Level::CommandLine, typed)]);
        assert_eq!(omitted(config.omit()), wanted, "{user} | {project} | {typed}");
    }
}

const NOW: i64 = 1_700_000_000_000;

// Every row was run through npm 11.19.1.
#[test]
fn before_and_minimum_age_overrule_each_other_by_level() {
    let day = 86_400_000;
    let date = 1_577_836_800_000;
    let rows = [
        ("", "", None),
        ("before=2020-01-01", "", Some(date)),
        ("min-release-age=2", "", Some(NOW - 2 * day)),
        ("min-release-age=2\nbefore=2020-01-01", "", Some(date)),
        ("before=2020-01-01", "min-release-age=1", Some(NOW - day)),
        ("before=2020-01-01", "min-release-age=0", None),
        ("min-release-age=2", "before=2020-01-01", Some(date)),
        ("min-release-age=2", "before=null", None),
    ];
    for (user, typed, wanted) in rows {
        let config = config(&[(Level::User, user), (Level::CommandLine, typed)]);
        assert_eq!(config.before(NOW), wanted, "{user} | {typed}");
    }
}

#[test]
fn saving_is_decided_by_the_last_word() {
    let rows = [
        ("", "", None),
        ("", "save-dev=true", Some(SaveType::Development)),
        ("save-dev=true", "save-dev=false", None),
        ("save-dev=true", "save-prod=true", Some(SaveType::Production)),
        ("save-peer=true", "save-optional=true", Some(SaveType::Optional)),
        ("", "save-optional=true", Some(SaveType::Optional)),
        ("", "save-peer=true", Some(SaveType::Peer)),
    ];
    for (user, typed, wanted) in rows {
        let config = config(&[(Level::User, user), (Level::CommandLine, typed)]);
        assert_eq!(config.save_type(), wanted, "{user} | {typed}");
    }
    let prefix = |text: &str| config(&[(Level::User, text)]).save_prefix();
    assert_eq!([prefix(""), prefix("save-prefix=~"), prefix("save-exact=true")], ["^", "~", ""]);
    assert_eq!(
        config(&[(Level::User, "save-exact=true"), (Level::CommandLine, "save-exact=false")]).save_prefix(),
        "^"
    );
}

#[test]
fn layouts_and_lockfiles_follow_their_aliases() {
    use InstallStrategy::{Hoisted, Nested, Shallow};
    let strategy = |user: &str, typed: &str| {
        config(&[(Level::User, user), (Level::CommandLine, typed)]).install_strategy()
    };
    assert_eq!(strategy("", ""), Hoisted);
    assert_eq!(strategy("global-style=true", ""), Shallow);
    assert_eq!(strategy("global-style=true", "install-strategy=nested"), Nested);
    assert_eq!(strategy("install-strategy=shallow", "legacy-bundling=true"), Nested);
    let lock = |text: &str| config(&[(Level::User, text)]).package_lock();
    assert!(lock(""));
    assert!(!lock("package-lock=false"));
    assert!(!lock("shrinkwrap=false"));
    assert!(lock("package-lock=false\npackage-lock-only=true"));
}

#[test]
fn keys_that_exclude_each_other_fail_at_one_level_only() {
    let mut config = Config::default();
    let both = parse("save-dev=true\nsave-peer=true");
    let error = config.load(Level::CommandLine, "line", &both, &context());
    let (key, other) = ("save-peer".to_owned(), "save-dev".to_owned());
    assert_eq!(error, Err(ConfigError::Exclusive { key, other }));
}

#[test]
fn credentials_are_collected_by_their_address() {
    let config = config(&[(
        Level::User,
        "//a.example/:_authToken=secret\n//b.example/team:username=me\n//b.example/team:_password=cGFzcw==\n\
         //c.example:8080/:_auth=bWU6cGFzcw==\n//d.example/:certfile=/c\n//d.example/:keyfile=/k\n\
         //e.example/:username=half\n@team:registry=https://b.example/team/\n",
    )]);
    let found = config.credentials();
    let prefixes: Vec<&str> = found.iter().map(|credentials| credentials.prefix.as_str()).collect();
    assert_eq!(prefixes, ["//a.example/", "//b.example/team", "//c.example:8080/", "//d.example/"]);
    let basic = Some(Authorization::Basic(Secret::new("bWU6cGFzcw==")));
    assert_eq!(found[0].authorization, Some(Authorization::Bearer(Secret::new("secret"))));
    assert_eq!((&found[1].authorization, &found[2].authorization), (&basic, &basic));
    assert!(found[3].client_certificate.is_some());
    assert!(!format!("{found:?}").contains("secret"), "secrets are not printed");
    assert_eq!(config.scoped_registries(), [("@team".to_owned(), "https://b.example/team/".to_owned())]);
}

#[test]
fn prefixes_of_registries_end_at_the_last_slash() {
    let rows = [
        ("https://registry.example", Some("//registry.example/")),
        ("https://registry.example:443/a/b?c#d", Some("//registry.example/a/")),
        ("http://me:pass@registry.example:8080/a/", Some("//registry.example:8080/a/")),
        ("registry.example", None),
    ];
    for (url, wanted) in rows {
        assert_eq!(nerf_dart(url).as_deref(), wanted, "{url}");
    }
}

#[test]
fn the_table_is_consistent() {
    let mut letters = std::collections::HashSet::new();
    for definition in DEFINITIONS {
        assert!(!definition.about.is_empty(), "{}", definition.key);
        assert!(definition.short.chars().all(|letter| letters.insert(letter)), "{}", definition.key);
        for other in definition.excludes {
            let back = super::definition(other).is_some_and(|other| other.excludes.contains(&definition.key));
            assert!(back, "{} excludes {other}", definition.key);
        }
    }
    let npm = DEFINITIONS.iter().take_while(|definition| definition.key != "store-dir").count();
    assert_eq!(npm, 181, "npm 11.19.1 has 181 keys");
}
