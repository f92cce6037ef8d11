//! The runs: every tool, scenario after scenario, in turns.

use std::path::Path;
use std::sync::LazyLock;

use jiff::Timestamp;
use registry_server::DirectoryStorage;
use test_support::upstream::{Upstream, configured_registry};
use test_support::{NetworkLimits, TestRegistry};
use url::Url;

use crate::error::{self, BenchmarkError};
use crate::measure::{self, Finished, Sample};
use crate::places;
use crate::project::{self, Project};
use crate::recording::RecordingStorage;
use crate::sandbox::Sandbox;
use crate::scenario::{Scenario, Suite};
use crate::tool::{self, Tool, ToolKind};

/// The day the packages are of. Later than it, the same manifests ask for the same packages for ever.
static BEFORE: LazyLock<Timestamp> = LazyLock::new(|| "2026-11-01T00:00:00Z".parse().expect("a time"));

/// Bytes of rendered packuments held: all of the largest project's, so that the registry never works twice.
const RENDERED_MEMORY: usize = 6 << 30;

/// What is to be measured.
pub struct Request<'a> {
    pub suite: Suite,
    /// All, if there are none.
    pub projects: &'a [String],
    /// All that can do what the suite measures, if there are none.
    pub tools: &'a [ToolKind],
    pub repetitions: usize,
    pub knit: Option<&'a Path>,
    pub limits: NetworkLimits,
    pub registry: Option<&'a Url>,
}

/// What was measured.
pub struct Results {
    pub suite: Suite,
    pub limits: NetworkLimits,
    pub repetitions: usize,
    pub tools: Vec<Tool>,
    pub measurements: Vec<Measurement>,
}

/// The samples of one project, scenario and tool.
pub struct Measurement {
    pub project: String,
    pub scenario: Scenario,
    pub tool: ToolKind,
    pub samples: Vec<Sample>,
}

/// Runs everything once without the limits, so that all that is asked for is recorded.
pub fn record(request: &Request<'_>) -> Result<(), BenchmarkError> {
    let bench = Bench::set_up(request)?;
    for project in project::select(request.projects)? {
        bench.record(&project)?;
    }
    Ok(())
}

/// Runs everything as often as asked for.
pub fn measure(request: &Request<'_>) -> Result<Results, BenchmarkError> {
    let bench = Bench::set_up(request)?;
    let mut measurements: Vec<Measurement> = Vec::new();
    for project in project::select(request.projects)? {
        bench.record(&project)?;
        bench.registry.limit(request.limits);
        let fetched = bench.storage.fetched();
        for repetition in 0..request.repetitions {
            for index in 0..bench.tools.len() {
                // Another tool begins each time, so that none always runs after the same other.
                let tool = &bench.tools[(index + repetition) % bench.tools.len()];
                for (scenario, sample) in bench.run(tool, &project)? {
                    add(&mut measurements, &project, scenario, tool.kind, sample);
                }
            }
        }
        let late = bench.storage.fetched() - fetched;
        if late > 0 {
            eprintln!("{}: {late} answers came from the real registry while it was measured", project.name);
        }
    }
    let (suite, limits, repetitions) = (request.suite, request.limits, request.repetitions);
    Ok(Results { suite, limits, repetitions, tools: bench.tools, measurements })
}

fn add(
    measurements: &mut Vec<Measurement>,
    project: &Project,
    scenario: Scenario,
    tool: ToolKind,
    sample: Sample,
) {
    let same = |measurement: &&mut Measurement| {
        measurement.project == project.name && measurement.scenario == scenario && measurement.tool == tool
    };
    match measurements.iter_mut().find(same) {
        Some(measurement) => measurement.samples.push(sample),
        None => {
            let project = project.name.clone();
            measurements.push(Measurement { project, scenario, tool, samples: vec![sample] });
        }
    }
}

/// The tools and the registry they use.
struct Bench {
    suite: Suite,
    tools: Vec<Tool>,
    storage: RecordingStorage,
    registry: TestRegistry,
}

impl Bench {
    fn set_up(request: &Request<'_>) -> Result<Bench, BenchmarkError> {
        let kinds = if request.tools.is_empty() { ToolKind::all(request.suite) } else { request.tools };
        let tools = tool::find(kinds, request.knit)?;
        let registry = match request.registry {
            Some(registry) => registry.clone(),
            None => configured_registry().map_err(|source| BenchmarkError::Registry { source })?,
        };
        let upstream =
            Upstream::new(registry).map_err(|error| BenchmarkError::Client { source: error.into() })?;
        let kept = DirectoryStorage::open(places::out().join("recorded"))
            .map_err(|source| BenchmarkError::Storage { source })?;
        let storage = RecordingStorage::new(kept.with_memory(RENDERED_MEMORY), upstream, *BEFORE);
        let registry = TestRegistry::serving(storage.clone());
        Ok(Bench { suite: request.suite, tools, storage, registry })
    }

    /// One round that is not measured: fills the recording and the registry's memory.
    fn record(&self, project: &Project) -> Result<(), BenchmarkError> {
        self.registry.limit(NetworkLimits::default());
        for tool in &self.tools {
            self.run(tool, project)?;
        }
        eprintln!("{}: {} fetched from the real registry so far", project.name, self.storage.fetched());
        Ok(())
    }

    /// All scenarios of one tool, one after the other.
    fn run(&self, tool: &Tool, project: &Project) -> Result<Vec<(Scenario, Sample)>, BenchmarkError> {
        let sandbox = Sandbox::new(tool, project);
        let registry = self.registry.url();
        let mut samples = Vec::new();
        for &scenario in self.suite.scenarios() {
            sandbox.prepare(scenario, tool, project, &registry)?;
            self.registry.clear_requests();
            let command = sandbox.command(tool, self.suite, &registry);
            let finished = measure::run(&command, &sandbox.report());
            let Finished { success, mut sample } = finished.map_err(error::io("run", &tool.binary))?;
            sample.requests = self.registry.requests().len();
            eprintln!(
                "{} {} {}: {:.3} s, {} requests",
                project.name,
                tool.kind,
                scenario.name(),
                sample.wall.as_secs_f64(),
                sample.requests
            );
            let failures = self.storage.take_failures();
            if !success {
                let output = format!("{}{}", sandbox.output(), failures.join("\n"));
                return Err(BenchmarkError::Failed {
                    tool: tool.kind,
                    scenario: scenario.name(),
                    project: project.name.clone(),
                    output,
                });
            }
            self.check(&sandbox, tool, project, scenario, &sample)?;
            samples.push((scenario, sample));
        }
        Ok(samples)
    }

    /// A tool that silently did something else must not look fast.
    fn check(
        &self,
        sandbox: &Sandbox,
        tool: &Tool,
        project: &Project,
        scenario: Scenario,
        sample: &Sample,
    ) -> Result<(), BenchmarkError> {
        let what = if !sandbox.has_lockfile(tool) {
            "there is no lockfile"
        } else if self.suite == Suite::Install && !sandbox.has_modules() {
            "nothing is installed"
        } else if scenario == Scenario::Cold && sample.requests == 0 {
            "it did not use the registry on loopback"
        } else {
            return Ok(());
        };
        let project = project.name.clone();
        Err(BenchmarkError::Undone { tool: tool.kind, scenario: scenario.name(), project, what })
    }
}
