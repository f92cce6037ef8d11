//! What calls are named in stacks: the class of the object they are on, `new`, and what Error.prepareStackTrace learns.

use crate::check;

#[test]
fn calls_on_objects_are_named_after_their_classes() {
    check(
        "program.js",
        "const { EventEmitter } = require('node:events');
const shown = (error) => console.log(error.stack.split('\\n')[1].replace(/ ?[(]?[/].*/, ''));
class Base { constructor() { this.made = new Error(); } method() { return new Error(); }
  static make() { return new Error(); } #hidden() { return new Error(); } hidden() { return this.#hidden(); }
  get value() { return new Error(); } }
class Derived extends Base {}
class Fields { field = new Error(); static field = new Error(); static { this.block = new Error(); } }
shown(new Fields().field); shown(Fields.field); shown(Fields.block);
shown(new Base().made); shown(new Derived().made); shown(new Derived().method()); shown(Derived.make());
shown(new Base().hidden()); shown(new Base().value);
const object = { f() { return new Error(); }, arrow: () => new Error() };
shown(object.f()); shown(object.arrow());
function plain() { return new Error(); }
for (const on of [undefined, null, globalThis, plain, [], 's', 1, new Map(), new Proxy({}, {}), Object.create(null)]) {
  shown(plain.call(on));
}
shown(plain.bind(new Base())());
function Old() { this.made = new Error(); }
Old.prototype.m = function () { return new Error(); };
shown(new Old().made); shown(new Old().m());
shown(new (class { made = null; constructor() { this.made = new Error(); } })().made);
new EventEmitter().on('said', function () { shown(new Error()); }).emit('said');
shown(new Error());
setTimeout(function () { shown(new Error()); });
setImmediate(function named() { shown(new Error()); });
",
        &[
            "    at <instance_members_initializer>",
            "    at <static_initializer>",
            "    at <static_initializer>",
            "    at new Base",
            "    at new Base",
            "    at Derived.method",
            "    at Derived.make",
            "    at #hidden",
            "    at get value",
            "    at Object.f",
            "    at Object.arrow",
            "    at plain",
            "    at plain",
            "    at plain",
            "    at plain",
            "    at Array.plain",
            "    at String.plain",
            "    at Number.plain",
            "    at Map.plain",
            "    at Proxy.plain",
            "    at Object.plain",
            "    at Base.plain",
            "    at new Old",
            "    at Old.m",
            "    at new <anonymous>",
            "    at EventEmitter.<anonymous>",
            "    at Object.<anonymous>",
            "    at Timeout._onTimeout",
            "    at Immediate.named",
        ],
    );
}

/// A class's code runs for nobody who only looks at a stack.
#[test]
fn nothing_runs_to_name_a_class() {
    check(
        "program.js",
        "const object = Object.create({ get constructor() { throw new Error('looked'); } });
object.run = function run() { return new Error('x'); };
console.log(object.run().stack.split('\\n')[1].replace(/ [(].*/, ''));
let looked = 0;
const proxy = new Proxy({}, { get() { looked++; }, getPrototypeOf() { looked++; return null; } });
const below = Object.create(proxy);
below.run = function run() { return new Error('x'); };
console.log(below.run().stack.split('\\n')[1].replace(/ [(].*/, ''), looked);
",
        &["    at Object.run", "    at Object.run 0"],
    );
}

#[test]
fn call_sites_tell_types_methods_and_constructors() {
    check(
        "program.js",
        "Error.prepareStackTrace = (_, sites) => sites[0];
const tell = ({ stack: site }) => console.log(site.getTypeName(), site.getFunctionName(), site.getMethodName(),
  site.isConstructor(), site.isToplevel());
class A { constructor() { this.made = new Error(); } method() { return new Error(); } }
tell(new A().method()); tell((() => new Error())()); tell(new Error());
const made = new A().made.stack; console.log(made.getFunctionName(), made.isConstructor(), made.isToplevel());
",
        &["A method method false false", "null null null false true", "Object null null false false", "A true false"],
    );
}

/// They go on without the object, so only those are named that use `this`; Node names the others, too.
#[test]
fn asynchronous_methods_and_generators() {
    check(
        "program.mjs",
        "class Repository { async find() { await this; throw new Error('none'); } *all() { yield [this, new Error()]; } }
class Service { repository = new Repository(); async get() { return await this.repository.find(); } }
const lines = (error) => error.stack.split('\\n').slice(1).map((line) => line.replace(/ ?[(]?file:.*/, '')).join();
await new Service().get().catch((error) => console.log(lines(error)));
console.log(lines(new Repository().all().next().value[1]));
",
        &["    at Repository.find,    at async Service.get,    at async", "    at Repository.all,    at"],
    );
}
