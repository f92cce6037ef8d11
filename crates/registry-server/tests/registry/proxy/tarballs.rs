//! Tarballs: passed on while they come, kept only when they are whole and right, within a size.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use serde_json::json;
use test_support::plain_http::request;
use test_support::{Fault, FixturePackage, Keeping, NetworkLimits, Recorder, TestRegistry, Times};

use super::proxied::{Proxied, eventually};

const PATH: &str = "/big/-/big-1.0.0.tgz";

/// Bytes that no compression makes smaller.
fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

fn big() -> FixturePackage {
    // packed once: that takes longer than what is tested
    static TARBALL: OnceLock<Vec<u8>> = OnceLock::new();
    let package = FixturePackage::new("big", "1.0.0");
    let with_noise = || package.clone().file("noise.bin", noise(1_500_000, 7)).tarball();
    package.clone().with_tarball(TARBALL.get_or_init(with_noise).clone())
}

#[test]
fn a_tarball_is_fetched_once_and_kept() {
    for keeping in Keeping::all() {
        let upstream = TestRegistry::with([big()]);
        let proxied = Proxied::keeping(keeping, &upstream.url(), "");
        let first = proxied.get(PATH);
        assert_eq!(first.status, 200);
        assert!(first.body == big().tarball());
        assert_eq!(first.header("cache-control"), Some("public, max-age=31536000, immutable"));
        drop(upstream);
        let again = proxied.get(PATH);
        assert!(again.body == first.body);
        let part = proxied.get_with(PATH, &[("Range", "bytes=1000-1999")]);
        assert_eq!((part.status, part.body.as_slice()), (206, &first.body[1000..2000]));
        let head = request(&proxied.host(), "HEAD", PATH, &[]);
        assert_eq!(head.header("content-length"), Some(first.body.len().to_string().as_str()));
        let etag = again.header("etag").expect("a tag").to_owned();
        assert_eq!(proxied.get_with(PATH, &[("If-None-Match", &etag)]).status, 304);
    }
}

#[test]
fn many_who_want_it_at_once_share_one_download_each_at_its_own_pace() {
    let upstream = TestRegistry::with([big()]);
    let proxied = Proxied::of(&upstream.url(), "");
    proxied.get("/big");
    upstream.clear_requests();
    upstream.limit(NetworkLimits { bytes_per_second: Some(3_000_000), ..NetworkLimits::default() });
    let expected = big().tarball();
    thread::scope(|scope| {
        let whole: Vec<_> = (0..8).map(|_| scope.spawn(|| proxied.get(PATH).body)).collect();
        let part = scope.spawn(|| proxied.get_with(PATH, &[("Range", "bytes=-100")]));
        let slow = scope.spawn(|| slowly(&proxied.host(), PATH));
        for got in whole {
            assert!(got.join().expect("an answer") == expected);
        }
        let part = part.join().expect("an answer");
        assert_eq!((part.status, part.body.as_slice()), (206, &expected[expected.len() - 100..]));
        assert!(slow.join().expect("an answer").ends_with(&expected));
    });
    assert_eq!(upstream.request_lines(), [format!("GET {PATH}")]);
}

/// Reads an answer with pauses; head and body.
fn slowly(host: &str, path: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(host).expect("a connection");
    stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: x\r\n\r\n").as_bytes()).expect("a request");
    let mut answer = Vec::new();
    let mut block = vec![0; 64 << 10];
    loop {
        match stream.read(&mut block).expect("an answer") {
            0 => return answer,
            read => answer.extend_from_slice(&block[..read]),
        }
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn who_leaves_in_the_middle_does_not_end_the_download() {
    let upstream = TestRegistry::with([big()]);
    let proxied = Proxied::of(&upstream.url(), "");
    upstream.limit(NetworkLimits { bytes_per_second: Some(4_000_000), ..NetworkLimits::default() });
    {
        let mut leaves = TcpStream::connect(proxied.host()).expect("a connection");
        leaves.write_all(format!("GET {PATH} HTTP/1.0\r\nHost: x\r\n\r\n").as_bytes()).expect("a request");
        let mut first = [0; 1000];
        leaves.read_exact(&mut first).expect("the beginning of an answer");
    }
    // the packument and the tarball
    eventually("both are kept", || {
        let kept = proxied.kept_files();
        kept.len() == 2 && kept.iter().all(|path| !path.to_string_lossy().contains("incoming"))
    });
    drop(upstream);
    assert!(proxied.get(PATH).body == big().tarball());
}

#[test]
fn a_tarball_that_breaks_or_is_not_the_right_one_is_cut_off_and_never_kept() {
    let length = big().tarball().len();
    let other = FixturePackage::new("big", "1.0.0").file("noise.bin", noise(1_500_000, 8)).tarball();
    for (what, fault, status) in [
        ("cut off at once", Fault::Truncated { bytes: 0 }, 503),
        ("cut off in the middle", Fault::Truncated { bytes: length / 2 }, 200),
        ("cut off at the end", Fault::Truncated { bytes: length - 1 }, 200),
        ("silent in the middle", Fault::Stalled { bytes: length / 2 }, 200),
        ("one byte is wrong", Fault::Corrupted, 200),
        ("all bytes are others", Fault::Replaced(other), 200),
        ("it is empty", Fault::Replaced(Vec::new()), 503),
        ("an error in HTML", Fault::Replaced(b"<html>sorry</html>".to_vec()), 503),
        ("500", Fault::Status(500), 503),
        ("403", Fault::Status(403), 503),
        ("429", Fault::TooManyRequests { retry_after: 5 }, 503),
        ("404", Fault::Status(404), 404),
    ] {
        let upstream = TestRegistry::with([big()]);
        let proxied = Proxied::of(&upstream.url(), "timeout = \"300ms\"");
        assert_eq!(proxied.get("/big").status, 200);
        upstream.fault(PATH, fault, Times::Always);
        for _ in 0..2 {
            let broken = proxied.get(PATH);
            assert_eq!(
                broken.status,
                status,
                "{what}: {}",
                String::from_utf8_lossy(&broken.body[..broken.body.len().min(200)])
            );
            if status == 200 {
                let promised =
                    broken.header("content-length").and_then(|length| length.parse::<usize>().ok());
                let promised = promised.expect("a length");
                assert!(broken.body.len() < promised, "{what}: it must not look whole");
            }
        }
        eventually("nothing but the packument is kept", || proxied.kept_files().len() == 1);
        upstream.clear_faults();
        let right = proxied.get(PATH);
        assert!(right.status == 200 && right.body == big().tarball(), "{what}");
    }
}

#[test]
fn a_transfer_that_breaks_once_is_begun_again_unnoticed() {
    let length = big().tarball().len();
    for fault in [Fault::Truncated { bytes: length / 2 }, Fault::Truncated { bytes: 0 }, Fault::Status(503)] {
        let upstream = TestRegistry::with([big()]);
        let proxied = Proxied::of(&upstream.url(), "");
        upstream.fault(PATH, fault.clone(), Times::First(1));
        let answer = proxied.get(PATH);
        assert!(answer.status == 200 && answer.body == big().tarball(), "{fault:?}");
    }
}

#[test]
fn an_upstream_killed_in_the_middle_leaves_nothing_behind() {
    let upstream = TestRegistry::with([big()]);
    let proxied = Proxied::of(&upstream.url(), "connect_timeout = \"500ms\"\ntimeout = \"1s\"");
    proxied.get("/big");
    upstream.limit(NetworkLimits { bytes_per_second: Some(1_000_000), ..NetworkLimits::default() });
    let answer = thread::scope(|scope| {
        let asking = scope.spawn(|| proxied.get(PATH));
        eventually("the download is under way", || {
            let staged =
                proxied.kept_files().into_iter().find(|path| path.to_string_lossy().contains("incoming"));
            staged.and_then(|path| path.metadata().ok()).is_some_and(|metadata| metadata.len() > 200_000)
        });
        drop(upstream);
        asking.join().expect("an answer")
    });
    assert!(answer.body.len() < big().tarball().len());
    assert!(big().tarball().starts_with(&answer.body), "what came before was right");
    eventually("only the packument is kept", || proxied.kept_files().len() == 1);
    assert_eq!(proxied.get(PATH).status, 503);
}

#[test]
fn a_first_request_for_a_part_waits_for_the_whole() {
    let upstream = TestRegistry::with([big()]);
    let proxied = Proxied::of(&upstream.url(), "");
    let part = proxied.get_with(PATH, &[("Range", "bytes=10-19")]);
    assert_eq!((part.status, part.body.as_slice()), (206, &big().tarball()[10..20]));
    let length = big().tarball().len();
    assert_eq!(part.header("content-range"), Some(format!("bytes 10-19/{length}").as_str()));
    let outside = proxied.get_with(PATH, &[("Range", "bytes=99999999-")]);
    assert_eq!(outside.status, 416);

    let upstream = TestRegistry::with([big()]);
    upstream.fault(PATH, Fault::Corrupted, Times::Always);
    let proxied = Proxied::of(&upstream.url(), "");
    assert_eq!(proxied.get_with(PATH, &[("Range", "bytes=10-19")]).status, 503);
}

#[test]
fn what_was_asked_for_longest_ago_goes_when_there_is_no_room() {
    let packages: Vec<FixturePackage> = (0..4_u64)
        .map(|seed| {
            FixturePackage::new(&format!("p{seed}"), "1.0.0").file("noise.bin", noise(300_000, seed + 1))
        })
        .collect();
    let upstream = TestRegistry::with(packages.clone());
    let proxied = Proxied::of(&upstream.url(), "[cache]\ntarballs = \"1 MB\"");
    let path = |seed: u64| format!("/p{seed}/-/p{seed}-1.0.0.tgz");
    for seed in 0..3 {
        assert_eq!(proxied.get(&path(seed)).status, 200);
        eventually("it is kept", || proxied.kept_files().len() == 2 * (seed as usize + 1));
        proxied.pass(3700);
    }
    // the first one is asked for again, so the second is now the one that nobody asked for the longest
    assert_eq!(proxied.get(&path(0)).status, 200);
    proxied.pass(60);
    assert_eq!(proxied.get(&path(3)).status, 200);
    let tarballs = || {
        let sizes = proxied.kept_files().into_iter().filter_map(|path| Some(path.metadata().ok()?.len()));
        sizes.filter(|size| *size > 100_000).collect::<Vec<_>>()
    };
    eventually("there is room", || tarballs().len() < 4 && tarballs().iter().sum::<u64>() <= 1_000_000);
    upstream.clear_requests();
    assert_eq!(proxied.get(&path(0)).status, 200);
    assert_eq!(proxied.get(&path(3)).status, 200);
    assert!(upstream.requests().iter().all(|request| !request.path.contains("/-/")), "both are kept");
    assert_eq!(proxied.get(&path(1)).status, 200);
    assert!(upstream.requests().iter().any(|request| request.path == path(1)), "it was evicted");
}

#[test]
fn what_was_damaged_or_published_anew_is_fetched_again() {
    let upstream = TestRegistry::with([big()]);
    let proxied = Proxied::of(&upstream.url(), "");
    proxied.get(PATH);
    eventually("it is kept", || proxied.kept_files().len() == 2);
    let tarball = |proxied: &Proxied| {
        let of_size =
            |path: &std::path::PathBuf| path.metadata().is_ok_and(|metadata| metadata.len() > 100_000);
        proxied.kept_files().into_iter().find(of_size).expect("the tarball")
    };
    std::fs::write(tarball(&proxied), b"short").expect("damage");
    assert!(proxied.get(PATH).body == big().tarball());
    eventually("it is kept again", || proxied.get(PATH).status == 200 && proxied.kept_files().len() == 2);
    // the same version with other contents: a registry that allows it has the right to
    let anew = FixturePackage::new("big", "1.0.0").file("noise.bin", noise(1_500_000, 9));
    upstream.publish(anew.clone());
    proxied.pass(3600);
    proxied.get("/big");
    assert!(proxied.get(PATH).body == anew.tarball());
}

#[test]
fn credentials_go_to_the_upstream_and_nowhere_else() {
    let elsewhere = Recorder::start();
    let package = FixturePackage::new("pkg", "1.0.0");
    elsewhere.answer("GET", "/files/pkg.tgz", test_support::Answer::new(200, package.tarball()));
    let upstream = TestRegistry::with([package.clone()]);
    upstream.require_authorization("Bearer upstream-secret");
    let location = format!("{}files/pkg.tgz", elsewhere.url());
    upstream.fault("/pkg/-/*", Fault::Redirected(location), Times::Always);
    let proxied = Proxied::of(&upstream.url(), "token_env = \"TOKEN\"");
    assert_eq!(proxied.get("/pkg").status, 200);
    // what a client shows is for this registry, which does not know it
    let stranger = proxied.get_with("/pkg/-/pkg-1.0.0.tgz", &[("Authorization", "Bearer client-secret")]);
    assert_eq!(stranger.status, 401);
    let answer = proxied.get("/pkg/-/pkg-1.0.0.tgz");
    assert!(answer.status == 200 && answer.body == package.tarball());
    let asked = elsewhere.take_requests();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].header("authorization"), None);
    assert!(upstream.requests().iter().all(|request| request.status == 200 || request.status == 302));
}

#[test]
fn tarballs_that_a_packument_has_elsewhere_are_fetched_there() {
    let elsewhere = Recorder::start();
    let package = FixturePackage::new("pkg", "1.0.0");
    elsewhere.answer("GET", "/cdn/odd-name.tgz", test_support::Answer::new(200, package.tarball()));
    let upstream = Recorder::start();
    let dist = json!({ "tarball": format!("{}cdn/odd-name.tgz", elsewhere.url()), "integrity": package.integrity() });
    let document = json!({
        "name": "pkg", "dist-tags": { "latest": "1.0.0" },
        "versions": { "1.0.0": { "name": "pkg", "version": "1.0.0", "dist": dist } },
    });
    upstream.answer("GET", "/pkg", test_support::Answer::json(200, &document));
    let proxied = Proxied::of(&upstream.url(), "token_env = \"TOKEN\"");
    let shown = proxied.get("/pkg").json()["versions"]["1.0.0"]["dist"]["tarball"].clone();
    assert_eq!(shown, format!("http://{}/pkg/-/odd-name.tgz", proxied.host()));
    assert!(proxied.get("/pkg/-/odd-name.tgz").body == package.tarball());
    assert_eq!(elsewhere.take_requests()[0].header("authorization"), None);
    assert_eq!(proxied.get("/pkg/-/pkg-1.0.0.tgz").status, 404);
}

#[test]
fn old_packuments_have_only_a_sha1_and_those_without_any_digest_are_refused() {
    let package = FixturePackage::new("pkg", "1.0.0");
    for (dist, status) in [
        (json!({ "shasum": sha1(&package.tarball()) }), 200),
        (json!({ "shasum": "0000000000000000000000000000000000000000" }), 503),
        (json!({}), 502),
        (json!({ "integrity": "md5-AAAAAAAAAAAAAAAAAAAAAA==" }), 502),
    ] {
        let upstream = Recorder::start();
        let mut dist = dist;
        dist["tarball"] = format!("{}pkg/-/pkg-1.0.0.tgz", upstream.url()).into();
        let versions = json!({ "1.0.0": { "name": "pkg", "version": "1.0.0", "dist": dist } });
        let document = json!({ "name": "pkg", "dist-tags": {}, "versions": versions });
        upstream.answer("GET", "/pkg", test_support::Answer::json(200, &document));
        upstream.answer("GET", "/pkg/-/pkg-1.0.0.tgz", test_support::Answer::new(200, package.tarball()));
        let proxied = Proxied::of(&upstream.url(), "");
        let answer = proxied.get("/pkg/-/pkg-1.0.0.tgz");
        assert_eq!(answer.status, status, "{dist}: {}", answer.text());
    }
}

fn sha1(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
