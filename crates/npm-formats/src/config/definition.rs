//! The shape of one row in the table of keys.

/// One kind of value a key accepts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Type {
    /// The value `null`, also written `--no-key`.
    Null,
    Boolean,
    /// The value `false` alone (`proxy`).
    False,
    /// May be given several times; the value is a list.
    List,
    Number,
    Text,
    /// Exactly this word.
    Word(&'static str),
    /// Exactly this number.
    Integer(i32),
    /// A file path, made absolute against the working directory; `~/` is the home directory.
    Path,
    /// An absolute URL.
    Url,
    /// A full version.
    Semver,
    /// Octal (`022`, `0o22`) or decimal, 0 to 0o777.
    Umask,
    Date,
    /// An address of this machine.
    Address,
}

/// The value of a key that nothing sets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Default {
    Null,
    Boolean(bool),
    Number(f64),
    Text(&'static str),
    EmptyList,
}

/// One key: what it accepts and how it behaves.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    pub key: &'static str,
    pub types: &'static [Type],
    pub default: Default,
    /// One-letter options (`-g`), each a character.
    pub short: &'static str,
    /// What to write instead, when the key is deprecated. Deprecated keys are not exported to scripts.
    pub deprecated: Option<&'static str>,
    /// Keys that may not be given together with this one.
    pub excludes: &'static [&'static str],
    /// Whether scripts see it as `npm_config_*`.
    pub exported: bool,
    /// The placeholder in help, `<key>` when empty.
    pub hint: &'static str,
    /// One line of help.
    pub about: &'static str,
}

impl Definition {
    pub fn accepts(&self, wanted: Type) -> bool {
        self.types.contains(&wanted)
    }

    /// Whether the key is a plain switch: one type, and that is boolean.
    pub fn is_switch(&self) -> bool {
        self.types == [Type::Boolean]
    }

    /// The way help writes it: `-g, --global`, `--no-audit`, `--tag <tag>`.
    pub fn usage(&self) -> String {
        let mut usage = String::new();
        for short in self.short.chars() {
            usage.push('-');
            usage.push(short);
            usage.push_str(", ");
        }
        if self.is_switch() && self.default == Default::Boolean(true) {
            usage.push_str("--no-");
            usage.push_str(self.key);
            return usage;
        }
        usage.push_str("--");
        usage.push_str(self.key);
        if self.is_switch() || self.types == [Type::Null, Type::Boolean] {
            return usage;
        }
        usage.push(' ');
        let words: Vec<&str> = self
            .types
            .iter()
            .filter_map(|kind| match kind {
                Type::Word(word) if !word.is_empty() => Some(*word),
                _ => None,
            })
            .collect();
        if !words.is_empty() && !self.accepts(Type::Text) {
            usage.push_str(&format!("<{}>", words.join("|")));
        } else if !self.hint.is_empty() {
            usage.push_str(self.hint);
        } else if self.accepts(Type::Number) {
            usage.push_str("<number>");
        } else {
            usage.push_str(&format!("<{}>", self.key));
        }
        usage
    }

    pub(super) const fn short(mut self, short: &'static str) -> Self {
        self.short = short;
        self
    }

    pub(super) const fn deprecated(mut self, instead: &'static str) -> Self {
        self.deprecated = Some(instead);
        self
    }

    pub(super) const fn excludes(mut self, keys: &'static [&'static str]) -> Self {
        self.excludes = keys;
        self
    }

    pub(super) const fn unexported(mut self) -> Self {
        self.exported = false;
        self
    }

    pub(super) const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }
}

pub(super) const fn key(
    key: &'static str,
    types: &'static [Type],
    default: Default,
    about: &'static str,
) -> Definition {
    Definition {
        key,
        types,
        default,
        short: "",
        deprecated: None,
        excludes: &[],
        exported: true,
        hint: "",
        about,
    }
}

pub(super) const fn switch(name: &'static str, default: bool, about: &'static str) -> Definition {
    key(name, &[Type::Boolean], Default::Boolean(default), about)
}

pub(super) const fn text(name: &'static str, default: &'static str, about: &'static str) -> Definition {
    key(name, &[Type::Text], Default::Text(default), about)
}

pub(super) const fn optional_text(name: &'static str, about: &'static str) -> Definition {
    key(name, &[Type::Null, Type::Text], Default::Null, about)
}

pub(super) const fn number(name: &'static str, default: f64, about: &'static str) -> Definition {
    key(name, &[Type::Number], Default::Number(default), about)
}

pub(super) const fn path(name: &'static str, default: Default, about: &'static str) -> Definition {
    key(name, &[Type::Path], default, about)
}
