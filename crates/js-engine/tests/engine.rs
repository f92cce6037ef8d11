//! The safe layer against the real engine: one context a test, each in its own thread as the harness starts them.

use js_engine::*;

/// Set where garbage is to be collected at every allocation.
const COLLECT_ALWAYS: &str = "KNIT_TEST_COLLECT_ALWAYS";

/// The harness gives its threads 2 MB of stack.
fn options() -> ContextOptions {
    let collect_always = std::env::var_os(COLLECT_ALWAYS).is_some();
    ContextOptions { stack: 1 << 20, collect_always, ..ContextOptions::default() }
}

fn with_context<R>(body: impl for<'s> FnOnce(&mut Scope<'s>) -> R) -> R {
    initialize("test");
    Context::new(&options()).enter(body)
}

/// Evaluates `text` and gives the completion value, or the exception, as a string.
fn eval(scope: &mut Scope<'_>, text: &str) -> String {
    scope.nest(|scope| match scope.eval(text, "test.js") {
        Ok(value) => scope.display(value).unwrap_or_else(|_| "unprintable".into()),
        Err(_) => match scope.take_exception() {
            Some(error) => format!("threw {}", scope.display(error).unwrap_or_default()),
            None => "terminated".into(),
        },
    })
}

/// Adds the ops to the global object.
fn install(scope: &mut Scope<'_>, ops: &[fn() -> Op]) {
    let global = scope.global();
    for op in ops {
        let function = scope.function(&op()).expect("a function");
        let name = scope.function_name(function).expect("a name");
        global.set_value(scope, name.value(), function.value()).expect("set");
    }
}

#[op]
fn add_one(n: i32) -> i32 {
    n + 1
}

#[op]
fn shout(text: String) -> Result<String, OpError> {
    if text.is_empty() {
        return Err(OpError::type_error("nothing to shout").code("ERR_EMPTY"));
    }
    Ok(text.to_uppercase())
}

#[op]
fn sum_bytes(bytes: &[u8]) -> u32 {
    bytes.iter().map(|&b| u32::from(b)).sum()
}

#[op]
fn fill_bytes(bytes: &mut [u8], with: u8) {
    bytes.fill(with);
}

#[op]
fn take_bytes(bytes: Vec<u8>) -> Vec<u8> {
    bytes.into_iter().rev().collect()
}

#[op]
fn call_back<'s>(
    scope: &mut Scope<'s>,
    function: Function<'s>,
    argument: Value<'s>,
) -> Result<Value<'s>, OpError> {
    Ok(function.call_plain(scope, &[argument])?)
}

#[op]
fn panics() {
    panic!("on purpose");
}

#[op]
fn missing_file() -> Result<(), OpError> {
    Err(OpError::system(2, "open").path("/nowhere"))
}

#[test]
fn values_pass_both_ways() {
    with_context(|scope| {
        install(scope, &[add_one, shout, sum_bytes, fill_bytes, take_bytes, call_back]);
        assert_eq!(eval(scope, "addOne(41)"), "42");
        assert_eq!(eval(scope, "shout('grüße \\u{1F600}')"), "GRÜSSE \u{1F600}");
        assert_eq!(eval(scope, "sumBytes(new Uint8Array([1, 2, 250]))"), "253");
        assert_eq!(eval(scope, "sumBytes(new Uint8Array(new SharedArrayBuffer(4)).fill(3))"), "12");
        assert_eq!(eval(scope, "{ const b = new Uint8Array(3); fillBytes(b, 7); b.join() }"), "7,7,7");
        assert_eq!(eval(scope, "takeBytes(new Uint8Array([1, 2, 3])).join()"), "3,2,1");
        assert_eq!(eval(scope, "callBack(x => x * 2, 21)"), "42");
    });
}

#[test]
fn errors_become_exceptions_of_their_class() {
    with_context(|scope| {
        install(scope, &[shout, call_back, panics, missing_file]);
        assert_eq!(eval(scope, "shout('')"), "threw TypeError: nothing to shout");
        assert_eq!(
            eval(scope, "try { shout('') } catch (e) { e.code + (e instanceof TypeError) }"),
            "ERR_EMPTYtrue"
        );
        assert_eq!(eval(scope, "callBack(() => { throw new RangeError('mine') })"), "threw RangeError: mine");
        assert_eq!(
            eval(scope, "try { panics() } catch (e) { e.message }"),
            "internal error in panics: on purpose"
        );
        assert_eq!(
            eval(
                scope,
                "try { missingFile() } catch (e) { [e.message, e.code, e.errno, e.syscall, e.path].join('|') }"
            ),
            "ENOENT: no such file or directory, open '/nowhere'|ENOENT|-2|open|/nowhere"
        );
    });
}

#[test]
fn deep_recursion_is_an_exception() {
    with_context(|scope| {
        install(scope, &[call_back]);
        assert_eq!(
            eval(scope, "let n = 0; try { (function f() { n++; f() })() } catch { } n > 5000"),
            "true"
        );
        assert_eq!(
            eval(scope, "let m = 0; try { (function f() { m++; callBack(f) })() } catch { } m > 500"),
            "true"
        );
    });
}

#[test]
fn interruption_ends_a_loop_and_leaves_the_context_usable() {
    initialize("test");
    let context = Context::new(&options());
    let handle = context.interrupt_handle();
    let other = handle.clone();
    let thread = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(50));
        other.terminate();
    });
    context.enter(|scope| {
        assert_eq!(eval(scope, "for (;;) { try { for (;;) {} } finally { } }"), "terminated");
        handle.clear();
        assert_eq!(eval(scope, "1 + 1"), "2");
    });
    thread.join().expect("the thread ends");
}

#[test]
fn values_survive_collections() {
    with_context(|scope| {
        install(scope, &[call_back]);
        let kept = scope.eval("({ name: 'kept' })", "test.js").expect("an object");
        let persistent = scope.persist(kept);
        let strings: Vec<_> =
            (0..1000).map(|i| scope.string(&format!("text {i}")).expect("a string")).collect();
        eval(
            scope,
            "globalThis.junk = []; for (let i = 0; i < 300000; i++) junk[i % 100] = { i, s: 'x' + i }",
        );
        scope.collect_garbage();
        for (i, string) in strings.iter().enumerate() {
            assert_eq!(scope.text(*string).expect("text"), format!("text {i}"));
        }
        let object = persistent.object(scope);
        let name = object.get(scope, "name").expect("a property");
        assert_eq!(scope.display(name).expect("text"), "kept");
        // many persistents, dropped in another order than made
        let mut many: Vec<_> = (0..5000)
            .map(|i| {
                let n = scope.number(f64::from(i));
                scope.persist(n)
            })
            .collect();
        many.retain(|_| true);
        many.drain(0..2500);
        scope.collect_garbage();
        assert_eq!(many[0].get(scope).as_number(), Some(2500.0));
    });
}

#[test]
fn wrapped_values_are_dropped_by_the_collector() {
    use std::rc::Rc;
    struct Noisy(#[allow(dead_code)] Rc<()>);
    with_context(|scope| {
        let marker = Rc::new(());
        scope.nest(|scope| {
            scope.wrap(Noisy(marker.clone())).expect("an object");
        });
        assert_eq!(Rc::strong_count(&marker), 2);
        scope.collect_garbage();
        assert_eq!(Rc::strong_count(&marker), 1);
    });
}

#[test]
fn microtasks_carry_the_asynchronous_context() {
    #[op]
    fn set_context<'s>(scope: &mut Scope<'s>, context: Value<'s>) {
        scope.set_async_context(context);
    }
    #[op]
    fn get_context<'s>(scope: &mut Scope<'s>) -> Value<'s> {
        scope.async_context()
    }
    with_context(|scope| {
        install(scope, &[set_context, get_context]);
        eval(
            scope,
            "globalThis.log = [];
             const id = () => getContext()?.id;
             setContext({ id: 1 });
             Promise.resolve().then(() => log.push(id()));
             let go; const pending = new Promise(r => go = r).then(() => log.push(id()));
             (async () => { await 1; log.push(id()); await null; log.push(id()); })();
             setContext({ id: 2 });
             Promise.resolve().then(() => log.push(id()));
             go();
             setContext(undefined);
             Promise.resolve().then(() => log.push(id()));",
        );
        scope.run_microtasks(true).expect("not terminated");
        assert_eq!(eval(scope, "log.join()"), "1,1,2,1,,1");
    });
}

#[test]
fn stencils_survive_a_round_trip_and_damage() {
    with_context(|scope| {
        let source = Source::new("(function (a) { return a * 2 })", "double.js");
        let stencil = scope.compile_stencil(&source, false, true).expect("compiles");
        let bytes = scope.encode_stencil(&stencil).expect("encodes");
        let again = scope.decode_stencil(&bytes, "double.js", false).expect("decodes");
        let none = scope.undefined();
        let script = scope.instantiate(&again, "double.js", 1, none).expect("instantiates");
        let function = scope.run(script).expect("runs").as_function().expect("a function");
        let n = scope.number(21.0);
        assert_eq!(function.call_plain(scope, &[n]).expect("returns").as_number(), Some(42.0));
        let mut damaged = bytes.clone();
        damaged[5] ^= 0xff;
        assert!(scope.decode_stencil(&damaged, "double.js", false).is_none());
        assert!(scope.decode_stencil(&bytes[..bytes.len() / 2], "double.js", false).is_none());
    });
}

#[test]
fn realms_share_objects_but_not_globals() {
    with_context(|scope| {
        let other = scope.new_realm().expect("a realm");
        let array =
            scope.in_realm(other, |scope| scope.eval("globalThis.x = 1; [1, 2]", "vm.js")).expect("an array");
        assert!(array.as_array(scope).is_some());
        assert_eq!(eval(scope, "typeof x"), "undefined");
        let global = scope.global();
        global.set(scope, "theirs", array).expect("set");
        assert_eq!(eval(scope, "Array.isArray(theirs) + ',' + (theirs instanceof Array)"), "true,false");
    });
}

#[test]
fn contexts_keep_their_variables_on_the_sandbox() {
    with_context(|scope| {
        let sandbox =
            scope.eval("globalThis.box = { known: 1, Array: 'mine', self: null }; box.self = box", "test.js");
        let sandbox = sandbox.ok().and_then(Value::as_object).expect("an object");
        let context = scope.new_context(ContextRules::default()).expect("a context");
        scope.attach_sandbox(context, sandbox);
        let global = scope.global();
        global.set(scope, "theirs", context.value()).expect("set");
        let run = |scope: &mut Scope<'_>, text: &str| {
            scope.nest(|scope| {
                let result = scope.in_context(context, |scope| scope.eval(text, "vm.js"));
                match result {
                    Ok(value) => scope.display(value).unwrap_or_default(),
                    Err(_) => match scope.take_exception() {
                        Some(error) => format!("threw {}", scope.display(error).unwrap_or_default()),
                        None => "terminated".into(),
                    },
                }
            })
        };
        assert_eq!(run(scope, "known + 1"), "2");
        assert_eq!(run(scope, "Array"), "mine");
        assert_eq!(run(scope, "typeof Object + typeof nothing"), "functionundefined");
        assert_eq!(run(scope, "nothing").split(':').next(), Some("threw ReferenceError"));
        assert_eq!(run(scope, "var a = 2; b = 3; function f() { return a + b } let c = 4; f()"), "5");
        assert_eq!(eval(scope, "Object.keys(box).join()"), "known,Array,self,a,f,b");
        assert_eq!(eval(scope, "box.a = 10; 0"), "0");
        assert_eq!(run(scope, "var a; f() + c"), "17");
        assert_eq!(
            run(scope, "'use strict'; undeclared = 1").split(':').next(),
            Some("threw ReferenceError")
        );
        assert_eq!(
            run(scope, "[self === globalThis, this === globalThis, globalThis.a].join()"),
            "true,true,10"
        );
        assert_eq!(
            run(scope, "globalThis.Map = 'm'; [Map, Object.keys(globalThis)].join()"),
            "m,Array,Map,known,self,a,f,b"
        );
        assert_eq!(run(scope, "delete globalThis.a; typeof a"), "undefined");
        assert_eq!(run(scope, "Set = 1; var Date = 2; function escape() {} Set + Date"), "3");
        assert_eq!(eval(scope, "[box.Set, box.Date, typeof box.escape].join()"), "1,2,function");
        assert_eq!(eval(scope, "theirs.Set + theirs.known"), "2");
        assert_eq!(eval(scope, "theirs.WeakMap === WeakMap"), "false");
        assert_eq!(eval(scope, "box.later = 5; box.WeakMap = 6; 0"), "0");
        assert_eq!(run(scope, "later + WeakMap"), "11");
        assert_eq!(run(scope, "new Function('return this')() === globalThis"), "true");
        assert_eq!(run(scope, "(function () { return this })() === globalThis"), "true");
        assert_eq!(
            run(scope, "for (var i = 0, n = 0; i < 100000; i++) n += Math.floor(known); n + ',' + i"),
            "100000,100000"
        );
        assert_eq!(
            run(scope, "Object.getPrototypeOf(Object.getPrototypeOf(globalThis)) === Object.prototype"),
            "true"
        );
        assert_eq!(run(scope, "Object.setPrototypeOf(globalThis, { inherited: 7 }); inherited"), "7");
        assert_eq!(run(scope, "eval('var e = 1'); e + known"), "2");
        assert_eq!(eval(scope, "box.e"), "1");
        scope.collect_garbage();
        assert_eq!(run(scope, "f()"), "threw ReferenceError: a is not defined");
    });
}

#[test]
fn code_from_strings_can_be_forbidden() {
    with_context(|scope| {
        let rules = ContextRules { forbid_strings: true, forbid_wasm: true, keep_microtasks: false };
        let context = scope.new_context(rules).expect("a context");
        let global = scope.global();
        global.set(scope, "theirs", context.value()).expect("set");
        assert_eq!(
            eval(scope, "theirs.eval('1')"),
            "threw EvalError: Code generation from strings disallowed for this context"
        );
        assert_eq!(eval(scope, "eval('1')"), "1");
    });
}

/// The engine of releases has no gczeal, so this layer collects before every value it makes, while all other tests run
/// again.
#[test]
fn everything_holds_when_garbage_is_collected_at_every_allocation() {
    if std::env::var_os(COLLECT_ALWAYS).is_some() {
        return;
    }
    let tests = std::env::current_exe().expect("the test's own path");
    let output = std::process::Command::new(tests).env(COLLECT_ALWAYS, "1").output().expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
}
