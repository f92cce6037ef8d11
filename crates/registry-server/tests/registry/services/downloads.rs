//! Downloads, counted without writing and told by day and version; stars as pnpm asks for them.

use serde_json::{Value, json};
use test_support::plain_http::Answer;
use test_support::{FixturePackage, Keeping};

use super::served::Served;

fn download(served: &Served, path: &str, headers: &[(&str, &str)]) -> Answer {
    served.send("GET", path, headers, b"")
}

#[track_caller]
fn told(served: &Served, path: &str) -> Value {
    let answer = served.get(path);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[test]
fn whole_tarballs_that_were_sent_are_counted_by_day_and_version() {
    for keeping in Keeping::all() {
        let served = Served::keeping(keeping, "", |_| {});
        for version in ["1.0.0", "1.1.0"] {
            served.publish(&FixturePackage::new("@acme/tool", version));
        }
        let path = "/@acme/tool/-/tool-1.0.0.tgz";
        let etag = download(&served, path, &[]).header("etag").expect("an etag").to_owned();
        download(&served, path, &[("Range", "bytes=0-3")]);
        download(&served, path, &[("If-None-Match", &etag)]);
        served.send("HEAD", path, &[], b"");
        download(&served, "/@acme/tool/-/tool-9.0.0.tgz", &[]);
        download(&served, "/@acme/tool/-/tool-1.1.0.tgz", &[]);
        served.pass(24 * 3600);
        download(&served, path, &[]);
        let point =
            json!({ "downloads": 3, "start": "2026-01-05", "end": "2026-01-11", "package": "@acme/tool" });
        let range = json!([{ "downloads": 2, "day": "2026-01-10" }, { "downloads": 1, "day": "2026-01-11" }]);
        // before they are written and after
        for _ in 0..2 {
            assert_eq!(told(&served, "/downloads/point/last-week/@acme/tool"), point);
            assert_eq!(told(&served, "/downloads/point/last-week/@acme%2ftool"), point);
            assert_eq!(told(&served, "/downloads/point/2026-01-11")["downloads"], 1);
            assert_eq!(
                told(&served, "/downloads/range/2026-01-10:2026-01-11/@acme/tool")["downloads"],
                range
            );
            let versions = told(&served, "/versions/@acme%2ftool/last-week");
            assert_eq!(versions["downloads"], json!({ "1.0.0": 2, "1.1.0": 1 }));
            served.runtime.block_on(served.registry.write_downloads()).expect("a database");
        }
        download(&served, path, &[]);
        assert_eq!(told(&served, "/downloads/point/last-day/@acme/tool")["downloads"], 2);
    }
}

#[test]
fn downloads_are_told_of_what_there_is_and_may_be_seen() {
    let served = Served::by("");
    for name in ["tool", "other"] {
        served.publish(&FixturePackage::new(name, "1.0.0"));
    }
    assert_eq!(told(&served, "/downloads/point/last-day/tool")["downloads"], 0);
    let several = told(&served, "/downloads/point/last-day/tool,other,none");
    assert_eq!((&several["tool"]["downloads"], &several["none"]), (&json!(0), &Value::Null));
    for (path, status) in [
        ("/downloads/point/last-day/none", 404),
        ("/downloads/point/last-decade/tool", 400),
        ("/downloads/range/2026-01-02:2026-01-01/tool", 400),
        ("/downloads/point/last-day/..%2f", 404),
        ("/versions/tool", 404),
    ] {
        assert_eq!(served.get(path).status, status, "{path}");
    }
    let closed = Served::keeping(Keeping::Embedded, "[access]\nanonymous_read = false", |options| {
        options.everyone = None;
    });
    assert_eq!(closed.get("/downloads/point/last-day").status, 401);
}

#[test]
fn stars_are_given_listed_and_taken_back_by_name() {
    let served = Served::by("");
    served.publish(&FixturePackage::new("@acme/tool", "1.0.0"));
    let star = "/-/user/v1/star";
    let body = json!({ "name": "@acme/tool", "package": "@acme/tool" });
    assert_eq!(told(&served, star), json!([]));
    assert_eq!(served.json("PUT", star, &body).status, 200);
    assert_eq!(told(&served, star), json!(["@acme/tool"]));
    assert_eq!(told(&served, "/@acme/tool")["users"], json!({ "ann": true }));
    assert_eq!(served.json("DELETE", star, &body).status, 200);
    assert_eq!(told(&served, star), json!([]));
    for (body, status) in
        [(json!({}), 400), (json!({ "name": "../x" }), 400), (json!({ "name": "none" }), 404)]
    {
        assert_eq!(served.json("PUT", star, &body).status, status, "{body}");
    }
}
