use super::*;

fn check(line: &str, options: &str, positionals: &[&str]) {
    let parsed = parse(line.split(' ').filter(|word| !word.is_empty()).map(str::to_owned));
    let printed: Vec<String> =
        parsed.options.iter().map(|entry| format!("{}={}", entry.key, show(&entry.value))).collect();
    assert_eq!(printed.join(" "), options, "{line}");
    assert_eq!(parsed.positionals, positionals, "{line}");
}

fn show(value: &EntryValue) -> String {
    match value {
        EntryValue::Null => "null".to_owned(),
        EntryValue::Boolean(value) => value.to_string(),
        EntryValue::Text(text) => format!("'{text}'"),
        EntryValue::List(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(",")),
    }
}

// Each row was run through npm 11.19.1's parser.
#[test]
fn options_are_read_as_npm_reads_them() {
    check("install foo", "", &["install", "foo"]);
    check("-g install foo", "global=true", &["install", "foo"]);
    check("install --save-dev foo", "save-dev=true", &["install", "foo"]);
    check("install -DE foo", "save-dev=true save-exact=true", &["install", "foo"]);
    check("ls -glp", "global=true long=true parseable=true", &["ls"]);
    check("i --no-save", "save=false", &["i"]);
    check("i --no-no-save", "save=true", &["i"]);
    check("i --save false x", "save=false", &["i", "x"]);
    check("i --save=false x", "save=false", &["i", "x"]);
    check("i --no-save false x", "save=true", &["i", "x"]);
    check("view --tag next x", "tag='next'", &["view", "x"]);
    check("view --tag --json x", "tag='' json=true", &["view", "x"]);
    check("view --tag=next x", "tag='next'", &["view", "x"]);
    check("i --omit dev --omit=optional x", "omit=['dev','optional']", &["i", "x"]);
    check("run x -w a -w b", "workspace=['a','b']", &["run", "x"]);
    check("i --color always x", "color='always'", &["i", "x"]);
    check("i --color x", "color=true", &["i", "x"]);
    check("i --browser firefox", "browser='firefox'", &["i"]);
    check("i --no-browser", "browser=false", &["i"]);
    check("run a -- --b -c", "", &["run", "a", "--b", "-c"]);
    check("run a --unknown b", "unknown=true", &["run", "a", "b"]);
    check("run a --unknown=b", "unknown='b'", &["run", "a"]);
    check("run a --unknown=b --unknown=c", "unknown=['b','c']", &["run", "a"]);
    check("i --loglevel", "loglevel=true", &["i"]);
    check("i -s", "loglevel='silent'", &["i"]);
    check("i -ddd", "loglevel='silly'", &["i"]);
    check("i --dd", "loglevel='verbose'", &["i"]);
    check("i -h", "usage=true", &["i"]);
    check("i --help", "usage=true", &["i"]);
    check("i --ws", "workspaces=true", &["i"]);
    check("i --no-ws", "ws=false", &["i"]);
    check("i --reg=http://x/", "registry='http://x/'", &["i"]);
    check("i --yes null", "yes=null", &["i"]);
    check("i - x", "", &["i", "-", "x"]);
    check("i --proxy false", "proxy=false", &["i"]);
    check("init --save-prefi=~", "save-prefix='~'", &["init"]);
    check("ls --depth=0", "depth='0'", &["ls"]);
    check("x -c 'echo'", "call=''echo''", &["x"]);
    check("x -y --package=a --package b c", "yes=true package=['a','b']", &["x", "c"]);
}

#[test]
fn what_was_guessed_is_noted() {
    let parsed = parse(["--forc", "--whatever", "word", "--else=1"].map(str::to_owned));
    assert_eq!(
        parsed.notices,
        [
            Notice::Abbreviated { option: "forc".into(), meaning: "force".into() },
            Notice::NotAValue { option: "whatever".into(), word: "word".into() },
            Notice::Unknown { option: "else".into() },
        ]
    );
}
