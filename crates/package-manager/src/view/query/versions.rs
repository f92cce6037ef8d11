//! `:semver(value, attribute, function)`: members that are versions or ranges, held against another.

use npm_semver::{Range, RangeOptions, Version};
use serde_json::{Map, Value};

use super::attributes::{AttributeTest, Lookup, read_attribute, read_lookup};
use super::parse::{SelectorError, values};

/// A comparison with a version or range.
#[derive(Debug, Clone)]
pub(super) struct VersionTest {
    value: Operand,
    function: Function,
    lookup: Lookup,
}

#[derive(Debug, Clone)]
struct Operand {
    version: Option<Version>,
    range: Option<Range>,
}

#[derive(Debug, Clone, Copy)]
enum Function {
    Infer,
    Eq,
    Neq,
    Gt,
    Gte,
    Lt,
    Lte,
    Gtr,
    Ltr,
    Satisfies,
    Intersects,
    Subset,
}

impl Operand {
    fn read(text: &str) -> Option<Self> {
        let version = Version::parse(text).ok();
        let range = Range::parse(text, RangeOptions::default()).ok();
        (version.is_some() || range.is_some()).then_some(Self { version, range })
    }
}

impl VersionTest {
    /// Reads the values of `:semver()`.
    pub(super) fn read(text: &str) -> Result<Self, SelectorError> {
        let mut values = values(text);
        let mut function = Function::Infer;
        if values.len() == 3 {
            let name = values.pop().unwrap_or_default().trim_matches(['"', '\'']);
            function = read_function(name)?;
        }
        let is_value = |value: &&str| !value.starts_with(['[', ':', '"', '\'', '#', '.', '*']);
        let at = if values.len() == 1 { Some(0) } else { values.iter().position(is_value) };
        let value = at.filter(|_| values.len() <= 2).map(|at| values.remove(at));
        let value = value.ok_or_else(|| SelectorError::VersionValue { text: text.to_owned() })?;
        let operand =
            Operand::read(value).ok_or_else(|| SelectorError::Version { text: value.to_owned() })?;
        let lookup = match values.pop() {
            None => Lookup::of(AttributeTest { name: "version".to_owned(), comparison: None }),
            Some(attribute) => match attribute.strip_prefix(":attr(").and_then(|rest| rest.strip_suffix(')'))
            {
                Some(nested) => read_lookup(nested)?,
                None => attribute
                    .strip_prefix('[')
                    .and_then(|rest| rest.strip_suffix(']'))
                    .and_then(read_attribute)
                    .map(Lookup::of)
                    .ok_or_else(|| SelectorError::Attribute { text: attribute.to_owned() })?,
            },
        };
        Ok(Self { value: operand, function, lookup })
    }

    /// Whether a member of the document compares as asked.
    pub(super) fn matches(&self, document: &Map<String, Value>) -> bool {
        let test = &self.lookup.test;
        self.lookup.reached(document).into_iter().any(|object| {
            let member = object.get(&test.name).and_then(Value::as_str).and_then(Operand::read);
            (test.comparison.is_none() || test.matches(object))
                && member.is_some_and(|member| self.holds(&member))
        })
    }

    fn holds(&self, member: &Operand) -> bool {
        let function = match self.function {
            Function::Infer => match (&self.value.version, &member.version) {
                (Some(_), Some(_)) => Function::Eq,
                (None, None) => Function::Intersects,
                _ => Function::Satisfies,
            },
            function => function,
        };
        match function {
            Function::Intersects => both(&member.range, &self.value.range, Range::intersects),
            Function::Subset => both(&member.range, &self.value.range, Range::is_subset),
            Function::Satisfies => self.one_in_the_other(member, Range::satisfies),
            Function::Gtr => self.one_in_the_other(member, Range::gtr),
            Function::Ltr => self.one_in_the_other(member, Range::ltr),
            order => both(&member.version, &self.value.version, |member, value| {
                let ordering = member.cmp(value);
                match order {
                    Function::Neq => ordering.is_ne(),
                    Function::Gt => ordering.is_gt(),
                    Function::Gte => ordering.is_ge(),
                    Function::Lt => ordering.is_lt(),
                    Function::Lte => ordering.is_le(),
                    _ => ordering.is_eq(),
                }
            }),
        }
    }

    /// A version against a range, whichever of the two is the version; the value of the selector first.
    fn one_in_the_other(&self, member: &Operand, test: impl Fn(&Range, &Version) -> bool) -> bool {
        match (&self.value.version, &member.version) {
            (Some(version), _) => member.range.as_ref().is_some_and(|range| test(range, version)),
            (None, Some(version)) => self.value.range.as_ref().is_some_and(|range| test(range, version)),
            (None, None) => false,
        }
    }
}

fn both<T>(first: &Option<T>, second: &Option<T>, test: impl Fn(&T, &T) -> bool) -> bool {
    first.as_ref().zip(second.as_ref()).is_some_and(|(first, second)| test(first, second))
}

fn read_function(name: &str) -> Result<Function, SelectorError> {
    Ok(match name {
        "infer" => Function::Infer,
        "eq" => Function::Eq,
        "neq" => Function::Neq,
        "gt" => Function::Gt,
        "gte" => Function::Gte,
        "lt" => Function::Lt,
        "lte" => Function::Lte,
        "gtr" => Function::Gtr,
        "ltr" => Function::Ltr,
        "satisfies" => Function::Satisfies,
        "intersects" => Function::Intersects,
        "subset" => Function::Subset,
        _ => return Err(SelectorError::VersionFunction { text: name.to_owned() }),
    })
}
