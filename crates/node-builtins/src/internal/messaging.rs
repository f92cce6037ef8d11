//! Operations of `internal/messaging`: values cloned for another place, and the ports that carry them there, within a
//! thread and between threads.
//!
//! What is an event, what a listener, and how objects of classes written in JavaScript are cloned is decided there.

mod channel;

use super::histogram::Histogram;
use channel::{Carried, Native, Received};
pub(crate) use channel::{Part, PortEnd, PortHandle};
use js_engine::{
    Binding, BuiltinClass, CloneHost, Function, Object, OpError, Persistent, Scope, ToJs, Value, Wrapped, op,
};
use std::rc::Rc;

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(serialize)
        .op(set_describe)
        .op(is_plain)
        .op(is_host_object)
        .op(deserialize)
        .op(deserialize_in)
        .op(create_channel)
        .op(join_broadcast)
        .op(listen_as_thread)
        .op(post_to_thread)
        .op(post)
        .op(ready)
        .op(ended)
        .op(take)
        .op(pending)
        .op(is_ended)
        .op(close)
        .op(is_open)
        .op(is_peer);
}

/// Writes what only this crate knows, and words the errors.
struct Writer {
    natives: Vec<Found>,
}

/// What was met in a value. Ports move only when nothing can fail any more.
enum Found {
    Port(Rc<PortHandle>),
    Histogram(Histogram),
}

impl CloneHost for Writer {
    fn write(&mut self, scope: &mut Scope<'_>, object: Object<'_>) -> Result<u32, OpError> {
        let found = if let Some(port) = Wrapped::<PortHandle>::of(object.value()) {
            Some(Found::Port(port.shared()))
        } else {
            Wrapped::<Histogram>::of(object.value()).map(|histogram| Found::Histogram((*histogram).clone()))
        };
        if let Some(found) = found {
            self.natives.push(found);
            return Ok(self.natives.len() as u32 - 1);
        }
        let what = describe(scope, object)?;
        Err(data_clone_error(&format!("{what} could not be cloned.")))
    }

    fn read<'s>(&mut self, _: &mut Scope<'s>, _: u32) -> Result<Object<'s>, OpError> {
        Err(OpError::error("a writer reads nothing"))
    }

    fn failed(&mut self, _: &mut Scope<'_>, message: &str) -> OpError {
        data_clone_error(message)
    }
}

/// JavaScript makes a DOMException of it.
fn data_clone_error(message: &str) -> OpError {
    OpError::error(message).code("DataCloneError")
}

/// Asks JavaScript how to name what cannot be cloned.
fn describe(scope: &mut Scope<'_>, object: Object<'_>) -> Result<String, OpError> {
    let hooks = scope.state_mut::<Hooks>();
    let Some(describe) = hooks.describe.as_ref().map(|describe| describe.function(scope)) else {
        return Ok("#<Object>".to_owned());
    };
    drop(hooks);
    let text = describe.call_plain(scope, &[object.value()])?;
    Ok(scope.display(text)?)
}

#[derive(Default)]
struct Hooks {
    describe: Option<Persistent>,
}

/// `describe(object)`: the text by which errors name it.
#[op]
fn set_describe<'s>(scope: &mut Scope<'s>, describe: Function<'s>) {
    let describe = scope.persist(describe);
    scope.state_mut::<Hooks>().describe = Some(describe);
}

struct Reader<'p> {
    natives: &'p mut [Native],
}

impl CloneHost for Reader<'_> {
    fn write(&mut self, _: &mut Scope<'_>, _: Object<'_>) -> Result<u32, OpError> {
        Err(OpError::error("a reader writes nothing"))
    }

    fn read<'s>(&mut self, scope: &mut Scope<'s>, id: u32) -> Result<Object<'s>, OpError> {
        let native = self.natives.get_mut(id as usize);
        let native = native.ok_or_else(|| data_clone_error("A message is damaged"))?;
        if let Native::Histogram(histogram) = native {
            return Ok(scope.wrap(histogram.clone())?);
        }
        match std::mem::replace(native, Native::Nothing) {
            Native::Port(end) => Ok(scope.wrap(PortHandle::new(end))?),
            _ => Err(data_clone_error("A port can be received only once")),
        }
    }

    fn failed(&mut self, _: &mut Scope<'_>, message: &str) -> OpError {
        data_clone_error(message)
    }
}

/// Whether the engine clones an object as its own enumerable properties.
#[op]
fn is_plain<'s>(scope: &mut Scope<'s>, value: Value<'s>) -> bool {
    scope.builtin_class(value) == Some(BuiltinClass::Object)
}

/// Whether an object is the runtime's own, of no class that a value format knows.
#[op]
fn is_host_object<'s>(scope: &mut Scope<'s>, value: Value<'s>) -> bool {
    scope.builtin_class(value) == Some(BuiltinClass::Other) && scope.class_name(value) == "Object"
}

/// A cloned value on its way. `transfer`: array buffers that move. Ports in the value move, too.
#[op]
fn serialize<'s>(
    scope: &mut Scope<'s>,
    value: Value<'s>,
    transfer: Value<'s>,
) -> Result<Object<'s>, OpError> {
    let mut writer = Writer { natives: Vec::new() };
    let clone = scope.serialize(value, transfer, &mut writer)?;
    let natives = writer.natives.into_iter().map(|found| match found {
        Found::Port(port) => port.detach().map_or(Native::Nothing, Native::Port),
        Found::Histogram(histogram) => Native::Histogram(histogram),
    });
    Ok(scope.wrap(Part::new(clone, natives.collect()))?)
}

/// The value in this realm. What was transferred can be had once.
#[op]
fn deserialize<'s>(scope: &mut Scope<'s>, part: Wrapped<Part>) -> Result<Value<'s>, OpError> {
    read(scope, &part)
}

/// The same in the realm of `global`.
#[op]
fn deserialize_in<'s>(
    scope: &mut Scope<'s>,
    part: Wrapped<Part>,
    global: Object<'s>,
) -> Result<Value<'s>, OpError> {
    scope.in_realm(global, |scope| read(scope, &part))
}

pub(crate) fn read<'s>(scope: &mut Scope<'s>, part: &Part) -> Result<Value<'s>, OpError> {
    let mut carried = part.carried();
    let Carried { clone, natives } = &mut *carried;
    Ok(scope.deserialize(clone, &mut Reader { natives })?)
}

/// Two ports, each the other's peer.
#[op]
fn create_channel<'s>(scope: &mut Scope<'s>) -> Result<Value<'s>, OpError> {
    let (one, other) = PortEnd::pair();
    let one = scope.wrap(PortHandle::new(one))?;
    let other = scope.wrap(PortHandle::new(other))?;
    (one, other).to_js(scope)
}

/// A port whose messages all others of that name in this process get.
#[op]
fn join_broadcast<'s>(scope: &mut Scope<'s>, name: String) -> Result<Object<'s>, OpError> {
    Ok(scope.wrap(PortHandle::new(PortEnd::broadcast(name)))?)
}

/// A port for what other threads send to this one.
#[op]
fn listen_as_thread<'s>(scope: &mut Scope<'s>, id: u32) -> Result<Object<'s>, OpError> {
    Ok(scope.wrap(PortHandle::new(PortEnd::of_thread(id)))?)
}

/// Whether there is a thread of that number that listens.
#[op]
fn post_to_thread<'s>(
    _scope: &mut Scope<'s>,
    id: u32,
    value: Wrapped<Part>,
    hosts: Option<Wrapped<Part>>,
) -> bool {
    PortEnd::post_to_thread(id, Received::new(value.payload(), hosts.map(|hosts| hosts.payload())))
}

/// `hosts`: the part by which objects of JavaScript's classes are made again.
#[op]
fn post(port: Wrapped<PortHandle>, value: Wrapped<Part>, hosts: Option<Wrapped<Part>>) {
    port.post(Received::new(value.payload(), hosts.map(|hosts| hosts.payload())));
}

/// Waits until there is a message, or nothing will come any more.
#[op(async)]
async fn ready(port: Wrapped<PortHandle>) {
    port.ready().await
}

/// Waits until nothing will come any more.
#[op(async)]
async fn ended(port: Wrapped<PortHandle>) {
    port.ended().await
}

/// The next message as `[value, hosts or undefined]`, if there is one.
#[op]
fn take<'s>(_scope: &mut Scope<'s>, port: Wrapped<PortHandle>) -> Option<Received> {
    port.take()
}

/// How many messages wait.
#[op]
fn pending<'s>(_scope: &mut Scope<'s>, port: Wrapped<PortHandle>) -> usize {
    port.pending()
}

/// Whether nothing will come any more.
#[op]
fn is_ended<'s>(_scope: &mut Scope<'s>, port: Wrapped<PortHandle>) -> bool {
    port.is_ended()
}

/// Ends both directions. Messages on their way still arrive at the other side.
#[op]
fn close<'s>(_scope: &mut Scope<'s>, port: Wrapped<PortHandle>) {
    drop(port.detach());
}

/// False for ports that were closed or transferred.
#[op]
fn is_open<'s>(_scope: &mut Scope<'s>, port: Wrapped<PortHandle>) -> bool {
    port.is_open()
}

#[op]
fn is_peer<'s>(_scope: &mut Scope<'s>, port: Wrapped<PortHandle>, other: Wrapped<PortHandle>) -> bool {
    port.is_peer(&other)
}

impl ToJs for Received {
    fn to_js<'s>(self, scope: &mut Scope<'s>) -> Result<Value<'s>, OpError> {
        let (value, hosts) = self.into_parts();
        let value = scope.wrap(Part::from(value))?;
        let hosts = hosts.map(|hosts| scope.wrap(Part::from(hosts))).transpose()?;
        (value, hosts).to_js(scope)
    }
}
