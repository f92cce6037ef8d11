//! Bodies of publications, honest and hostile, packed and not.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use test_support::{FixturePackage, publication};

use super::served::Served;

const PACKED: [(&str, &str); 1] = [("Content-Encoding", "gzip")];

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn package(version: &str) -> FixturePackage {
    let noise: Vec<u8> =
        (0..300_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    FixturePackage::new("tool", version).file("noise.bin", noise)
}

/// The members of a body in an order of one's own.
fn ordered(body: &Value, order: &[&str]) -> String {
    let members: Vec<String> = order.iter().map(|key| format!("{}:{}", json!(key), body[key])).collect();
    format!("{{{}}}", members.join(","))
}

#[test]
fn publications_come_in_any_order_and_packed() {
    let served = Served::by("");
    let order = ["_id", "name", "_attachments", "dist-tags", "versions", "access"];
    for (minor, (order, is_packed)) in
        [(order.to_vec(), false), (order.iter().rev().copied().collect(), false), (order.to_vec(), true)]
            .into_iter()
            .enumerate()
    {
        let package = package(&format!("1.{minor}.0"));
        let body = ordered(&publication(&package), &order);
        let answer = match is_packed {
            true => served.send("PUT", "/tool", &PACKED, &packed(body.as_bytes())),
            false => served.send("PUT", "/tool", &[], body.as_bytes()),
        };
        assert_eq!(answer.status, 201, "{}", answer.text());
        let tarball = served.get(&format!("/tool/-/tool-1.{minor}.0.tgz"));
        assert!(tarball.body == package.tarball());
    }
    // nothing that was staged stays
    let staged = std::fs::read_dir(served.folder.path().join("blobs/incoming")).expect("the folder");
    assert_eq!(staged.count(), 0);
}

#[test]
fn hostile_bodies_are_refused_and_leave_nothing() {
    let served = Served::by("[limits]\npublish_body = \"2 MiB\"");
    let honest = publication(&package("1.0.0"));
    let text = honest.to_string();
    let data = honest["_attachments"]["tool-1.0.0.tgz"]["data"].as_str().expect("data").to_owned();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut body = honest.clone();
        change(&mut body);
        body.to_string().into_bytes()
    };
    let replaced = |from: &str, to: &str| text.replacen(from, to, 1).into_bytes();
    let again = format!("\"_attachments\":{{\"tool-1.0.0.tgz\":{{\"data\":\"{data}\"}}}},\"_id\"");
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    let rows: Vec<(&str, u16, Vec<u8>)> = vec![
        ("cut off", 400, text.as_bytes()[..text.len() / 2].to_vec()),
        ("cut off", 400, text.as_bytes()[..text.len() - 1].to_vec()),
        ("not base64", 400, replaced(&data[1000..1010], "@@@@@@@@@@")),
        ("not base64", 400, replaced(&data[1000..1010], "\\u0041AAAAAAAAA")),
        (
            "several tarballs",
            400,
            with(&|body| {
                body["_attachments"]["tool-1.0.0.tar.tgz"] = json!({ "data": "AAAA" });
                body["_attachments"]["other.tgz"] = json!({ "data": "AAAA" });
            }),
        ),
        (
            "neither the version's",
            400,
            with(&|body| {
                body["_attachments"]["../tool-1.0.0.tgz"] = json!({ "data": "AAAA" });
            }),
        ),
        (
            "several tarballs",
            400,
            with(&|body| {
                body["_attachments"]["tool-1.0.0.tgz"]["data"] = json!(data);
                body["name"] = json!("tool");
                body["_attachments"]["@x/tool-1.0.0.tgz"] = json!({ "data": "AAAA" });
                body["_attachments"]["y.tgz"] = json!({ "data": "AAAA" });
            }),
        ),
        ("duplicate field", 400, replaced("\"_id\"", &again)),
        ("is missing", 400, with(&|body| body["_attachments"]["tool-1.0.0.tgz"]["data"] = json!(""))),
        ("neither the version's", 400, replaced("\"versions\":{\"1.0.0\":", "\"versions\":{\"__proto__\":")),
        ("nested too deeply", 400, "{\"a\":".repeat(10_000).into_bytes()),
        ("nested too deeply", 400, replaced("\"dist\":{", &format!("\"x\":{deep},\"dist\":{{"))),
        ("more than", 413, with(&|body| body["readme"] = json!("x".repeat(3 << 20)))),
    ];
    for (says, status, body) in rows {
        for is_packed in [false, true] {
            let answer = match is_packed {
                true => served.send("PUT", "/tool", &PACKED, &packed(&body)),
                false => served.send("PUT", "/tool", &[], &body),
            };
            assert_eq!(answer.status, status, "{says} {is_packed}: {}", answer.text());
            assert!(answer.text().contains(says), "{says} {is_packed}: {}", answer.text());
        }
    }
    let bomb = packed(&vec![b' '; 100 << 20]);
    assert_eq!(served.send("PUT", "/tool", &PACKED, &bomb).status, 413);
    let cut = packed(text.as_bytes());
    for wrong in [&cut[..cut.len() / 2], b"not packed", b""] {
        assert_eq!(served.send("PUT", "/tool", &PACKED, wrong).status, 400);
    }
    assert_eq!(served.get("/tool").status, 404);
    let staged = std::fs::read_dir(served.folder.path().join("blobs/incoming")).expect("the folder");
    assert_eq!(staged.count(), 0);
    assert_eq!(served.send("PUT", "/tool", &[], text.as_bytes()).status, 201);
}
