use super::*;

/// What happened, after that many milliseconds.
enum Told {
    Enter(Step<'static>),
    Stage(u64, &'static str, Stage),
    Retrying(u64),
    Received(usize),
    Finished(u64),
}
use Told::{Enter, Finished, Received, Retrying, Stage as At};

fn check(story: &[(u64, Told)], asked_at: u64, expected: &str) {
    let start = Instant::now();
    let (mut work, bytes) = (Work::default(), Bytes::default());
    for (at, told) in story {
        let now = start + Duration::from_millis(*at);
        match told {
            Enter(step) => work.enter(*step),
            At(id, package, stage) => {
                let request = RequestInfo {
                    method: http::Method::GET,
                    url: "https://registry.example/-/all".into(),
                    package: (!package.is_empty()).then(|| (*package).into()),
                };
                work.stage(RequestId(*id), &request, *stage, now);
            }
            Retrying(id) => work.retrying(RequestId(*id), 1),
            Received(count) => bytes.add(*count),
            Finished(id) => work.finished(RequestId(*id)),
        }
    }
    assert_eq!(work.line(&bytes, start + Duration::from_millis(asked_at)), expected);
}

#[test]
fn the_line_says_what_is_going_on() {
    check(&[(0, Enter(Step::Resolving))], 9000, "resolving");
    let resolving = || vec![(0, At(1, "react", Stage::Waiting)), (0, At(2, "@types/node", Stage::Queued))];
    check(&resolving(), 1000, "resolving 2 packages");
    let mut ahead = resolving();
    ahead.extend([(10, At(3, "@types/node@1.0.0", Stage::Receiving(None))), (20, Received(1))]);
    check(&ahead, 1000, "resolving 2 packages, fetched 0 of 1, 1 kB");
    let filling = || vec![(0, Enter(Step::Filling)), (0, At(1, "a@1.0.0", Stage::Waiting))];
    let mut half = filling();
    half.extend([(1, At(2, "b@1.0.0", Stage::Waiting)), (2, Received(4_520_000)), (3, Finished(1))]);
    check(&half, 1000, "fetching 1 of 2 packages, 4.5 MB");
    half.push((4, Finished(2)));
    check(&half, 9000, "linking");
    let script = Step::Script { package: "esbuild@1.0.0", event: "postinstall" };
    check(&[(0, Enter(script))], 0, "running postinstall of esbuild@1.0.0");
    check(&[(0, Enter(Step::Finishing))], 0, "finishing");
}

#[test]
fn the_request_that_waits_longest_is_named() {
    let react = || vec![(100, At(1, "react", Stage::Queued)), (1000, At(1, "react", Stage::Waiting))];
    check(&react(), 2999, "resolving 1 package");
    check(&react(), 3000, "resolving 1 package; waiting for react (packument) 2 s");
    let mut others = react();
    others.extend([
        (500, At(2, "b@1.0.0", Stage::Waiting)),
        (600, At(2, "b@1.0.0", Stage::Receiving(Some(9)))),
    ]);
    check(&others, 3600, "resolving 1 package, fetched 0 of 1; receiving b@1.0.0 (tarball) 3 s");
    others.push((3700, Finished(2)));
    check(&others, 4000, "resolving 1 package, fetched 1 of 1; waiting for react (packument) 3 s");
    let mut again = react();
    again.extend([(2000, Retrying(1)), (3000, At(1, "react", Stage::Queued))]);
    check(&again, 5000, "resolving 1 package; waiting for react (packument) 4 s, attempt 2");
    check(
        &[(0, At(1, "", Stage::Waiting))],
        2000,
        "resolving; waiting for https://registry.example/-/all 2 s",
    );
    check(
        &[(0, At(1, "a\u{1b}[2J", Stage::Waiting))],
        2000,
        "resolving 1 package; waiting for a[2J (packument) 2 s",
    );
}
