//! `JSON.stringify` with JavaScript's spelling, and the sorted form that npm uses for lockfiles.

use super::array_index;
use crate::collation;
use serde_json::{Map, Number, Value};
use std::cmp::Ordering;

/// The text of `JSON.stringify(value, null, indent)`.
///
/// Keys that are array indices come first in ascending order. An indent longer than ten characters is cut to ten;
/// an empty one prints on one line. There is no final line break.
pub fn print(value: &Value, indent: &str) -> String {
    let mut printer = Printer::new(indent, "\n", Order::Members);
    printer.node(Node::Value(value), 0);
    printer.out
}

/// The text as npm writes lockfiles: members that are not objects first, then in each half the `preferred` keys in
/// that order, then the others as `localeCompare('en')` sorts them; with a final line break when indented.
///
/// Source: npm 11.19.1, json-stringify-nice.
pub fn print_nice(value: &Value, preferred: &[&str], indent: &str) -> String {
    print_nice_node(Node::Value(value), preferred, indent, "\n")
}

pub(crate) fn print_nice_node(node: Node<'_>, preferred: &[&str], indent: &str, newline: &str) -> String {
    let mut printer = Printer::new(indent, newline, Order::Nice(preferred));
    printer.node(node, 0);
    if !indent.is_empty() {
        printer.out.push_str(newline);
    }
    printer.out
}

/// What can be printed without building a `Value` first.
#[derive(Clone, Copy)]
pub(crate) enum Node<'a> {
    Value(&'a Value),
    Map(&'a dyn NodeMap),
}

/// A typed collection that prints as an object.
pub(crate) trait NodeMap {
    fn members(&self) -> Vec<(&str, Node<'_>)>;
}

impl NodeMap for Map<String, Value> {
    fn members(&self) -> Vec<(&str, Node<'_>)> {
        self.iter().map(|(key, value)| (key.as_str(), Node::Value(value))).collect()
    }
}

impl Node<'_> {
    fn is_object(&self) -> bool {
        match self {
            Node::Value(value) => value.is_object(),
            Node::Map(_) => true,
        }
    }
}

/// Whether one member of an object comes before another in a lockfile: values that are not objects first, then
/// `preferred` keys in their order, then collation. The flags say whether the value is an object.
pub(crate) fn nice_order(a: (&str, bool), b: (&str, bool), preferred: &[&str]) -> Ordering {
    let key = |(key, is_object)| (is_object, rank(key, preferred));
    key(a).cmp(&key(b)).then_with(|| collation::compare(a.0, b.0))
}

fn rank(key: &str, preferred: &[&str]) -> usize {
    preferred.iter().position(|name| *name == key).unwrap_or(preferred.len())
}

#[derive(Clone, Copy)]
enum Order<'a> {
    Members,
    Nice(&'a [&'a str]),
}

struct Printer<'a> {
    out: String,
    indent: String,
    newline: &'a str,
    order: Order<'a>,
}

impl<'a> Printer<'a> {
    fn new(indent: &str, newline: &'a str, order: Order<'a>) -> Self {
        let indent: String = indent.chars().take(10).collect();
        // npm replaces line breaks in the finished text, those of an odd indent included.
        Self { out: String::new(), indent: indent.replace('\n', newline), newline, order }
    }

    fn node(&mut self, node: Node<'_>, depth: usize) {
        match node {
            Node::Value(Value::Null) => self.out.push_str("null"),
            Node::Value(Value::Bool(value)) => self.out.push_str(if *value { "true" } else { "false" }),
            Node::Value(Value::Number(number)) => push_number(&mut self.out, number),
            Node::Value(Value::String(text)) => push_string(&mut self.out, text),
            Node::Value(Value::Array(items)) => self.array(items, depth),
            Node::Value(Value::Object(map)) => self.object(map.members(), depth),
            Node::Map(map) => self.object(map.members(), depth),
        }
    }

    fn array(&mut self, items: &[Value], depth: usize) {
        self.out.push('[');
        for (index, item) in items.iter().enumerate() {
            self.separator(index, depth + 1);
            self.node(Node::Value(item), depth + 1);
        }
        self.close(items.is_empty(), depth);
        self.out.push(']');
    }

    fn object(&mut self, mut members: Vec<(&str, Node<'_>)>, depth: usize) {
        match self.order {
            Order::Members => indices_first(&mut members),
            Order::Nice(preferred) => nice_members(&mut members, preferred),
        }
        self.out.push('{');
        for (index, (key, value)) in members.iter().enumerate() {
            self.separator(index, depth + 1);
            push_string(&mut self.out, key);
            self.out.push_str(if self.indent.is_empty() { ":" } else { ": " });
            self.node(*value, depth + 1);
        }
        self.close(members.is_empty(), depth);
        self.out.push('}');
    }

    fn separator(&mut self, index: usize, depth: usize) {
        if index > 0 {
            self.out.push(',');
        }
        self.line_break(depth);
    }

    fn close(&mut self, is_empty: bool, depth: usize) {
        if !is_empty {
            self.line_break(depth);
        }
    }

    fn line_break(&mut self, depth: usize) {
        if self.indent.is_empty() {
            return;
        }
        self.out.push_str(self.newline);
        for _ in 0..depth {
            self.out.push_str(&self.indent);
        }
    }
}

fn indices_first(members: &mut [(&str, Node<'_>)]) {
    let rank = |key: &str| array_index(key).unwrap_or(u32::MAX);
    if members.iter().any(|(key, _)| array_index(key).is_some()) {
        members.sort_by_key(|(key, _)| rank(key));
    }
}

fn nice_members(members: &mut Vec<(&str, Node<'_>)>, preferred: &[&str]) {
    // npm rebuilds each object by assignment, which for this key sets the prototype instead of a member.
    members.retain(|(key, _)| *key != "__proto__");
    let key = |(key, value): &(&str, Node<'_>)| (value.is_object(), rank(key, preferred));
    let mut keyed: Vec<_> = members.drain(..).map(|member| (key(&member), member)).collect();
    keyed.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| collation::compare(a.1.0, b.1.0)));
    members.extend(keyed.into_iter().map(|(_, member)| member));
    indices_first(members);
}

/// Escapes as `JSON.stringify` does: quotes, backslashes and control characters below U+0020 only.
fn push_string(out: &mut String, text: &str) {
    out.push('"');
    let mut start = 0;
    for (index, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        // Every escaped byte is ASCII, so both ends are character boundaries.
        out.push_str(text.get(start..index).unwrap_or(""));
        push_escape(out, byte);
        start = index + 1;
    }
    out.push_str(text.get(start..).unwrap_or(""));
    out.push('"');
}

fn push_escape(out: &mut String, byte: u8) {
    match byte {
        b'"' => out.push_str("\\\""),
        b'\\' => out.push_str("\\\\"),
        0x08 => out.push_str("\\b"),
        0x0C => out.push_str("\\f"),
        b'\n' => out.push_str("\\n"),
        b'\r' => out.push_str("\\r"),
        b'\t' => out.push_str("\\t"),
        other => out.push_str(&format!("\\u{other:04x}")),
    }
}

/// Spells a number as JavaScript does, for which every number is a double.
///
/// Source: ECMAScript, `Number::toString`.
fn push_number(out: &mut String, number: &Number) {
    let value = number.as_f64().unwrap_or(0.0);
    if value == 0.0 {
        out.push('0');
        return;
    }
    let scientific = format!("{:e}", value.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits = mantissa.replace('.', "");
    // The decimal point belongs after this many digits.
    let point = exponent.parse::<i32>().unwrap_or(0) + 1;
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    if value < 0.0 {
        out.push('-');
    }
    if count <= point && point <= 21 {
        out.push_str(&digits);
        out.extend((count..point).map(|_| '0'));
    } else if 0 < point && point <= 21 {
        let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or(0));
        out.push_str(whole);
        out.push('.');
        out.push_str(fraction);
    } else if -6 < point && point <= 0 {
        out.push_str("0.");
        out.extend((point..0).map(|_| '0'));
        out.push_str(&digits);
    } else {
        let (first, fraction) = digits.split_at(1);
        out.push_str(first);
        if !fraction.is_empty() {
            out.push('.');
            out.push_str(fraction);
        }
        out.push_str(if point > 0 { "e+" } else { "e-" });
        out.push_str(&(point - 1).abs().to_string());
    }
}
