//! Projects for the commands that look at what is installed. What they say of them was compared with npm 11.19.1,
//! to the byte where nothing else is said beside a row.

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

/// Writes the package.json of a package below `project`.
fn package(sandbox: &Sandbox, folder: &str, name: &str, version: &str, more: Value) {
    let mut members = json!({ "name": name, "version": version });
    if let (Some(members), Value::Object(more)) = (members.as_object_mut(), more) {
        members.extend(more);
    }
    sandbox.file(&format!("project/{folder}/package.json"), &members.to_string());
}

/// Every kind of dependency, a cycle, a copy, funding and licenses; and a lockfile.
pub fn whole() -> Sandbox {
    let sandbox = Sandbox::new();
    package(
        &sandbox,
        ".",
        "demo",
        "1.0.0",
        json!({
            "description": "a demo",
            "funding": "https://root.example/",
            "dependencies": { "a": "^1.0.0", "@s/c": "1" },
            "devDependencies": { "d": "*" },
            "optionalDependencies": { "o": "1", "absent": "2" },
        }),
    );
    package(
        &sandbox,
        "node_modules/a",
        "a",
        "1.2.0",
        json!({
            "dependencies": { "b": "^1.0.0" }, "description": "the a", "license": "MIT",
            "author": "Ann <a@b.c>", "homepage": "https://a.example/", "funding": "https://fund.example/a",
        }),
    );
    package(
        &sandbox,
        "node_modules/b",
        "b",
        "1.0.0",
        json!({
            "dependencies": { "a": "1" }, "license": "(MIT OR Apache-2.0)",
            "funding": [{ "type": "individual", "url": "https://fund.example/b" }, "https://fund.example/b2"],
        }),
    );
    package(
        &sandbox,
        "node_modules/@s/c",
        "@s/c",
        "1.0.0",
        json!({
            "dependencies": { "b": "2" }, "peerDependencies": { "a": "1" },
            "funding": { "url": "https://fund.example/a" },
        }),
    );
    package(&sandbox, "node_modules/@s/c/node_modules/b", "b", "2.0.0", json!({ "private": true }));
    let more =
        json!({ "dependencies": { "e": "1" }, "keywords": ["one", "two"], "scripts": { "test": "x" } });
    package(&sandbox, "node_modules/d", "d", "3.0.0", more);
    package(
        &sandbox,
        "node_modules/e",
        "e",
        "1.0.0",
        json!({
            "dependencies": { "b": "1" },
            "peerDependencies": { "zz": "1" }, "peerDependenciesMeta": { "zz": { "optional": true } },
        }),
    );
    let more = json!({ "contributors": [{ "name": "x", "email": "x@y.z" }, { "name": "ruy" }] });
    package(&sandbox, "node_modules/o", "o", "1.0.0", more);
    sandbox.file("project/package-lock.json", &whole_lockfile().to_string());
    sandbox
}

fn whole_lockfile() -> Value {
    let entry = |name: &str, version: &str| {
        json!({
            "version": version,
            "resolved": format!("https://registry.example/{name}/-/{name}-{version}.tgz"),
            "integrity": format!("sha512-{}AA==", "AAAA".repeat(21)),
        })
    };
    json!({
        "name": "demo", "version": "1.0.0", "lockfileVersion": 3, "requires": true,
        "packages": {
            "": {
                "name": "demo", "version": "1.0.0",
                "dependencies": { "a": "^1.0.0", "@s/c": "1" },
                "devDependencies": { "d": "*" },
                "optionalDependencies": { "o": "1", "absent": "2" },
            },
            "node_modules/@s/c": entry("c", "1.0.0"),
            "node_modules/@s/c/node_modules/b": entry("b", "2.0.0"),
            "node_modules/a": entry("a", "1.2.0"),
            "node_modules/b": entry("b", "1.0.0"),
            "node_modules/d": entry("d", "3.0.0"),
            "node_modules/e": entry("e", "1.0.0"),
            "node_modules/o": entry("o", "1.0.0"),
        },
    })
}

/// Packages that are missing, that do not fit, that nothing depends on, that an override and an alias chose.
pub fn broken() -> Sandbox {
    let sandbox = Sandbox::new();
    package(
        &sandbox,
        ".",
        "trouble",
        "0.1.0",
        json!({
            "dependencies": { "a": "^2.0.0", "gone": "1", "gone2": "^3", "g": "npm:real-g@1", "ov": "1" },
            "devDependencies": { "b": "1", "dgone": "1" },
            "optionalDependencies": { "og": "1" },
            "overrides": { "deep": "2.0.0" },
        }),
    );
    package(&sandbox, "node_modules/a", "a", "1.2.0", json!({ "dependencies": { "b": "^2.0.0", "x": "1" } }));
    let more = json!({ "dependencies": { "y": "1" }, "peerDependencies": { "a": "3" } });
    package(&sandbox, "node_modules/b", "b", "1.0.0", more);
    package(&sandbox, "node_modules/ov", "ov", "1.0.5", json!({ "dependencies": { "deep": "1" } }));
    package(&sandbox, "node_modules/deep", "deep", "2.0.0", json!({}));
    package(&sandbox, "node_modules/g", "real-g", "1.0.0", json!({}));
    package(&sandbox, "node_modules/extra", "extra", "1.0.0", json!({ "dependencies": { "extra2": "1" } }));
    package(&sandbox, "node_modules/extra2", "extra2", "1.0.0", json!({}));
    sandbox
}

/// Two workspaces, of which one depends on the other.
pub fn workspaces() -> Sandbox {
    let sandbox = Sandbox::new();
    let more = json!({
        "workspaces": ["packages/*"], "dependencies": { "a": "1", "w2": "*" }, "devDependencies": { "t": "1" },
    });
    package(&sandbox, ".", "mono", "1.0.0", more);
    let more = json!({ "dependencies": { "b": "1", "w2": "^2.0.0" }, "devDependencies": { "t": "1" } });
    package(&sandbox, "packages/w1", "w1", "1.0.0", more);
    package(&sandbox, "packages/w2", "w2", "2.1.0", json!({ "funding": "https://w2.example/" }));
    package(&sandbox, "packages/w1/node_modules/b", "b", "1.1.0", json!({ "dependencies": { "c": "1" } }));
    for (name, version) in [("a", "1.0.0"), ("c", "1.0.0"), ("t", "1.0.0")] {
        package(&sandbox, &format!("node_modules/{name}"), name, version, json!({}));
    }
    for name in ["w1", "w2"] {
        let link = sandbox.path(&format!("project/node_modules/{name}"));
        std::os::unix::fs::symlink(format!("../packages/{name}"), link).expect("linked");
    }
    sandbox
}
