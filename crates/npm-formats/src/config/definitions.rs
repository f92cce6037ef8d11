//! The table of keys: every key of npm 11.19.1 by name, type, default and short option, in npm's
//! order, then knit's own. One row a key, so the file is long and flat.
//!
//! Defaults that depend on the machine (`registry`, `cache`, `prefix`, `editor`, ...) are put over
//! these by whoever builds the [`Config`](super::Config).

use super::definition::{Default, Definition, Type, key, number, optional_text, path, switch, text};
use Type::{Boolean, Date, False, Integer, List, Null, Number, Path, Semver, Text, Umask, Url, Word};

const ALL_NONE_ROOT: &[Type] = &[Word("all"), Word("none"), Word("root")];
const ACCESS_LEVELS: &[Type] = &[Null, Word("read-only"), Word("read-write"), Word("no-access")];
const OPTIONAL_TEXTS: &[Type] = &[Null, Text, List];
const TEXTS: &[Type] = &[Text, List];

/// Every key that is known.
#[rustfmt::skip]
pub static DEFINITIONS: &[Definition] = &[
    optional_text("_auth", "Basic credentials for the registry; write it as //host/:_auth"),
    key("access", &[Null, Word("restricted"), Word("public"), Word("private")], Default::Null, "Who may see a published package"),
    switch("all", false, "Show or act on every package, not only direct dependencies").short("a"),
    switch("allow-same-version", false, "Let `version` set the version the package already has"),
    key("allow-directory", ALL_NONE_ROOT, Default::Text("all"), "Where dependencies on directories are accepted"),
    key("allow-file", ALL_NONE_ROOT, Default::Text("all"), "Where dependencies on tarball files are accepted"),
    key("allow-git", ALL_NONE_ROOT, Default::Text("all"), "Where dependencies on git repositories are accepted"),
    key("allow-remote", ALL_NONE_ROOT, Default::Text("all"), "Where dependencies on tarball URLs are accepted"),
    key("allow-scripts", TEXTS, Default::Text(""), "Packages whose install scripts may run").hint("<package-list>"),
    key("also", &[Null, Word("dev"), Word("development")], Default::Null, "Alias of --include=dev").deprecated("use --include=dev"),
    switch("audit", true, "Ask the registry about known vulnerabilities after an install"),
    key("audit-level", &[Null, Word("info"), Word("low"), Word("moderate"), Word("high"), Word("critical"), Word("none")], Default::Null, "The least severity at which `audit` fails"),
    key("auth-type", &[Word("legacy"), Word("web")], Default::Text("web"), "How `login` authenticates"),
    key("before", &[Null, Date], Default::Null, "Only use versions published on or before this date").hint("<date>"),
    switch("bin-links", true, "Link the executables of packages"),
    key("browser", &[Null, Boolean, Text], Default::Null, "The program that opens web pages; false prints the address"),
    switch("bypass-2fa", false, "Create a token that needs no second factor"),
    key("ca", OPTIONAL_TEXTS, Default::Null, "Certificate authorities to trust, as PEM"),
    path("cache", Default::Text("~/.npm"), "The cache directory"),
    number("cache-max", f64::INFINITY, "0 is an alias of --prefer-online").deprecated("use --prefer-online"),
    number("cache-min", 0.0, "9999 or more is an alias of --prefer-offline").deprecated("use --prefer-offline"),
    path("cafile", Default::Null, "A file of certificate authorities to trust"),
    text("call", "", "A shell command to run with the packages of `exec` in PATH").short("c"),
    optional_text("cert", "A client certificate, as PEM").deprecated("use //host/:certfile"),
    key("cidr", OPTIONAL_TEXTS, Default::Null, "Address ranges a new token is limited to"),
    key("color", &[Word("always"), Boolean], Default::Boolean(true), "Colour on terminals; `always` for colour everywhere").hint("always"),
    switch("commit-hooks", true, "Run git's hooks for the commit of `version`"),
    optional_text("cpu", "Install for this processor instead of this machine's"),
    switch("dangerously-allow-all-scripts", false, "Run every install script without approval"),
    key("depth", &[Null, Number], Default::Null, "How many levels `ls` shows"),
    switch("description", true, "Show descriptions in `search`"),
    switch("dev", false, "Alias of --include=dev").deprecated("use --include=dev"),
    key("diff", TEXTS, Default::EmptyList, "What `diff` compares").hint("<package-spec>"),
    switch("diff-ignore-all-space", false, "Ignore white space in `diff`"),
    switch("diff-name-only", false, "Only names of files in `diff`"),
    switch("diff-no-prefix", false, "No a/ and b/ before names in `diff`"),
    text("diff-dst-prefix", "b/", "The prefix of the new side in `diff`").hint("<path>"),
    text("diff-src-prefix", "a/", "The prefix of the old side in `diff`").hint("<path>"),
    switch("diff-text", false, "Treat every file as text in `diff`"),
    number("diff-unified", 3.0, "Lines of context in `diff`"),
    switch("dry-run", false, "Say what would be done and change nothing"),
    text("editor", "vi", "The editor of `edit` and `config edit`"),
    switch("engine-strict", false, "Refuse packages that do not support this Node"),
    key("expect-result-count", &[Null, Number], Default::Null, "Fail unless there are this many results").excludes(&["expect-results"]).hint("<count>"),
    key("expect-results", &[Null, Boolean], Default::Null, "Fail when there are no results, or when there are").excludes(&["expect-result-count"]),
    key("expires", &[Null, Number], Default::Null, "Days until a new token expires"),
    number("fetch-retries", 2.0, "How often a failed request is repeated"),
    number("fetch-retry-factor", 10.0, "By how much the wait grows with each retry"),
    number("fetch-retry-maxtimeout", 60_000.0, "The longest wait before a retry, in milliseconds"),
    number("fetch-retry-mintimeout", 10_000.0, "The shortest wait before a retry, in milliseconds"),
    number("fetch-timeout", 300_000.0, "The longest time a request may take, in milliseconds"),
    switch("force", false, "Switch protections off; see each command").short("f"),
    switch("foreground-scripts", false, "Show the output of install scripts as they run"),
    switch("format-package-lock", true, "Write the lockfile with line breaks"),
    switch("fund", true, "Say after an install how many packages look for funding"),
    text("git", "git", "The git executable"),
    switch("git-tag-version", true, "Commit and tag in `version`"),
    switch("global", false, "Act on the packages of the machine, not of the project").short("g"),
    path("globalconfig", Default::Text(""), "The machine's configuration file"),
    switch("global-style", false, "Alias of --install-strategy=shallow").deprecated("use --install-strategy=shallow"),
    text("heading", "npm", "Accepted for npm's sake: the first word of its log lines"),
    key("https-proxy", &[Null, Url], Default::Null, "The proxy for https requests"),
    switch("if-present", false, "Succeed when the script to run does not exist").unexported(),
    switch("ignore-scripts", false, "Run no scripts but the one that was asked for"),
    key("include", &[List, Word("prod"), Word("dev"), Word("optional"), Word("peer")], Default::EmptyList, "Kinds of dependencies to install even if omitted"),
    switch("include-staged", false, "Accept staged versions"),
    switch("include-workspace-root", false, "Act on the root too when acting on workspaces").unexported(),
    switch("include-attestations", false, "Show attestations in `audit signatures --json`"),
    text("init-author-email", "", "`init`: the author's e-mail address").hint("<email>"),
    text("init-author-name", "", "`init`: the author's name").hint("<name>"),
    key("init-author-url", &[Word(""), Url], Default::Text(""), "`init`: the author's web page").hint("<url>"),
    text("init-license", "ISC", "`init`: the license").hint("<license>"),
    path("init-module", Default::Text("~/.npm-init.js"), "`init`: a module that asks the questions").hint("<module>"),
    text("init-type", "commonjs", "`init`: the module type").hint("<type>"),
    key("init-version", &[Semver], Default::Text("1.0.0"), "`init`: the version").hint("<version>"),
    switch("init-private", false, "`init`: mark the package as private"),
    text("init.author.email", "", "Alias of --init-author-email").deprecated("use --init-author-email"),
    text("init.author.name", "", "Alias of --init-author-name").deprecated("use --init-author-name"),
    key("init.author.url", &[Word(""), Url], Default::Text(""), "Alias of --init-author-url").deprecated("use --init-author-url"),
    text("init.license", "ISC", "Alias of --init-license").deprecated("use --init-license"),
    path("init.module", Default::Text("~/.npm-init.js"), "Alias of --init-module").deprecated("use --init-module"),
    key("init.version", &[Semver], Default::Text("1.0.0"), "Alias of --init-version").deprecated("use --init-version"),
    switch("install-links", false, "Copy file: dependencies instead of linking them"),
    key("install-strategy", &[Word("hoisted"), Word("nested"), Word("shallow"), Word("linked")], Default::Text("hoisted"), "The layout of node_modules"),
    switch("json", false, "Print JSON"),
    optional_text("key", "A client key, as PEM").deprecated("use //host/:keyfile"),
    switch("legacy-bundling", false, "Alias of --install-strategy=nested").deprecated("use --install-strategy=nested"),
    switch("legacy-peer-deps", false, "Ignore peer dependencies"),
    optional_text("libc", "Install for this C library instead of this machine's"),
    switch("link", false, "Only linked packages in `ls`"),
    key("local-address", &[Null, Type::Address], Default::Null, "The local address to connect from"),
    key("location", &[Word("global"), Word("user"), Word("project")], Default::Text("user"), "The file `config` writes to").short("L"),
    key("lockfile-version", &[Null, Integer(1), Integer(2), Integer(3), Word("1"), Word("2"), Word("3")], Default::Null, "The version of the lockfile to write").hint("<1|2|3>"),
    key("loglevel", &[Word("silent"), Word("error"), Word("warn"), Word("notice"), Word("http"), Word("info"), Word("verbose"), Word("silly")], Default::Text("notice"), "How much to say"),
    key("logs-dir", &[Null, Path], Default::Null, "Accepted for npm's sake: where it keeps its logs"),
    number("logs-max", 10.0, "Accepted for npm's sake: how many logs it keeps"),
    switch("long", false, "Show more in `ls`, `search` and `config list`").short("l"),
    optional_text("name", "The name of a new token"),
    number("maxsockets", 15.0, "The most connections to one host"),
    text("message", "%s", "The commit message of `version`; %s is the version").short("m"),
    key("min-release-age", &[Null, Number], Default::Null, "Only use versions published at least this many days ago").unexported().hint("<days>"),
    key("min-release-age-exclude", &[List, Text], Default::EmptyList, "Packages that `before` and `min-release-age` do not apply to").unexported().hint("<pkg|glob>"),
    path("node-gyp", Default::Text(""), "The node-gyp that builds native packages"),
    optional_text("node-options", "NODE_OPTIONS for scripts"),
    key("noproxy", TEXTS, Default::Text(""), "Hosts that are reached without the proxy"),
    switch("offline", false, "Make no requests at all"),
    key("omit", &[List, Word("dev"), Word("optional"), Word("peer")], Default::EmptyList, "Kinds of dependencies not to install"),
    switch("omit-lockfile-registry-resolved", false, "Leave registry addresses out of the lockfile"),
    key("only", &[Null, Word("prod"), Word("production")], Default::Null, "Alias of --omit=dev").deprecated("use --omit=dev"),
    key("orgs", OPTIONAL_TEXTS, Default::Null, "Organizations a new token is limited to"),
    key("optional", &[Null, Boolean], Default::Null, "Alias of --include=optional or --omit=optional").deprecated("use --omit=optional or --include=optional"),
    optional_text("os", "Install for this operating system instead of this machine's"),
    optional_text("otp", "A one-time password"),
    key("package", TEXTS, Default::EmptyList, "A package that `exec` makes available").hint("<package-spec>"),
    switch("package-lock", true, "Read and write the lockfile"),
    switch("package-lock-only", false, "Work on the lockfile and leave node_modules alone"),
    text("pack-destination", ".", "Where `pack` puts tarballs"),
    key("packages", OPTIONAL_TEXTS, Default::EmptyList, "Packages a new token is limited to"),
    switch("parseable", false, "Print lines that programs can read").short("p"),
    switch("allow-scripts-pending", false, "List the packages whose scripts are not decided on"),
    switch("allow-scripts-pin", true, "Approve scripts for the installed version only"),
    switch("prefer-dedupe", false, "Rather reuse a version than take the newest"),
    switch("prefer-offline", false, "Do not ask whether cached data is still current"),
    switch("prefer-online", false, "Always ask whether cached data is still current"),
    path("prefix", Default::Text(""), "The directory to act in").short("C"),
    text("preid", "", "The word in prerelease versions").hint("<prerelease-id>"),
    key("production", &[Null, Boolean], Default::Null, "Alias of --omit=dev").deprecated("use --omit=dev"),
    switch("progress", true, "Show progress on terminals"),
    switch("provenance", false, "Publish where the package was built").excludes(&["provenance-file"]),
    path("provenance-file", Default::Null, "Publish with this provenance bundle").excludes(&["provenance"]).hint("<file>"),
    key("proxy", &[Null, False, Url], Default::Null, "The proxy for http requests"),
    switch("read-only", false, "Create a token that cannot publish"),
    switch("rebuild-bundle", true, "Rebuild bundled dependencies after an install"),
    key("registry", &[Url], Default::Null, "The registry's address"),
    key("replace-registry-host", &[Word("npmjs"), Word("never"), Word("always"), Text], Default::Text("npmjs"), "Which hosts in lockfiles the registry stands in for").hint("<npmjs|never|always|host|url>"),
    switch("save", true, "Save what was installed to package.json").short("S"),
    switch("save-bundle", false, "Save to bundleDependencies too").short("B"),
    switch("save-dev", false, "Save to devDependencies").short("D").excludes(&["save-optional", "save-peer", "save-prod"]),
    switch("save-exact", false, "Save exact versions").short("E"),
    switch("save-optional", false, "Save to optionalDependencies").short("O").excludes(&["save-dev", "save-peer", "save-prod"]),
    switch("save-peer", false, "Save to peerDependencies").excludes(&["save-dev", "save-optional", "save-prod"]),
    text("save-prefix", "^", "What is written before saved versions"),
    switch("save-prod", false, "Save to dependencies").short("P").excludes(&["save-dev", "save-optional", "save-peer"]),
    key("sbom-format", &[Word("cyclonedx"), Word("spdx")], Default::Null, "The format of `sbom`"),
    key("sbom-type", &[Word("library"), Word("application"), Word("framework")], Default::Text("library"), "What `sbom` calls the package"),
    text("scope", "", "The scope to act for").hint("<@scope>"),
    key("scopes", OPTIONAL_TEXTS, Default::Null, "Scopes a new token is limited to"),
    switch("packages-all", false, "Create a token for every package"),
    key("packages-and-scopes-permission", ACCESS_LEVELS, Default::Null, "What a new token may do with packages and scopes"),
    key("orgs-permission", ACCESS_LEVELS, Default::Null, "What a new token may do with organizations"),
    optional_text("password", "The password when creating a token"),
    optional_text("token-description", "The description of a new token"),
    optional_text("script-shell", "The shell that runs scripts"),
    text("searchexclude", "", "Words whose results `search` leaves out"),
    number("searchlimit", 20.0, "The most results of `search`"),
    text("searchopts", "", "Further parameters of `search`"),
    number("searchstaleness", 900.0, "Seconds that search results stay current"),
    text("shell", "sh", "The shell of `explore`"),
    switch("shrinkwrap", true, "Alias of --package-lock").deprecated("use --package-lock"),
    switch("sign-git-commit", false, "Sign the commit of `version`"),
    switch("sign-git-tag", false, "Sign the tag of `version`"),
    switch("strict-peer-deps", false, "Fail on every conflict of peer dependencies"),
    switch("strict-allow-scripts", false, "Fail when install scripts are not decided on"),
    switch("strict-ssl", true, "Check the registry's certificate"),
    text("tag", "latest", "The dist-tag to install or publish"),
    text("tag-version-prefix", "v", "What `version` writes before the version in git tags"),
    switch("timing", false, "Say where the time went"),
    key("umask", &[Umask], Default::Number(0.0), "Permissions to take away from installed files"),
    switch("unicode", true, "Use more than ASCII in output"),
    switch("update-notifier", true, "Accepted for npm's sake: say when there is a newer npm"),
    switch("usage", false, "Show short help").short("?Hh"),
    text("user-agent", "npm/{npm-version} node/{node-version} {platform} {arch} workspaces/{workspaces} {ci}", "How requests and scripts name this program"),
    path("userconfig", Default::Text("~/.npmrc"), "The user's configuration file"),
    switch("version", false, "Print the version").short("v"),
    switch("versions", false, "Print versions"),
    text("viewer", "man", "Accepted for npm's sake: the program that shows its manual"),
    key("which", &[Null, Number], Default::Null, "Which funding address to open").hint("<number>"),
    key("workspace", TEXTS, Default::EmptyList, "A workspace to act on, by name or directory").short("w").unexported().hint("<workspace>"),
    key("workspaces", &[Null, Boolean], Default::Null, "Act on every workspace; --no-workspaces ignores them").unexported(),
    switch("workspaces-update", true, "Install after commands that change workspaces"),
    key("yes", &[Null, Boolean], Default::Null, "Answer every question with yes").short("y"),
    // knit's own
    path("store-dir", Default::Null, "Where unpacked packages are kept, shared by all projects").unexported().hint("<directory>"),
    switch("server-resolution", true, "Ask registries that offer it for many packages at once").unexported(),
    key("runtime", &[Null, Word("node"), Word("knit"), Path], Default::Null, "What runs scripts as `node`").unexported().hint("<node|knit|path>"),
    switch("network-imports", false, "Programs may import modules by https: URL, pinned in imports-lock.json").unexported(),
    key("conditions", TEXTS, Default::EmptyList, "Conditions beside those that `import` and `require` have; -C for short").unexported().hint("<condition>"),
    switch("check", false, "Look at the package as those who install it will").unexported(),
    switch("explain", false, "Say every step that was taken").unexported(),
    path("from", Default::Null, "The file that asks; a directory stands for a file in it").unexported().hint("<file>"),
    switch("admin", false, "The user that is made administrates the registry").unexported(),
    path("config", Default::Null, "The registry's configuration file").unexported().hint("<file>"),
    path("data", Default::Null, "Where a registry keeps its packages").unexported().hint("<directory>"),
    key("listen", &[Null, Text], Default::Null, "The address and port that a registry serves at").unexported().hint("<address:port>"),
    key("database", &[Null, Text], Default::Null, "A registry's rows: a file, or postgres://...").unexported().hint("<location>"),
    key("blobs", &[Null, Text], Default::Null, "A registry's tarballs: a folder, or s3://bucket/prefix").unexported().hint("<location>"),
    text("grace", "24h", "How old garbage must be to be taken away").unexported().hint("<duration>"),
    switch("quick", false, "Compare lengths instead of reading everything").unexported(),
    switch("repair", false, "Put right what can be put right without losing anything").unexported(),
    path("htpasswd", Default::Null, "Verdaccio's file of users").unexported().hint("<file>"),
    key("maintainer", TEXTS, Default::EmptyList, "Who may publish what is imported").unexported().hint("<user>"),
    switch("overwrite", false, "What was changed in Verdaccio replaces what was changed here").unexported(),
    switch("unpublish", false, "What was unpublished in Verdaccio is removed here too").unexported(),
    switch("import", false, "Resolve as `import` does").excludes(&["require"]).unexported(),
    switch("require", false, "Resolve as `require` does").excludes(&["import"]).unexported(),
];

/// Key suffixes that are valid behind `//host/path/:`, beside defined keys.
pub static AUTHENTICATION_KEYS: &[&str] =
    &["_auth", "_authToken", "_password", "certfile", "email", "keyfile", "username"];

/// The row of a key.
pub fn definition(key: &str) -> Option<&'static Definition> {
    DEFINITIONS.iter().find(|definition| definition.key == key)
}

/// An option that stands for others, on the command line only.
#[derive(Clone, Copy, Debug)]
pub struct Shorthand {
    pub name: &'static str,
    pub expansion: &'static [&'static str],
}

const fn alias(name: &'static str, expansion: &'static [&'static str]) -> Shorthand {
    Shorthand { name, expansion }
}

/// Options that stand for others, beside the one-letter options in the table.
pub static ALIASES: &[Shorthand] = &[
    alias("enjoy-by", &["--before"]),
    alias("d", &["--loglevel", "info"]),
    alias("dd", &["--loglevel", "verbose"]),
    alias("ddd", &["--loglevel", "silly"]),
    alias("quiet", &["--loglevel", "warn"]),
    alias("q", &["--loglevel", "warn"]),
    alias("s", &["--loglevel", "silent"]),
    alias("silent", &["--loglevel", "silent"]),
    alias("verbose", &["--loglevel", "verbose"]),
    alias("desc", &["--description"]),
    alias("help", &["--usage"]),
    alias("local", &["--no-global"]),
    alias("n", &["--no-yes"]),
    alias("no", &["--no-yes"]),
    alias("porcelain", &["--parseable"]),
    alias("readonly", &["--read-only"]),
    alias("reg", &["--registry"]),
    alias("iwr", &["--include-workspace-root"]),
    alias("ws", &["--workspaces"]),
];

/// What an alias or a one-letter option stands for.
pub fn shorthand(name: &str) -> Option<Vec<String>> {
    if let Some(found) = ALIASES.iter().find(|alias| alias.name == name) {
        return Some(found.expansion.iter().map(|&word| word.to_owned()).collect());
    }
    let mut letters = name.chars();
    let letter = letters.next()?;
    if letters.next().is_some() {
        return None;
    }
    DEFINITIONS
        .iter()
        .find(|definition| definition.short.contains(letter))
        .map(|definition| vec![format!("--{}", definition.key)])
}
