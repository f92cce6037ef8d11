//! What this process was started with, read once: arguments, environment, directories, terminals.

use std::ffi::{OsStr, OsString};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The surroundings of the run.
#[derive(Clone, Debug)]
pub struct Process {
    /// The name the executable was called by, without directory and `.exe`.
    pub called_as: String,
    /// The name as it was given.
    pub called_as_given: String,
    /// Arguments after the name. Text that is not Unicode is replaced.
    pub arguments: Vec<String>,
    pub environment: Arc<[(OsString, OsString)]>,
    /// Empty where it is gone.
    pub working_directory: PathBuf,
    pub home: Option<PathBuf>,
    /// This executable.
    pub executable: PathBuf,
    pub stdin_is_terminal: bool,
    pub stdout_is_terminal: bool,
    pub stderr_is_terminal: bool,
}

impl Process {
    pub fn read() -> Self {
        let mut arguments = std::env::args_os();
        let called = arguments.next().unwrap_or_default();
        let called_as = Path::new(&called).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let environment: Arc<[(OsString, OsString)]> = std::env::vars_os().collect();
        let home = lookup(&environment, "HOME").map(PathBuf::from).or_else(std::env::home_dir);
        Self {
            called_as,
            called_as_given: called.to_string_lossy().into_owned(),
            arguments: arguments.map(|word| word.to_string_lossy().into_owned()).collect(),
            working_directory: std::env::current_dir().unwrap_or_default(),
            home: home.filter(|home| !home.as_os_str().is_empty()),
            executable: std::env::current_exe().unwrap_or_else(|_| PathBuf::from(&called)),
            environment,
            stdin_is_terminal: std::io::stdin().is_terminal(),
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
        }
    }

    /// Whether somebody wrote, or will write, a text into standard input: it is a file, a pipe or a socket.
    #[cfg(unix)]
    pub fn has_input(&self) -> bool {
        use std::os::unix::fs::FileTypeExt as _;
        let Ok(input) = std::fs::metadata("/dev/stdin") else { return false };
        let kind = input.file_type();
        kind.is_file() || kind.is_fifo() || kind.is_socket()
    }

    #[cfg(not(unix))]
    pub fn has_input(&self) -> bool {
        !self.stdin_is_terminal
    }

    pub fn variable(&self, name: &str) -> Option<&OsStr> {
        lookup(&self.environment, name)
    }

    /// A variable as text; `None` when it is not set, empty or not Unicode.
    pub fn text_variable(&self, name: &str) -> Option<&str> {
        self.variable(name)?.to_str().filter(|text| !text.is_empty())
    }

    /// Pairs of the environment that are text.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.environment.iter().filter_map(|(name, value)| Some((name.to_str()?, value.to_str()?)))
    }

    /// Whether this is a build server: no questions, no progress.
    pub fn is_build_server(&self) -> bool {
        self.build_server().is_some()
    }

    /// The build server's name as npm's user agent has it.
    pub fn build_server(&self) -> Option<&'static str> {
        if self.text_variable("CI") == Some("false") {
            return None;
        }
        const SERVERS: [(&str, &str); 14] = [
            ("GITHUB_ACTIONS", "github-actions"),
            ("GITLAB_CI", "gitlab-ci"),
            ("CIRCLECI", "circleci"),
            ("TRAVIS", "travis-ci"),
            ("JENKINS_URL", "jenkins"),
            ("BUILDKITE", "buildkite"),
            ("TF_BUILD", "azure-pipelines"),
            ("APPVEYOR", "appveyor"),
            ("TEAMCITY_VERSION", "teamcity"),
            ("BITBUCKET_COMMIT", "bitbucket-pipelines"),
            ("DRONE", "drone"),
            ("NETLIFY", "netlify-ci"),
            ("VERCEL", "vercel"),
            ("CODEBUILD_BUILD_ARN", "aws-codebuild"),
        ];
        let named = SERVERS.iter().find(|(variable, _)| self.variable(variable).is_some());
        if let Some((_, name)) = named {
            return Some(name);
        }
        const UNNAMED: [&str; 5] = ["CI", "CONTINUOUS_INTEGRATION", "BUILD_NUMBER", "RUN_ID", "BUILD_ID"];
        UNNAMED.iter().any(|variable| self.variable(variable).is_some()).then_some("")
    }
}

fn lookup<'a>(environment: &'a [(OsString, OsString)], name: &str) -> Option<&'a OsStr> {
    environment.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_os_str())
}
