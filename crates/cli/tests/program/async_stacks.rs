//! Stacks go on below the code that runs, with who waits for it. Columns are left out: where Node shows the word `await`,
//! knit shows what is awaited.

use crate::check;

/// What each program begins with: `show` prints a stack without the folder and the columns.
const SHOW: &str = "
    const show = (error) => console.log(error.stack.replace(/(?:file:)?[/][^\\s()]*[/]/g, '').replace(/:\\d+(?=\\)?$)/gm, ''));
    async function inner() { await 1; throw new Error('inner'); }
    async function outer() { await inner(); }
";

fn check_stack(text: &str, lines: &[&str]) {
    check("program.mjs", &format!("{}{text}", SHOW.replace('\n', " ")), lines);
}

#[test]
fn functions_that_await_each_other() {
    check_stack(
        "const arrow = async () => { return await outer(); };\n\
         const { method } = { async method() { await arrow(); } };\n\
         await method().catch(show);",
        &[
            "Error: inner",
            "    at inner (program.mjs:1)",
            "    at async outer (program.mjs:1)",
            "    at async arrow (program.mjs:1)",
            "    at async method (program.mjs:2)",
            "    at async program.mjs:3",
        ],
    );
}

#[test]
fn what_throws_may_be_a_call_further_down_or_the_engine() {
    check_stack(
        "function sync() { throw new Error('sync'); }\n\
         async function calls() { await 1;\n sync(); }\n\
         async function waits() { await calls(); }\n\
         await waits().catch(show);\n\
         async function wrong() { await 1; undefined.x; }\n\
         try { await wrong(); } catch (error) { show(error); }",
        &[
            "Error: sync",
            "    at sync (program.mjs:1)",
            "    at calls (program.mjs:3)",
            "    at async waits (program.mjs:4)",
            "    at async program.mjs:5",
            "TypeError: Cannot read properties of undefined (reading 'x')",
            "    at wrong (program.mjs:6)",
            "    at async program.mjs:7",
        ],
    );
}

#[test]
fn combinations_of_promises() {
    check_stack(
        "async function all() { await Promise.all([1, inner()]); }\n\
         await all().catch(show);\n\
         async function any() { await Promise.any([inner()]); }\n\
         await any().catch((error) => show(error.errors[0]));\n\
         async function settled() { return (await Promise.allSettled([0, 0, inner()]))[2].reason; }\n\
         show(await settled());\n\
         async function race() { await Promise.race([inner()]); }\n\
         await race().catch(show);",
        &[
            "Error: inner",
            "    at inner (program.mjs:1)",
            "    at async Promise.all (index 1)",
            "    at async all (program.mjs:1)",
            "    at async program.mjs:2",
            "Error: inner",
            "    at inner (program.mjs:1)",
            "    at async Promise.any (index 0)",
            "    at async any (program.mjs:3)",
            "    at async program.mjs:4",
            "Error: inner",
            "    at inner (program.mjs:1)",
            "    at async Promise.allSettled (index 2)",
            "    at async settled (program.mjs:5)",
            "    at async program.mjs:6",
            "Error: inner",
            "    at inner (program.mjs:1)",
            "    at async race (program.mjs:7)",
            "    at async program.mjs:8",
        ],
    );
}

#[test]
fn callbacks_of_promises_and_generators() {
    check_stack(
        "async function then() { await Promise.resolve().then(function called() { throw new Error('then'); }); }\n\
         await then().catch(show);\n\
         async function made() { await new Promise((resolve, reject) => inner().then(resolve, reject)); }\n\
         await made().catch(show);\n\
         async function* values() { yield 1; await 1;\n throw new Error('values'); }\n\
         async function loop() { for await (const value of values()); }\n\
         await loop().catch(show);",
        &[
            "Error: then",
            "    at called (program.mjs:1)",
            "    at async then (program.mjs:1)",
            "    at async program.mjs:2",
            "Error: inner",
            "    at inner (program.mjs:1)",
            "    at async made (program.mjs:3)",
            "    at async program.mjs:4",
            "Error: values",
            "    at values (program.mjs:6)",
            "    at async loop (program.mjs:7)",
            "    at async program.mjs:8",
        ],
    );
}

/// With two who wait there is no one chain; V8 shows none either.
#[test]
fn only_where_one_waits() {
    check_stack(
        "async function two() { const promise = inner(); promise.catch(() => {}); await promise; }\n\
         await two().catch(show);\n\
         setTimeout(() => console.log(new Error('timer').stack.includes('async')), 1);",
        &["Error: inner", "    at inner (program.mjs:1)", "false"],
    );
}

#[test]
fn promises_in_a_circle() {
    check_stack(
        "let first, second;\n\
         const one = new Promise((resolve) => { first = resolve; });\n\
         const other = new Promise((resolve) => { second = resolve; });\n\
         one.then(second); other.then(first);\n\
         async function settles() { await 1; show(new Error('settles')); }\n\
         settles().then(first);",
        &["Error: settles", "    at settles (program.mjs:5)"],
    );
}

/// The frames of a chain that is longer than anyone would read are not looked for.
#[test]
fn a_long_chain() {
    check_stack(
        "let chain = (async () => { await 1; show(new Error('first')); })();\n\
         for (let i = 0; i < 100_000; i++) chain = chain.then(() => i);\n\
         console.log(await chain);",
        &["Error: first", "    at program.mjs:1", "99999"],
    );
}

#[test]
fn the_limit_counts_them_and_call_sites_know_them() {
    check_stack(
        "Error.stackTraceLimit = 2;\n\
         await outer().catch(show);\n\
         Error.stackTraceLimit = 10;\n\
         async function all() { await Promise.all([inner()]); }\n\
         Error.prepareStackTrace = (_, sites) => sites;\n\
         for (const site of await all().catch((error) => error.stack)) {\n\
           console.log(site.getFunctionName(), site.isAsync(), site.isPromiseAll(), site.getPromiseIndex());\n\
         }\n\
         const object = {};\n\
         Error.prepareStackTrace = undefined;\n\
         async function captures() { await 1; Error.captureStackTrace(object); }\n\
         async function waits() { await captures(); }\n\
         await waits(); show(object);",
        &[
            "Error: inner",
            "    at inner (program.mjs:1)",
            "    at async outer (program.mjs:1)",
            "inner false false null",
            "all true true 0",
            "all true false null",
            "null true false null",
            "Error",
            "    at captures (program.mjs:11)",
            "    at async waits (program.mjs:12)",
            "    at async program.mjs:13",
        ],
    );
}

/// Such an error is made where no function runs. The frames of builtins are knit's own.
#[test]
fn promises_that_the_system_rejects() {
    check_stack(
        "import { promises } from 'node:fs';\n\
         async function reads() { await promises.stat('./nowhere'); }\n\
         await reads().catch((error) => {\n\
           show({ stack: error.stack.split('\\n').filter((line) => !line.includes('node:')).join('\\n') });\n\
         });",
        &[
            "Error: ENOENT: no such file or directory, stat './nowhere'",
            "    at async reads (program.mjs:2)",
            "    at async program.mjs:3",
        ],
    );
}
