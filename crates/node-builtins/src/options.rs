//! Node's command line: options, the script and its arguments, from `argv` and NODE_OPTIONS. Pure: it reads neither the
//! environment nor files, prints nothing and ends nothing.

mod table;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use table::{ALIASES, ENGINE_FLAGS, IMPLICATIONS, OPTIONS, PERMISSIONS};
pub use table::{Kind, Place};

/// Values of options.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    given: BTreeMap<&'static str, Given>,
    /// Flags for the engine by their name with hyphens, with what stands after `=`.
    engine: BTreeMap<String, Option<String>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Given {
    Switch(bool),
    Number(i64),
    Text(String),
    List(Vec<String>),
    HostPort(String, u16),
}

/// An option's value as programs see it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OptionValue<'a> {
    Switch(bool),
    Number(i64),
    Text(&'a str),
    List(&'a [String]),
    HostPort(&'a str, u16),
    /// Known, but without a value.
    Undefined,
}

/// A command line taken apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed {
    pub options: Options,
    /// The program's file as it was written; none for `--eval` and where there is none.
    pub script: Option<String>,
    /// What is left for the program.
    pub script_args: Vec<String>,
    /// Options as they were written: `process.execArgv`.
    pub exec_argv: Vec<String>,
}

/// Why a command line is refused. `Display` is what Node prints after the executable's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OptionError {
    Unknown(String),
    MissingArgument(String),
    InvalidNegation(String),
    NotAllowedInEnvironment(String),
    UnterminatedString,
    InvalidEscape,
    /// It makes sense only beside another one.
    MissingOption(&'static str),
    /// Options that contradict each other, or a value that is none of those allowed.
    Invalid(String),
}

impl OptionError {
    /// The exit code of a process that was started like this.
    pub fn exit_code(&self) -> i32 {
        match self {
            OptionError::MissingOption(_) => 1,
            _ => 9,
        }
    }
}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OptionError::Unknown(option) => write!(f, "bad option: {option}"),
            OptionError::MissingArgument(option) => write!(f, "{option} requires an argument"),
            OptionError::InvalidNegation(option) => {
                write!(f, "{option} is an invalid negation because it is not a boolean option")
            }
            OptionError::NotAllowedInEnvironment(option) => {
                write!(f, "{option} is not allowed in NODE_OPTIONS")
            }
            OptionError::MissingOption(option) => write!(f, "{option} is required"),
            OptionError::UnterminatedString => {
                f.write_str("invalid value for NODE_OPTIONS (unterminated string)")
            }
            OptionError::InvalidEscape => f.write_str("invalid value for NODE_OPTIONS (invalid escape)"),
            OptionError::Invalid(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for OptionError {}

impl Options {
    /// Takes `args` (everything after the executable) apart. `node_options`: the variable's text, which counts less.
    pub fn parse(args: &[String], node_options: Option<&str>) -> Result<Parsed, OptionError> {
        let mut parsed = Parsed::default();
        if let Some(text) = node_options {
            let mut words: VecDeque<String> = split_environment(text)?.into();
            parsed.options.take(&mut words, Place::Anywhere)?;
        }
        let mut words: VecDeque<String> = args.to_vec().into();
        let terminated = parsed.options.take(&mut words, Place::CommandLine)?;
        let options = args.len() - words.len() - usize::from(terminated);
        parsed.exec_argv = args[..options].to_vec();
        parsed.options.check()?;
        let has_own_text = parsed.options.is_given("--eval") || parsed.options.is_given("--run");
        if !has_own_text && !parsed.options.flag("--test") {
            parsed.script = words.pop_front();
        }
        parsed.script_args = words.into();
        Ok(parsed)
    }

    /// Takes options off the front. Whether `--` ended them.
    fn take(&mut self, words: &mut VecDeque<String>, place: Place) -> Result<bool, OptionError> {
        while words.front().is_some_and(|word| word.len() > 1 && word.starts_with('-')) {
            let word = words.pop_front().expect("looked at");
            if word == "--" {
                if place == Place::Anywhere {
                    return Err(OptionError::NotAllowedInEnvironment(word));
                }
                return Ok(true);
            }
            self.take_one(&word, words, place)?;
        }
        Ok(false)
    }

    fn take_one(
        &mut self,
        word: &str,
        words: &mut VecDeque<String>,
        place: Place,
    ) -> Result<(), OptionError> {
        let (written, mut value) = match word.split_once('=') {
            Some((name, value)) if word.starts_with("--") => (name, Some(value.to_owned())),
            _ => (word, None),
        };
        let shown = if value.is_some() { format!("{written}=") } else { written.to_owned() };
        let mut name = written.replace('_', "-");
        if word.starts_with("--") {
            name.replace_range(..2, "--");
        }
        let (mut name, negated) = match name.strip_prefix("--no-") {
            Some(rest) => (format!("--{rest}"), true),
            None => (name, false),
        };
        if let Ok(row) = ALIASES.binary_search_by_key(&name.as_str(), |(alias, _)| alias) {
            let (first, rest) = ALIASES[row].1.split_first().expect("an alias stands for something");
            name = (*first).to_owned();
            for more in rest.iter().rev() {
                words.push_front((*more).to_owned());
            }
            // `--trace-events-enabled` brings its value along
            if !rest.is_empty() && !rest[0].starts_with('-') {
                value = words.pop_front();
            }
        }
        // `-p 'text'` is `-pe 'text'`
        if name == "--print"
            && !negated
            && words.front().is_some_and(|next| !next.starts_with('-'))
            && value.is_none()
        {
            words.push_front("--eval".into());
        }
        let row = OPTIONS.binary_search_by_key(&name.as_str(), |(name, ..)| name).map(|row| &OPTIONS[row]);
        if place == Place::Anywhere && !matches!(row, Ok((_, _, Place::Anywhere))) {
            return Err(OptionError::NotAllowedInEnvironment(shown));
        }
        let Ok(&(name, kind, _)) = row else {
            if PERMISSIONS.contains(&name.as_str()) {
                return Err(OptionError::MissingOption("--permission"));
            }
            if !ENGINE_FLAGS.iter().any(|flag| name.starts_with(flag)) {
                return Err(OptionError::Unknown(word.to_owned()));
            }
            let value = if negated { Some("false".into()) } else { value };
            self.engine.insert(name, value);
            return Ok(());
        };
        if negated && !matches!(kind, Kind::Switch(_) | Kind::Engine) {
            return Err(OptionError::InvalidNegation(word.to_owned()));
        }
        for (_, implied) in IMPLICATIONS.iter().filter(|(cause, _)| *cause == name && !negated) {
            self.given.insert(implied, Given::Switch(true));
        }
        let given = match kind {
            Kind::Switch(_) => Given::Switch(!negated),
            Kind::Ignored => return Ok(()),
            Kind::Engine => {
                check_engine_flag(name, value.as_deref(), word)?;
                let value = if negated { Some("false".into()) } else { value };
                self.engine.insert(name.to_owned(), value);
                return Ok(());
            }
            _ => self.valued(name, kind, argument(shown, value, words)?)?,
        };
        self.given.insert(name, given);
        Ok(())
    }

    fn valued(&mut self, name: &'static str, kind: Kind, value: String) -> Result<Given, OptionError> {
        Ok(match kind {
            Kind::Number(_) => Given::Number(leading_integer(&value)),
            Kind::HostPort => host_port(&value)?,
            Kind::List => {
                let mut items = match self.given.remove(name) {
                    Some(Given::List(items)) => items,
                    _ => Vec::new(),
                };
                items.push(value);
                Given::List(items)
            }
            _ => Given::Text(value),
        })
    }

    /// What contradicts itself.
    fn check(&self) -> Result<(), OptionError> {
        let invalid = |text: &str| Err(OptionError::Invalid(text.to_owned()));
        let on = |name: &str| self.flag(name) || (name == "--eval" && self.is_given(name));
        const EXCLUSIVE: &[(&str, &str)] = &[
            ("--check", "--eval"),
            ("--tls-min-v1.3", "--tls-max-v1.2"),
            ("--use-openssl-ca", "--use-bundled-ca"),
            ("--watch", "--check"),
            ("--watch", "--eval"),
            ("--watch", "--interactive"),
            ("--test", "--check"),
            ("--test", "--eval"),
            ("--test", "--interactive"),
        ];
        for (one, other) in EXCLUSIVE {
            if on(one) && on(other) {
                return invalid(&format!("either {one} or {other} can be used, not both"));
            }
        }
        let among = |name: &str, allowed: &[&str]| {
            let text = self.text(name);
            text.is_empty() || allowed.contains(&text)
        };
        if !among("--input-type", &["module", "commonjs", "module-typescript", "commonjs-typescript"]) {
            return invalid(
                "--input-type must be \"module\",\"commonjs\", \"module-typescript\" or \"commonjs-typescript\"",
            );
        }
        let modes = ["warn-with-error-code", "throw", "strict", "warn", "none"];
        if !among("--unhandled-rejections", &modes) {
            return invalid("invalid value for --unhandled-rejections");
        }
        if !among("--use-largepages", &["off", "on", "silent"]) {
            return invalid("invalid value for --use-largepages");
        }
        if !among("--trace-require-module", &["all", "no-node-modules"]) {
            return invalid("invalid value for --trace-require-module");
        }
        Ok(())
    }

    /// The value as `getOptionValue` tells it; none for what is no option.
    pub fn value(&self, name: &str) -> Option<OptionValue<'_>> {
        let Ok(row) = OPTIONS.binary_search_by_key(&name, |(name, ..)| name) else {
            let value = self.engine.get(name)?;
            return Some(value.as_deref().map_or(OptionValue::Switch(true), OptionValue::Text));
        };
        let kind = OPTIONS[row].1;
        if kind == Kind::Engine {
            return Some(match self.engine.get(name) {
                None => OptionValue::Undefined,
                Some(None) => OptionValue::Switch(true),
                Some(Some(text)) if text == "false" => OptionValue::Switch(false),
                Some(Some(text)) => OptionValue::Text(text),
            });
        }
        Some(match (self.given.get(name), kind) {
            (Some(Given::Switch(on)), _) => OptionValue::Switch(*on),
            (Some(Given::Number(number)), _) => OptionValue::Number(*number),
            (Some(Given::Text(text)), _) => OptionValue::Text(text),
            (Some(Given::List(items)), _) => OptionValue::List(items),
            (Some(Given::HostPort(host, port)), _) => OptionValue::HostPort(host, *port),
            (None, Kind::Switch(on)) => OptionValue::Switch(on),
            (None, Kind::Number(number)) => OptionValue::Number(number),
            (None, Kind::Text(text)) => OptionValue::Text(text),
            (None, Kind::List) => OptionValue::List(&[]),
            (None, Kind::HostPort) => OptionValue::HostPort("127.0.0.1", 9229),
            (None, Kind::Ignored | Kind::Engine) => OptionValue::Undefined,
        })
    }

    /// A switch; false for anything else.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.value(name), Some(OptionValue::Switch(true)))
    }

    /// A text; empty where none was given.
    pub fn text(&self, name: &str) -> &str {
        match self.value(name) {
            Some(OptionValue::Text(text)) => text,
            _ => "",
        }
    }

    /// All that was given of a list.
    pub fn list(&self, name: &str) -> &[String] {
        match self.value(name) {
            Some(OptionValue::List(items)) => items,
            _ => &[],
        }
    }

    /// A number, also that of an engine flag such as `--max-old-space-size`.
    pub fn number(&self, name: &str) -> Option<i64> {
        match self.value(name)? {
            OptionValue::Number(number) => Some(number),
            OptionValue::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Whether the option was given, with whatever value.
    pub fn is_given(&self, name: &str) -> bool {
        self.given.contains_key(name) || self.engine.contains_key(name)
    }

    /// Names of all options, aliases included, that NODE_OPTIONS may hold.
    pub fn allowed_in_environment() -> impl Iterator<Item = &'static str> {
        let own = OPTIONS.iter().filter(|row| row.2 == Place::Anywhere).map(|row| row.0);
        let allowed = |name: &str| OPTIONS.iter().any(|row| row.0 == name && row.2 == Place::Anywhere);
        own.chain(ALIASES.iter().filter(move |alias| allowed(alias.1[0])).map(|alias| alias.0))
    }
}

/// Whether `word` is an option of node's command line, and if so whether the next word is its value.
pub fn takes_next_word(word: &str) -> Option<bool> {
    let (name, has_value) = word.split_once('=').map_or((word, false), |(name, _)| (name, true));
    let alias = ALIASES.binary_search_by_key(&name, |(alias, _)| alias).ok();
    let name = alias.map_or(name, |row| ALIASES[row].1[0]);
    let positive = name.strip_prefix("--no-").map(|rest| format!("--{rest}"));
    let name = positive.as_deref().unwrap_or(name);
    match OPTIONS.binary_search_by_key(&name, |(name, ..)| name) {
        Ok(row) => {
            let takes = !matches!(OPTIONS[row].1, Kind::Switch(_) | Kind::Ignored | Kind::Engine);
            Some(takes && !has_value)
        }
        Err(_) => {
            let known = PERMISSIONS.contains(&name) || ENGINE_FLAGS.iter().any(|flag| name.starts_with(flag));
            known.then_some(false)
        }
    }
}

/// The value of an option: after `=`, or the next word.
fn argument(
    shown: String,
    value: Option<String>,
    words: &mut VecDeque<String>,
) -> Result<String, OptionError> {
    if let Some(value) = value {
        return if value.is_empty() { Err(OptionError::MissingArgument(shown)) } else { Ok(value) };
    }
    match words.pop_front() {
        Some(word) if word.starts_with('-') => Err(OptionError::MissingArgument(shown)),
        Some(word) if word.starts_with("\\-") => Ok(word[1..].to_owned()),
        Some(word) => Ok(word),
        None => Err(OptionError::MissingArgument(shown)),
    }
}

/// Engine flags that take a number say so.
fn check_engine_flag(name: &str, value: Option<&str>, word: &str) -> Result<(), OptionError> {
    const NUMBERS: &[&str] =
        &["--max-old-space-size", "--max-semi-space-size", "--stack-size", "--stack-trace-limit"];
    if NUMBERS.contains(&name) && value.and_then(|value| value.parse::<i64>().ok()).is_none() {
        return Err(OptionError::Unknown(word.to_owned()));
    }
    Ok(())
}

/// The integer a text begins with, zero where there is none, as C's `atoll` has it.
fn leading_integer(text: &str) -> i64 {
    let text = text.trim_start();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let end = text.len() - digits.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    text[..end].parse().unwrap_or(0)
}

fn host_port(text: &str) -> Result<Given, OptionError> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host.trim_start_matches('[').trim_end_matches(']'), port),
        None if text.bytes().all(|byte| byte.is_ascii_digit()) => ("127.0.0.1", text),
        None => return Ok(Given::HostPort(text.to_owned(), 9229)),
    };
    match port.parse::<u16>() {
        Ok(port) if port == 0 || port >= 1024 => Ok(Given::HostPort(host.to_owned(), port)),
        _ => Err(OptionError::Invalid("must be 0 or in range 1024 to 65535.".into())),
    }
}

/// Words between spaces; double quotes keep spaces, and inside them a backslash keeps what follows it.
fn split_environment(text: &str) -> Result<Vec<String>, OptionError> {
    let (mut words, mut word, mut quoted, mut begun) = (Vec::new(), String::new(), false, false);
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' if quoted => word.push(characters.next().ok_or(OptionError::InvalidEscape)?),
            ' ' if !quoted => {
                if begun {
                    words.push(std::mem::take(&mut word));
                    begun = false;
                }
                continue;
            }
            '"' => quoted = !quoted,
            _ => word.push(character),
        }
        begun = true;
    }
    if quoted {
        return Err(OptionError::UnterminatedString);
    }
    if begun {
        words.push(word);
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &[&str]) -> Result<Parsed, OptionError> {
        parse_with(line, None)
    }

    fn parse_with(line: &[&str], environment: Option<&str>) -> Result<Parsed, OptionError> {
        let words: Vec<String> = line.iter().map(|word| (*word).to_owned()).collect();
        Options::parse(&words, environment)
    }

    fn refused(line: &[&str]) -> String {
        parse(line).expect_err("refused").to_string()
    }

    #[test]
    fn tables_are_sorted_and_implications_known() {
        assert!(OPTIONS.is_sorted_by_key(|row| row.0));
        assert!(ALIASES.is_sorted_by_key(|row| row.0));
        for (cause, implied) in IMPLICATIONS {
            assert!(Options::default().value(cause).is_some() && Options::default().value(implied).is_some());
        }
    }

    #[test]
    fn script_and_its_arguments_follow_the_options() {
        let parsed =
            parse(&["--no-warnings", "-r", "./a", "--conditions=x", "app.js", "--check", "-v"]).unwrap();
        assert_eq!(parsed.script.as_deref(), Some("app.js"));
        assert_eq!(parsed.script_args, ["--check", "-v"]);
        assert_eq!(parsed.exec_argv, ["--no-warnings", "-r", "./a", "--conditions=x"]);
        assert!(!parsed.options.flag("--warnings"));
        assert_eq!(parsed.options.list("--require"), ["./a"]);
        assert_eq!(parsed.options.list("--conditions"), ["x"]);
        let parsed = parse(&["--", "-p"]).unwrap();
        assert_eq!((parsed.script.as_deref(), parsed.exec_argv.len()), (Some("-p"), 0));
        assert_eq!(parse(&["-", "a"]).unwrap().script.as_deref(), Some("-"));
    }

    #[test]
    fn eval_and_print_take_their_text() {
        for line in
            [&["-p", "1"][..], &["-pe", "1"], &["--print", "1"], &["-p", "-e", "1"], &["-e", "1", "-p"]]
        {
            let parsed = parse(line).unwrap();
            assert!(parsed.options.flag("--print"), "{line:?}");
            assert_eq!(parsed.options.text("--eval"), "1", "{line:?}");
        }
        let parsed = parse(&["-p", "x", "a", "--b"]).unwrap();
        assert_eq!((parsed.script, parsed.script_args), (None, vec!["a".to_owned(), "--b".to_owned()]));
        let parsed = parse(&["-e", "1", "--", "--foo"]).unwrap();
        assert_eq!((parsed.exec_argv.len(), parsed.script_args.len()), (2, 1));
        assert!(parse(&["-e", ""]).unwrap().options.is_given("--eval"));
        assert!(parse(&["-p"]).unwrap().options.flag("--print"));
    }

    #[test]
    fn refusals_read_as_node_25_has_them() {
        for (line, text) in [
            (&["--foo"][..], "bad option: --foo"),
            (&["-Z"], "bad option: -Z"),
            (&["--foo=1"], "bad option: --foo=1"),
            (&["--no-foo"], "bad option: --no-foo"),
            (&["--foo", "--version"], "bad option: --foo"),
            (&["--permission", "x.js"], "bad option: --permission"),
            (&["--allow-fs-read=*", "x.js"], "--permission is required"),
            (&["-e"], "-e requires an argument"),
            (&["-pe"], "--eval requires an argument"),
            (&["--eval="], "--eval= requires an argument"),
            (&["-r", "-p", "1"], "-r requires an argument"),
            (&["--conditions=", "-p"], "--conditions= requires an argument"),
            (&["--no-eval=1"], "--no-eval=1 is an invalid negation because it is not a boolean option"),
            (&["--no-require"], "--no-require is an invalid negation because it is not a boolean option"),
            (&["-c", "-e", "1"], "either --check or --eval can be used, not both"),
            (&["--watch-path=x", "-e", "1"], "either --watch or --eval can be used, not both"),
            (&["--test", "-i"], "either --test or --interactive can be used, not both"),
            (&["--unhandled-rejections=x"], "invalid value for --unhandled-rejections"),
            (&["--stack-trace-limit=abc"], "bad option: --stack-trace-limit=abc"),
            (&["--stack-trace-limit", "7"], "bad option: --stack-trace-limit"),
            (&["--inspect-port=70000"], "must be 0 or in range 1024 to 65535."),
        ] {
            assert_eq!(refused(line), text);
        }
    }

    #[test]
    fn what_an_alias_stands_for_can_be_negated() {
        let options =
            parse(&["--no-experimental-require-module", "--no-experimental-strip-types"]).unwrap().options;
        assert!(!options.flag("--require-module") && !options.flag("--strip-types"));
    }

    #[test]
    fn engine_flags_are_kept_and_unknown_ones_taken_for_the_engine() {
        let options = parse(&["--max_old_space_size=100", "--expose_gc", "--harmony", "--no-opt", "x"])
            .unwrap()
            .options;
        assert_eq!(options.number("--max-old-space-size"), Some(100));
        assert!(options.flag("--expose-gc") && options.is_given("--harmony"));
        assert_eq!(options.value("--stack-trace-limit"), Some(OptionValue::Undefined));
    }

    #[test]
    fn the_environment_counts_less_and_may_hold_less() {
        let parsed =
            parse_with(&["--no-warnings", "x"], Some("--warnings --title=a -r \"./a b\" --title \"q\\\"\""))
                .unwrap();
        assert!(!parsed.options.flag("--warnings"));
        assert_eq!(parsed.options.text("--title"), "q\"");
        assert_eq!(parsed.options.list("--require"), ["./a b"]);
        assert_eq!(parsed.exec_argv, ["--no-warnings"]);
        for (text, error) in [
            ("--eval=1", "--eval= is not allowed in NODE_OPTIONS"),
            ("-p", "-p is not allowed in NODE_OPTIONS"),
            ("--version", "--version is not allowed in NODE_OPTIONS"),
            ("--", "-- is not allowed in NODE_OPTIONS"),
            ("--foo", "--foo is not allowed in NODE_OPTIONS"),
            ("--stack-size=1", "--stack-size= is not allowed in NODE_OPTIONS"),
            ("\"--title=a", "invalid value for NODE_OPTIONS (unterminated string)"),
            ("\"--title=a\\", "invalid value for NODE_OPTIONS (invalid escape)"),
        ] {
            assert_eq!(parse_with(&["x"], Some(text)).expect_err("refused").to_string(), error);
        }
    }
}
