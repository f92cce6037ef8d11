//! `[advisories]`: who is asked what is known against packages.

use super::reader::Section;
use super::values::words;
use crate::advisories::AdvisorySource;

words!(
    AdvisorySource,
    "\"upstream\", \"local\" or \"both\"",
    "upstream" => AdvisorySource::Upstream,
    "local" => AdvisorySource::Local,
    "both" => AdvisorySource::Both,
);

pub(super) fn read(section: &Section<'_, '_>) -> AdvisorySource {
    let source = section.or("source", AdvisorySource::default());
    section.finish();
    source
}
