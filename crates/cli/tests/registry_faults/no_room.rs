//! A disk that is full and files that may not grow: who publishes is told, all that was there is read on, and when there
//! is room again it goes on.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use test_support::Keeping;

use crate::place::{Place, Running, State, bulky};

#[test]
fn tarballs_that_may_not_be_that_long_are_refused_and_others_taken() {
    let place = Place::new(Keeping::Embedded);
    // units of 512 bytes; with the signal ignored, writing fails with EFBIG
    let script = "trap '' XFSZ; ulimit -f 4096; exec \"$@\"";
    let mut running = place.start_by(&["sh", "-c", script, "sh"]);
    let small = bulky("small", "1.0.0", 1000);
    running.publish(&small);
    let large = bulky("large", "1.0.0", 3 << 20);
    let heard = running.publisher(&large).publish().expect("an answer");
    assert_eq!(heard.status, 507, "{}", heard.text);
    assert!(heard.text.contains("no room"), "{}", heard.text);
    assert_eq!(running.state(&large), State::Absent);
    running.publish(&bulky("small", "1.0.1", 1000));
    running.assert_whole(&[small.clone(), bulky("small", "1.0.1", 1000)]);
    assert!(running.is_alive());
    drop(running);
    let running = place.start();
    running.publish(&large);
    running.assert_whole(&[small, bulky("small", "1.0.1", 1000), large]);
}

/// Whether this system lets a test make a file system of its own.
fn can_mount() -> bool {
    let mounted =
        Command::new("unshare").args(["-rm", "sh", "-c", "mount -t tmpfs -o size=64k none /mnt"]).output();
    mounted.is_ok_and(|output| output.status.success())
}

/// Everything on a file system of six megabytes, which fills up; then something else on it is removed.
#[test]
fn a_full_disk_is_told_of_and_read_from_until_there_is_room() {
    if !can_mount() {
        eprintln!("not tested: this system allows no file system in a namespace of its own");
        return;
    }
    let place = Place::new(Keeping::Embedded);
    let (folder, sign) = (place.folder(), place.folder().with_extension("sign"));
    let script = format!(
        "cp -a '{0}' '{0}.copy' && mount -t tmpfs -o size=6m none '{0}' && cp -a '{0}.copy/.' '{0}' || exit 9
         head -c 2000000 /dev/zero > '{0}/ballast'
         (while ! [ -e '{1}' ]; do sleep 0.05; done; rm '{0}/ballast') &
         exec \"$@\"",
        folder.display(),
        sign.display()
    );
    let mut running = place.start_by(&["unshare", "-rm", "sh", "-c", &script, "sh"]);
    let mut there = vec![bulky("first", "1.0.0", 1000)];
    running.publish(&there[0]);
    let mut refused = 0;
    for number in 0..120 {
        // large ones, small ones, and some whose rows are larger than their tarballs
        let size = [200_000, 2000, 20][number % 3];
        let name = format!("filling{}", number % 3);
        let package = bulky(&name, &format!("1.0.{number}"), size);
        let package =
            if number % 3 == 2 { package.field("filler", "x".repeat(40_000).into()) } else { package };
        let heard = running.publisher(&package).publish().expect("an answer");
        match heard.status {
            201 => there.push(package),
            507 => {
                refused += 1;
                assert_eq!(running.state(&package), State::Absent);
            }
            _ => panic!("{} {}\n{}", heard.status, heard.text, place.log()),
        }
        if number % 10 == 0 {
            running.assert_listed(&there);
        }
    }
    assert!(refused > 20, "only {refused} publications found no room");
    running.assert_whole(&there);
    assert!(running.is_alive());

    fs::write(&sign, "").expect("a sign");
    let after = bulky("after", "1.0.0", 100_000);
    publish_within(&running, &after, Duration::from_secs(20));
    there.push(after);
    running.assert_whole(&there);
}

/// Publishes again and again until there is room.
fn publish_within(running: &Running, package: &test_support::FixturePackage, time: Duration) {
    let started = Instant::now();
    loop {
        let heard = running.publisher(package).publish().expect("an answer");
        if heard.status == 201 {
            return;
        }
        assert!(heard.status == 507 && started.elapsed() < time, "{} {}", heard.status, heard.text);
        thread::sleep(Duration::from_millis(50));
    }
}
