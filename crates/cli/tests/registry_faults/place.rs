//! A registry as a process: where it keeps things, and looks at what is there.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use registry_server::settings::{BlobLocation, DatabaseLocation};
use serde_json::Value;
use test_support::plain_http::{Answer, request, send_within};
use test_support::{FixturePackage, Keeping, TarballBuilder, TestProject, publication};

/// What a registry keeps, and the user who publishes to it.
pub struct Place {
    project: TestProject,
    token: String,
}

impl Place {
    /// An empty one.
    pub fn new(keeping: Keeping) -> Place {
        Place::at(keeping, |address| address.to_owned())
    }

    /// The same, with its database and its store at other addresses (`host:port`) than their own.
    pub fn at(keeping: Keeping, reached_by: impl Fn(&str) -> String) -> Place {
        let project = TestProject::new(env!("CARGO_BIN_EXE_knit"));
        let mut place = Place { project, token: String::new() };
        fs::create_dir_all(place.folder()).expect("a folder");
        let settings = format!(
            "[limits]\npublishes_per_minute = 1000000\n{}",
            storage_settings(keeping, &place.folder(), reached_by)
        );
        fs::write(place.folder().join("registry.toml"), settings).expect("settings");
        let run = |arguments: [&str; 3]| {
            let output = place.command(&arguments).output().expect("knit runs");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).expect("text")
        };
        run(["registry", "user", "ann"]);
        let token = run(["registry", "token", "ann"]).trim().to_owned();
        place.token = token;
        place
    }

    /// Where the settings are, and what is embedded.
    pub fn folder(&self) -> PathBuf {
        self.project.path().join("data")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.project.command(arguments);
        command.arg("--data").arg(self.folder()).env("STORE_KEY", "test");
        command
    }

    /// Starts it, and waits until it listens.
    pub fn start(&self) -> Running {
        self.start_by(&[])
    }

    /// The same by a program that is given the command's words after its own.
    pub fn start_by(&self, launcher: &[&str]) -> Running {
        self.try_start_by(launcher).unwrap_or_else(|| panic!("it does not start:\n{}", self.log()))
    }

    /// The same; none where it ended before it listened.
    pub fn try_start_by(&self, launcher: &[&str]) -> Option<Running> {
        let known = self.command(&["registry", "serve", "--listen", "127.0.0.1:0"]);
        let mut words =
            launcher.iter().map(AsRef::as_ref).chain([known.get_program()]).chain(known.get_args());
        let mut command = Command::new(words.next().expect("a program"));
        command.args(words).env_clear().current_dir(self.project.path());
        command.envs(known.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let log = File::options().create(true).append(true).open(self.log_file()).expect("a log");
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let host =
            line.trim().strip_prefix("the registry is at http://").map(|url| url.trim_end_matches('/'));
        let Some(host) = host.map(str::to_owned) else {
            let _ = child.wait();
            return None;
        };
        Some(Running { child, host, token: self.token.clone() })
    }

    fn log_file(&self) -> PathBuf {
        self.project.path().join("log")
    }

    /// What its processes have said.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }
}

fn storage_settings(
    keeping: Keeping,
    folder: &std::path::Path,
    reached_by: impl Fn(&str) -> String,
) -> String {
    let storage = keeping.options(folder).storage;
    let DatabaseLocation::Postgres(url) = &storage.database else { return String::new() };
    let BlobLocation::S3 { bucket, prefix } = &storage.blobs else { panic!("a store") };
    let moved = |url: &str| {
        let (scheme, rest) = url.split_once("://").expect("a URL");
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, address) = authority.rsplit_once('@').map_or(("", authority), |(user, at)| (user, at));
        let at = if user.is_empty() { "" } else { "@" };
        format!("{scheme}://{user}{at}{}/{path}", reached_by(address))
    };
    format!(
        "[storage]\ndatabase = \"{}\"\nblobs = \"s3://{bucket}/{prefix}\"\n[storage.s3]\nendpoint = \"{}\"\n\
         access_key_env = \"STORE_KEY\"\nsecret_key_env = \"STORE_KEY\"\n",
        moved(url.reveal()),
        moved(storage.s3.endpoint.as_ref().expect("an address").as_str())
    )
}

/// A registry that listens; killed when dropped.
pub struct Running {
    child: Child,
    host: String,
    token: String,
}

/// What became of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// In the packument, and its tarball is the right one.
    Whole,
    /// Nowhere.
    Absent,
}

impl Running {
    /// kill -9.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Whether it runs.
    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().expect("its state").is_none()
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        request(&self.host, "GET", path, &[])
    }

    /// The same, for what may take a while.
    #[track_caller]
    pub fn patient_get(&self, path: &str, patience: Duration) -> Answer {
        send_within(patience, &self.host, "GET", path, &[], b"")
    }

    /// Publishes, whatever happens meanwhile.
    pub fn publisher(&self, package: &FixturePackage) -> Publisher {
        Publisher {
            host: self.host.clone(),
            token: self.token.clone(),
            path: path_of(package.name()),
            body: publication(package).to_string(),
        }
    }

    /// Publishes a version that has to be accepted.
    #[track_caller]
    pub fn publish(&self, package: &FixturePackage) {
        let answer = self.publisher(package).publish().expect("an answer");
        assert_eq!(answer.status, 201, "{}@{}: {}", package.name(), package.version(), answer.text);
    }

    /// Whether a version is there; fails where it is there in part.
    #[track_caller]
    pub fn state(&self, package: &FixturePackage) -> State {
        let (name, version) = (package.name(), package.version());
        let answer = self.get(&path_of(name));
        let document = if answer.status == 404 { Value::Null } else { answer.json() };
        let file = format!("{}/-/{name}-{version}.tgz", path_of(name));
        let tarball = self.get(&file);
        let Some(manifest) = document["versions"].get(version) else {
            assert_eq!(tarball.status, 404, "{name}@{version} is in no packument, its tarball is there");
            assert!(document["time"].get(version).is_none(), "{name}@{version} has a time and nothing else");
            return State::Absent;
        };
        assert_eq!(manifest["dist"]["integrity"], package.integrity(), "{name}@{version}");
        assert!(document["time"][version].is_string(), "{name}@{version} has no time");
        assert!(document["dist-tags"]["latest"].is_string(), "{name} has versions and no latest one");
        assert!(
            tarball.status == 200 && tarball.body == package.tarball(),
            "{name}@{version} is in the packument, its tarball is answered with {} and {} bytes",
            tarball.status,
            tarball.body.len()
        );
        State::Whole
    }

    /// Fails unless all these are there and nothing else is of these packages.
    #[track_caller]
    pub fn assert_whole(&self, packages: &[FixturePackage]) {
        for package in packages {
            assert_eq!(self.state(package), State::Whole, "{}@{}", package.name(), package.version());
        }
        self.assert_listed(packages);
    }

    /// Fails unless packuments have exactly these versions.
    #[track_caller]
    pub fn assert_listed(&self, packages: &[FixturePackage]) {
        let mut names: Vec<&str> = packages.iter().map(FixturePackage::name).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let document = self.get(&path_of(name)).json();
            let mut found: Vec<&str> =
                document["versions"].as_object().expect("versions").keys().map(String::as_str).collect();
            let mut expected: Vec<&str> =
                packages.iter().filter(|each| each.name() == name).map(FixturePackage::version).collect();
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected, "{name}");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

fn path_of(name: &str) -> String {
    format!("/{}", name.replace('/', "%2f"))
}

/// A publication that is ready to be sent.
pub struct Publisher {
    host: String,
    token: String,
    path: String,
    body: String,
}

/// What was answered to a publication.
pub struct Heard {
    pub status: u16,
    pub retry_after: Option<String>,
    pub text: String,
}

impl Publisher {
    /// Sends it; none where the connection ended without an answer.
    pub fn publish(&self) -> Option<Heard> {
        let mut stream = TcpStream::connect(&self.host).ok()?;
        // one that never answers fails the test instead of hanging it
        stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
        let head = format!(
            "PUT {} HTTP/1.0\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\r\n",
            self.path,
            self.host,
            self.token,
            self.body.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        // a server that has heard enough answers before the end
        let _ = stream.write_all(self.body.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        let (head, text) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let retry_after = head.lines().find_map(|line| line.strip_prefix("retry-after: "));
        Some(Heard { status, retry_after: retry_after.map(str::to_owned), text: text.to_owned() })
    }
}

/// A package with so many bytes that do not compress.
pub fn bulky(name: &str, version: &str, bytes: usize) -> FixturePackage {
    let mut state = version.bytes().fold(0x9e37_79b9_7f4a_7c15_u64, |seed, byte| {
        (seed ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    })
    .take(bytes)
    .collect();
    // packed once, as it is: compressing would take longer than what is tested
    let package = FixturePackage::new(name, version);
    let tar = TarballBuilder::new()
        .file("package/package.json", 0o644, package.package_json().to_string())
        .file("package/noise.bin", 0o644, noise)
        .tar();
    let mut stored = GzEncoder::new(Vec::new(), Compression::none());
    stored.write_all(&tar).expect("written into memory");
    package.with_tarball(stored.finish().expect("written into memory"))
}
