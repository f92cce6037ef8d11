//! A database or a store that cannot be reached: whoever needs it hears so within a bounded time, the others are
//! answered, and when it can be reached again everything is as it should be.

use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use test_support::Keeping;

use crate::link::{Line, Link};
use crate::place::{Place, Running, State, bulky};

/// What an answer may take. Waiting for a connection and for a statement are limited one by one.
const PATIENCE: Duration = Duration::from_secs(40);

/// A registry with lines to its services; none where there are no services.
fn linked() -> Option<(Place, Link, Link)> {
    if !Keeping::all().contains(&Keeping::Scaled) {
        eprintln!("not tested: KNIT_TEST_POSTGRES and KNIT_TEST_S3 do not say where the services are");
        return None;
    }
    let links = Mutex::new(Vec::new());
    let place = Place::at(Keeping::Scaled, |address| {
        let link = Link::to(address);
        let reached = link.address();
        links.lock().expect("no panic").push(link);
        reached
    });
    let mut links = links.into_inner().expect("no panic").into_iter();
    let (database, store) = (links.next().expect("a database"), links.next().expect("a store"));
    Some((place, database, store))
}

/// What is asked for while a line is down, and whether it can be answered.
type Question = (&'static str, bool);

#[track_caller]
fn check_answers(place: &Place, running: &Running, line: Line, questions: &[Question]) {
    let started = Instant::now();
    let ready = running.get("/-/ready");
    assert_eq!(ready.status, 503, "{line:?}: {}", ready.text());
    assert!(started.elapsed() < Duration::from_secs(6), "{line:?}: not ready after {:?}", started.elapsed());
    assert_eq!(running.get("/-/health").status, 200, "{line:?}");
    thread::scope(|scope| {
        for &(path, can_be_answered) in questions {
            scope.spawn(move || {
                let started = Instant::now();
                let answer = running.patient_get(path, PATIENCE);
                if can_be_answered {
                    assert_eq!(answer.status, 200, "{line:?} {path}: {}", answer.text());
                } else {
                    assert_eq!(answer.status, 503, "{line:?} {path}: {}\n{}", answer.text(), place.log());
                    assert!(answer.header("retry-after").is_some(), "{line:?} {path}");
                }
                assert!(started.elapsed() < PATIENCE, "{line:?} {path}: {:?}", started.elapsed());
            });
        }
        scope.spawn(|| {
            let started = Instant::now();
            let heard = running.publisher(&bulky("new", "1.0.0", 2000)).publish().expect("an answer");
            assert_eq!(heard.status, 503, "{line:?}: {}", heard.text);
            assert!(heard.retry_after.is_some(), "{line:?}");
            assert!(started.elapsed() < PATIENCE, "{line:?}: {:?}", started.elapsed());
        });
    });
}

/// Fails unless the registry finds back within a minute.
#[track_caller]
fn assert_recovers(running: &Running) {
    let started = Instant::now();
    while running.patient_get("/-/ready", PATIENCE).status != 200 {
        assert!(started.elapsed() < Duration::from_secs(60), "it does not find back");
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn without_its_database_it_says_so_and_finds_back() {
    let Some((place, database, _store)) = linked() else { return };
    let running = place.start();
    let mut there = vec![bulky("old", "1.0.0", 2000)];
    running.publish(&there[0]);
    running.assert_whole(&there);
    for (number, line) in [Line::Cut, Line::Silent].into_iter().enumerate() {
        database.make(line);
        let questions = [
            ("/old", false),
            ("/old/latest", false),
            ("/old/-/old-1.0.0.tgz", false),
            ("/-/v1/search?text=old", false),
            ("/-/package/old/dist-tags", false),
            ("/-/npm/v1/keys", true),
        ];
        check_answers(&place, &running, line, &questions);
        database.make(Line::Whole);
        assert_recovers(&running);
        let next = bulky("old", &format!("1.{}.0", number + 1), 2000);
        publish_soon(&running, &next);
        there.push(next);
        running.assert_whole(&there);
    }
}

#[test]
fn without_its_store_it_says_so_and_finds_back() {
    let Some((place, _database, store)) = linked() else { return };
    let running = place.start();
    let mut there = vec![bulky("old", "1.0.0", 2000)];
    running.publish(&there[0]);
    for (number, line) in [Line::Cut, Line::Silent].into_iter().enumerate() {
        store.make(line);
        let questions = [
            ("/old", true),
            ("/old/latest", true),
            ("/old/-/old-1.0.0.tgz", false),
            ("/-/v1/search?text=old", true),
        ];
        check_answers(&place, &running, line, &questions);
        store.make(Line::Whole);
        assert_recovers(&running);
        let next = bulky("old", &format!("1.{}.0", number + 1), 2000);
        publish_soon(&running, &next);
        there.push(next);
        running.assert_whole(&there);
    }
}

/// Connections that died unnoticed are found one by one.
#[track_caller]
fn publish_soon(running: &Running, package: &test_support::FixturePackage) {
    let started = Instant::now();
    loop {
        let heard = running.publisher(package).publish().expect("an answer");
        match heard.status {
            201 => return,
            503 if started.elapsed() < Duration::from_secs(60) => {}
            _ => panic!("{} {}", heard.status, heard.text),
        }
    }
}

#[test]
fn a_publication_cut_off_on_its_way_to_the_database_is_whole_or_absent() {
    let Some((place, database, _store)) = linked() else { return };
    cut_in_the_middle(&place, &database, 2000, 150, 6000);
}

#[test]
fn a_publication_cut_off_on_its_way_to_the_store_is_whole_or_absent() {
    let Some((place, _database, store)) = linked() else { return };
    cut_in_the_middle(&place, &store, 300_000, 15_000, 320_000);
    // in several parts
    cut_in_the_middle(&place, &store, 9_000_000, 2_500_000, 10_000_000);
}

/// Publishes again and again, with the line cut `step` bytes later each time.
fn cut_in_the_middle(place: &Place, link: &Link, size: usize, step: usize, last: usize) {
    let running = place.start();
    let name = format!("size{size}");
    let mut there = vec![bulky(&name, "1.0.0", size)];
    running.publish(&there[0]);
    let mut refused = 0;
    for number in 1..=last / step {
        let package = bulky(&name, &format!("1.0.{number}"), size);
        link.cut_after(number * step);
        let heard = running.publisher(&package).publish().expect("an answer");
        link.make(Line::Whole);
        assert_recovers(&running);
        let found = running.state(&package);
        match heard.status {
            201 => assert_eq!(found, State::Whole, "cut off after {} bytes", number * step),
            503 => refused += 1,
            status => panic!("cut off after {} bytes: {status} {}", number * step, heard.text),
        }
        if found == State::Absent {
            publish_soon(&running, &package);
        }
        there.push(package);
        running.assert_listed(&there);
    }
    assert!(refused > 0, "no publication was cut off");
    running.assert_whole(&there);
}
