//! What was measured, as Markdown and as raw samples.

use std::fmt::Write;
use std::fs;

use serde_json::json;

use crate::measure::{Sample, Spread};
use crate::run::{Measurement, Results};
use crate::scenario::Scenario;
use crate::tool::ToolKind;

/// The tables, with all that is needed to judge them.
pub fn markdown(results: &Results) -> String {
    let mut text = String::new();
    // Writing into a string does not fail.
    let _ = write_report(&mut text, results);
    text
}

fn write_report(text: &mut String, results: &Results) -> std::fmt::Result {
    writeln!(text, "# {}\n", results.suite.name())?;
    let tools: Vec<String> =
        results.tools.iter().map(|tool| format!("{} {}", tool.kind, tool.version)).collect();
    writeln!(text, "{}. {}.", tools.join(", "), machine())?;
    let bandwidth = results.limits.bytes_per_second.map_or_else(
        || "no limit of bandwidth".to_owned(),
        |bytes| format!("{} MB/s for all connections together", bytes / 1_000_000),
    );
    writeln!(
        text,
        "Registry on loopback in the process that measures: {} ms latency, {bandwidth}. \
         {} measured runs of each, in turns, after one that is not measured; scripts off; \
         caches of the operating system warm. Median (least to most).",
        results.limits.latency.as_millis(),
        results.repetitions
    )?;
    let mut projects: Vec<&str> = Vec::new();
    for measurement in &results.measurements {
        if !projects.contains(&measurement.project.as_str()) {
            projects.push(&measurement.project);
        }
    }
    for project in projects {
        write_project(text, results, project)?;
    }
    Ok(())
}

fn write_project(text: &mut String, results: &Results, project: &str) -> std::fmt::Result {
    let kinds: Vec<ToolKind> = results.tools.iter().map(|tool| tool.kind).collect();
    writeln!(text, "\n## {project}\n")?;
    let baseline = [ToolKind::Bun, ToolKind::Npm].into_iter().find(|kind| kinds.contains(kind));
    let title = baseline.map_or_else(|| "time".to_owned(), |kind| format!("time (and times that of {kind})"));
    write_header(text, &title, &kinds)?;
    for &scenario in results.suite.scenarios() {
        write!(text, "| {} |", scenario.name())?;
        let median = |kind| spread(results, project, scenario, kind, wall).map(|spread| spread.median);
        let compared = baseline.and_then(|kind| Some((kind, median(kind)?)));
        for &kind in &kinds {
            match spread(results, project, scenario, kind, wall) {
                Some(Spread { median, least, most }) => {
                    write!(text, " {median:.3} s ({least:.3} to {most:.3})")?;
                    match compared {
                        Some((other, time)) if kind != other => write!(text, " {:.2}× |", median / time)?,
                        _ => write!(text, " |")?,
                    }
                }
                None => write!(text, " |")?,
            }
        }
        writeln!(text)?;
    }
    writeln!(text)?;
    write_header(text, "CPU time, peak memory, requests", &kinds)?;
    for &scenario in results.suite.scenarios() {
        write!(text, "| {} |", scenario.name())?;
        for &kind in &kinds {
            let median = |value: fn(&Sample) -> f64| {
                spread(results, project, scenario, kind, value).map_or(0.0, |spread| spread.median)
            };
            write!(text, " {:.3} s, {:.0} MB, {:.0} |", median(cpu), median(memory) / 1e6, median(requests))?;
        }
        writeln!(text)?;
    }
    Ok(())
}

fn write_header(text: &mut String, title: &str, kinds: &[ToolKind]) -> std::fmt::Result {
    writeln!(text, "| {title} |{}", kinds.iter().map(|kind| format!(" {kind} |")).collect::<String>())?;
    writeln!(text, "|---|{}", "---|".repeat(kinds.len()))
}

fn spread(
    results: &Results,
    project: &str,
    scenario: Scenario,
    tool: ToolKind,
    value: fn(&Sample) -> f64,
) -> Option<Spread> {
    let wanted = |measurement: &&Measurement| {
        measurement.project == project && measurement.scenario == scenario && measurement.tool == tool
    };
    Spread::of(&results.measurements.iter().find(wanted)?.samples, value)
}

fn wall(sample: &Sample) -> f64 {
    sample.wall.as_secs_f64()
}

fn cpu(sample: &Sample) -> f64 {
    sample.cpu.as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "no process uses petabytes")]
fn memory(sample: &Sample) -> f64 {
    sample.memory as f64
}

#[expect(clippy::cast_precision_loss, reason = "requests are thousands")]
fn requests(sample: &Sample) -> f64 {
    sample.requests as f64
}

/// Processor, number of its cores, operating system.
fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpu.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split(": ").nth(1));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let model = model.unwrap_or("unknown processor");
    format!("{model}, {cores} cores, {} {}", std::env::consts::OS, kernel.trim())
}

/// Every sample as JSON, for other evaluations.
pub fn samples(results: &Results) -> String {
    let rows = results.measurements.iter().flat_map(|measurement| {
        measurement.samples.iter().map(|sample| {
            json!({
                "project": measurement.project,
                "scenario": measurement.scenario.name(),
                "tool": measurement.tool.name(),
                "wallSeconds": wall(sample),
                "cpuSeconds": cpu(sample),
                "peakMemoryBytes": sample.memory,
                "requests": sample.requests,
            })
        })
    });
    rows.map(|row| format!("{row}\n")).collect()
}
