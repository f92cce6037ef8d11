//! kill -9 in the middle of publications: each version is whole or absent afterwards, and those before it are there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use test_support::{FixturePackage, Keeping, integrity_of};

use crate::place::{Heard, Place, Publisher, Running, State, bulky};

const KILLS: usize = 100;
/// Bytes of tarballs: what fits into one packet, what is written at once, what takes a while.
const SIZES: [usize; 3] = [500, 60_000, 1_000_000];

#[test]
fn a_registry_with_everything_in_a_folder() {
    let place = kill_again_and_again(Keeping::Embedded);
    assert_blobs_are_what_they_are_called(&place.folder().join("blobs"));
}

#[test]
fn a_registry_with_a_database_and_a_store() {
    if Keeping::all().contains(&Keeping::Scaled) {
        kill_again_and_again(Keeping::Scaled);
    } else {
        eprintln!("not tested: KNIT_TEST_POSTGRES and KNIT_TEST_S3 do not say where the services are");
    }
}

/// Two publish at once, one a large and one a small tarball, until the registry is killed.
fn kill_again_and_again(keeping: Keeping) -> Place {
    let place = Place::new(keeping);
    let mut running = place.start();
    let (mut there, whole) = publish_undisturbed(&running);
    let mut unheard = 0;
    for kill in 0..KILLS {
        let size = kill % SIZES.len();
        let pair = [
            bulky(&format!("size{size}"), &format!("1.0.{}", kill + 1), SIZES[size]),
            bulky("beside", &format!("1.0.{}", kill + 1), SIZES[0]),
        ];
        // moments spread evenly over a little more than what it takes
        let delay = whole[size] * u32::try_from(kill * 37 % 110).expect("small") / 100;
        let heard = publish_and_kill(&mut running, &pair, delay);
        running = place.start();
        for (package, heard) in pair.iter().zip(heard) {
            let found = running.state(package);
            match (heard.map(|heard| heard.status), found) {
                (Some(201), State::Whole) => {}
                (Some(status), _) => {
                    panic!("answered with {status}, it is {found:?}, killed after {delay:?}")
                }
                (None, State::Whole) => unheard += 1,
                (None, State::Absent) => {
                    unheard += 1;
                    publish_again(&running, package, keeping);
                }
            }
            there.push(package.clone());
        }
        running.assert_listed(&there);
    }
    assert!(unheard > KILLS / 2, "only {unheard} of {} publications were cut off", 2 * KILLS);
    running.assert_whole(&there);
    assert_eq!(running.get("/-/ready").status, 200);
    place
}

/// One publication of each size, and how long each took.
fn publish_undisturbed(running: &Running) -> (Vec<FixturePackage>, Vec<Duration>) {
    let mut there = vec![bulky("beside", "1.0.0", SIZES[0])];
    running.publish(&there[0]);
    let mut whole = Vec::new();
    for (number, size) in SIZES.into_iter().enumerate() {
        let package = bulky(&format!("size{number}"), "1.0.0", size);
        let publisher = running.publisher(&package);
        let started = Instant::now();
        let heard = publisher.publish().expect("an answer");
        whole.push(started.elapsed());
        assert_eq!(heard.status, 201, "{}", heard.text);
        there.push(package);
    }
    (there, whole)
}

/// What each heard before the registry was killed.
fn publish_and_kill(
    running: &mut Running,
    packages: &[FixturePackage],
    delay: Duration,
) -> Vec<Option<Heard>> {
    let publishers: Vec<Publisher> = packages.iter().map(|package| running.publisher(package)).collect();
    thread::scope(|scope| {
        let publishing: Vec<_> =
            publishers.iter().map(|publisher| scope.spawn(|| publisher.publish())).collect();
        thread::sleep(delay);
        running.kill();
        publishing.into_iter().map(|one| one.join().expect("no panic")).collect()
    })
}

#[track_caller]
fn publish_again(running: &Running, package: &FixturePackage, keeping: Keeping) {
    let heard = running.publisher(package).publish().expect("an answer");
    // PostgreSQL may end a transaction after the registry that began it was started again
    let was_late = keeping == Keeping::Scaled && heard.status == 403;
    assert!(heard.status == 201 || was_late, "{}", heard.text);
    assert_eq!(running.state(package), State::Whole);
}

/// Fails where a file is not what its name says. What never got its name is not looked at.
fn assert_blobs_are_what_they_are_called(folder: &Path) {
    let mut blobs = 0;
    for path in files_below(folder) {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if name.len() == 128 && name.chars().all(|c| c.is_ascii_hexdigit()) {
            let integrity = integrity_of(&fs::read(&path).expect("a blob"));
            let digest = integrity.strip_prefix("sha512-").expect("an SHA-512");
            let digest = base64::engine::general_purpose::STANDARD.decode(digest).expect("base64");
            let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(digest, name);
            blobs += 1;
        }
    }
    assert!(blobs > KILLS);
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files
}

/// No clock finds the moments between one write and the next; strace does.
#[test]
fn right_before_every_write() {
    let works = Command::new("strace").args(["-f", "-o", "/dev/null", "true"]).output();
    if !works.is_ok_and(|output| output.status.success()) {
        eprintln!("not tested: there is no strace that may trace");
        return;
    }
    let place = Place::new(Keeping::Embedded);
    let mut there = vec![bulky("beside", "1.0.0", SIZES[0])];
    place.start().publish(&there[0]);
    for call in ["rename", "fsync,fdatasync", "pwrite64", "ftruncate,unlink"] {
        let mut number = 1;
        loop {
            let package = bulky("beside", &format!("{}.0.{number}", there.len()), SIZES[1]);
            let (heard, was_killed) = publish_until_call(&place, &package, call, number);
            let running = place.start();
            let found = running.state(&package);
            match heard.map(|heard| heard.status) {
                None => {}
                Some(201) => assert_eq!(found, State::Whole, "acknowledged before {call} {number}"),
                Some(status) => panic!("answered with {status} before {call} {number}"),
            }
            if found == State::Absent {
                publish_again(&running, &package, Keeping::Embedded);
            }
            there.push(package);
            running.assert_listed(&there);
            if !was_killed {
                break;
            }
            number += 1;
        }
        assert!(number > 1 || call.contains("unlink"), "{call} was never called");
    }
    place.start().assert_whole(&there);
}

/// What was heard before the registry was about to make a call for the so manieth time, and whether it came to that.
fn publish_until_call(
    place: &Place,
    package: &FixturePackage,
    call: &str,
    number: usize,
) -> (Option<Heard>, bool) {
    let inject = format!("inject={call}:signal=KILL:when={number}");
    // the registry is the child, so that it goes when it is killed, and strace after it
    let strace =
        ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject];
    let Some(mut running) = place.try_start_by(&strace) else { return (None, true) };
    let heard = running.publisher(package).publish();
    if heard.is_none() {
        return (None, true);
    }
    // what follows an answer follows at once
    thread::sleep(Duration::from_millis(100));
    let was_killed = !running.is_alive();
    (heard, was_killed)
}
