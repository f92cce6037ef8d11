//! The command line as JavaScript asks for it.

use crate::CommandLine;
use crate::options::{OptionValue, Options, Parsed};
use js_engine::{Array, Binding, JsString, OpError, Scope, Value, op};
use std::rc::Rc;

/// The command line of a runtime. A worker's is set by who starts it; the main thread's is parsed when first asked for,
/// unless the runtime has done so to refuse a bad one.
#[derive(Default)]
pub struct ProgramOptions(Option<Rc<Parsed>>);

impl ProgramOptions {
    pub fn set(scope: &mut Scope<'_>, parsed: Parsed) {
        scope.state_mut::<ProgramOptions>().0 = Some(Rc::new(parsed));
    }

    pub fn of(scope: &mut Scope<'_>) -> Rc<Parsed> {
        if let Some(parsed) = scope.state_mut::<ProgramOptions>().0.clone() {
            return parsed;
        }
        let arguments = scope.state_mut::<CommandLine>().arguments.clone();
        let variable = std::env::var("NODE_OPTIONS").ok();
        let parsed = Rc::new(Options::parse(&arguments, variable.as_deref()).unwrap_or_default());
        scope.state_mut::<ProgramOptions>().0 = Some(parsed.clone());
        parsed
    }
}

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(value).op(is_given).op(allowed_in_environment);
}

#[op]
fn value<'s>(scope: &mut Scope<'s>, name: String) -> Result<Value<'s>, OpError> {
    let parsed = ProgramOptions::of(scope);
    Ok(match parsed.options.value(&name) {
        None | Some(OptionValue::Undefined) => scope.undefined(),
        Some(OptionValue::Switch(on)) => scope.boolean(on),
        Some(OptionValue::Number(number)) => scope.number(number as f64),
        Some(OptionValue::Text(text)) => scope.string(text)?.value(),
        Some(OptionValue::List(items)) => texts(scope, items)?.value(),
        Some(OptionValue::HostPort(host, port)) => {
            let address = scope.object()?;
            let host = scope.string(host)?;
            address.set(scope, "host", host.value())?;
            let port = scope.number(f64::from(port));
            address.set(scope, "port", port)?;
            address.value()
        }
    })
}

fn texts<'s>(scope: &mut Scope<'s>, items: &[String]) -> Result<Array<'s>, OpError> {
    let items: Vec<JsString<'_>> = items.iter().map(|item| scope.string(item)).collect::<Result<_, _>>()?;
    let items: Vec<Value<'_>> = items.into_iter().map(JsString::value).collect();
    Ok(scope.array(&items)?)
}

/// Whether it stands on the command line or in NODE_OPTIONS.
#[op]
fn is_given(scope: &mut Scope<'_>, name: String) -> bool {
    ProgramOptions::of(scope).options.is_given(&name)
}

#[op]
fn allowed_in_environment() -> Vec<String> {
    Options::allowed_in_environment().map(str::to_owned).collect()
}
