//! Tests on members of package.json: `[name=value]`, `:attr(a, b, [name=value])`.

use serde_json::{Map, Value};

use super::parse::{SelectorError, values};

/// `[name]`, `[name=value]` and its kin.
#[derive(Debug, Clone)]
pub(super) struct AttributeTest {
    pub(super) name: String,
    /// `None` where only being there counts.
    pub(super) comparison: Option<Comparison>,
}

#[derive(Debug, Clone)]
pub(super) struct Comparison {
    operator: Operator,
    value: String,
    ignores_case: bool,
}

#[derive(Debug, Clone, Copy)]
enum Operator {
    Equals,
    HasWord,
    Contains,
    BeginsWithDash,
    Begins,
    Ends,
}

impl Comparison {
    /// The value, where it is compared as a whole.
    pub(super) fn equal_to(&self) -> Option<&str> {
        matches!(self.operator, Operator::Equals).then_some(self.value.as_str())
    }
}

/// Members to go down by, and the test at the end.
#[derive(Debug, Clone)]
pub(super) struct Lookup {
    path: Vec<Step>,
    pub(super) test: AttributeTest,
}

#[derive(Debug, Clone)]
enum Step {
    Member(String),
    /// Each element of a list.
    Elements,
}

/// Reads what stands between square brackets.
pub(super) fn read_attribute(inside: &str) -> Option<AttributeTest> {
    let inside = inside.trim();
    let Some(equals) = inside.find('=') else {
        return (!inside.is_empty()).then(|| AttributeTest { name: unescaped(inside), comparison: None });
    };
    let (left, right) = (inside.get(..equals)?, inside.get(equals + 1..)?);
    let (name, operator) = match left.chars().next_back()? {
        '~' => (left.strip_suffix('~')?, Operator::HasWord),
        '*' => (left.strip_suffix('*')?, Operator::Contains),
        '|' => (left.strip_suffix('|')?, Operator::BeginsWithDash),
        '^' => (left.strip_suffix('^')?, Operator::Begins),
        '$' => (left.strip_suffix('$')?, Operator::Ends),
        _ => (left, Operator::Equals),
    };
    let (value, ignores_case) = read_value(right.trim())?;
    let comparison = Comparison { operator, value, ignores_case };
    let name = unescaped(name.trim());
    (!name.is_empty()).then_some(AttributeTest { name, comparison: Some(comparison) })
}

/// A value, quoted or not, and whether `i` stands behind it.
fn read_value(text: &str) -> Option<(String, bool)> {
    let first = text.chars().next();
    let (value, flag) = match first.filter(|first| matches!(first, '"' | '\'')) {
        Some(quote) => {
            let inside = text.get(1..)?;
            let end = inside.find(quote)?;
            (inside.get(..end)?, inside.get(end + 1..)?.trim())
        }
        None => match text.rsplit_once(char::is_whitespace) {
            Some((value, flag)) => (value.trim(), flag),
            None => (text, ""),
        },
    };
    let ignores_case = match flag {
        "" => false,
        "i" | "I" => true,
        _ => return None,
    };
    Some((unescaped(value), ignores_case))
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(next) = characters.next() {
        if next == '\\' { out.extend(characters.next()) } else { out.push(next) }
    }
    out
}

/// Reads the values of `:attr()`.
pub(super) fn read_lookup(text: &str) -> Result<Lookup, SelectorError> {
    let wrong = || SelectorError::Attribute { text: text.to_owned() };
    let values = values(text);
    let (last, members) = values.split_last().ok_or_else(wrong)?;
    let mut path: Vec<Step> = members.iter().map(|member| Step::Member(unescaped(member))).collect();
    if let Some(nested) = last.strip_prefix(":attr(").and_then(|rest| rest.strip_suffix(')')) {
        let nested = read_lookup(nested)?;
        path.push(Step::Elements);
        path.extend(nested.path);
        return Ok(Lookup { path, test: nested.test });
    }
    let inside = last.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).ok_or_else(wrong)?;
    Ok(Lookup { path, test: read_attribute(inside).ok_or_else(wrong)? })
}

impl Lookup {
    /// A test on the document itself.
    pub(super) fn of(test: AttributeTest) -> Self {
        Self { path: Vec::new(), test }
    }

    /// The values that the path leads to; none where it ends before.
    pub(super) fn reached<'v>(&self, document: &'v Map<String, Value>) -> Vec<&'v Map<String, Value>> {
        let Some((first, path)) = self.path.split_first() else { return vec![document] };
        let mut reached: Vec<&Value> = match first {
            Step::Member(name) => document.get(name).map(spread).unwrap_or_default(),
            Step::Elements => Vec::new(),
        };
        for step in path {
            reached = match step {
                Step::Member(name) => {
                    reached.iter().filter_map(|value| value.get(name)).flat_map(spread).collect()
                }
                Step::Elements => reached.into_iter().flat_map(spread).collect(),
            };
        }
        reached.into_iter().filter_map(Value::as_object).collect()
    }

    /// Whether anything that the path leads to passes the test.
    pub(super) fn matches(&self, document: &Map<String, Value>) -> bool {
        self.reached(document).into_iter().any(|object| self.test.matches(object))
    }
}

/// The elements of a list, else the value.
fn spread(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        value => vec![value],
    }
}

impl AttributeTest {
    /// Whether a member is there, or compares as asked; of a list any element.
    pub(super) fn matches(&self, object: &Map<String, Value>) -> bool {
        let value = object.get(&self.name);
        let Some(comparison) = &self.comparison else { return value.is_some_and(is_truthy) };
        match value {
            Some(Value::Array(items)) => items.iter().any(|item| comparison.holds(Some(item))),
            value => comparison.holds(value),
        }
    }
}

/// JavaScript's truth.
pub(in crate::view) fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Number(number) => number.as_f64() != Some(0.0),
        _ => true,
    }
}

impl Comparison {
    fn holds(&self, value: Option<&Value>) -> bool {
        let text = match value {
            Some(Value::Number(number)) if is_truthy(&Value::Number(number.clone())) => number.to_string(),
            Some(Value::String(text)) => text.clone(),
            // what is false in JavaScript counts as an empty text
            Some(value) if is_truthy(value) => return false,
            _ => String::new(),
        };
        let (text, wanted) = if self.ignores_case {
            (text.to_lowercase(), self.value.to_lowercase())
        } else {
            (text, self.value.clone())
        };
        match self.operator {
            Operator::Equals => text == wanted,
            Operator::HasWord => text
                .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .any(|word| !word.is_empty() && word == wanted),
            Operator::Contains => text.contains(&wanted),
            Operator::BeginsWithDash => text.starts_with(&format!("{wanted}-")),
            Operator::Begins => text.starts_with(&wanted),
            Operator::Ends => text.ends_with(&wanted),
        }
    }
}
