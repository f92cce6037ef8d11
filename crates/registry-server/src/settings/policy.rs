//! `[policy]`: which versions are seen.

use std::time::Duration;

use jiff::SignedDuration;

use super::reader::Section;
use super::values::words;
use crate::policy::{
    Block, Deprecation, InstallScripts, Mode, Policy, Provenance, ProvenanceRule, ReleaseAge,
};

words!(Mode, "\"enforce\" or \"observe\"", "enforce" => Mode::Enforce, "observe" => Mode::Observe);
words!(
    ProvenanceRule,
    "\"optional\", \"no-downgrade\" or \"required\"",
    "optional" => ProvenanceRule::Optional,
    "no-downgrade" => ProvenanceRule::NoDowngrade,
    "required" => ProvenanceRule::Required,
);

/// Show or hide.
#[derive(Clone, Copy)]
struct Hide(bool);

words!(Hide, "\"show\" or \"hide\"", "show" => Hide(false), "hide" => Hide(true));

pub(super) fn read(section: &Section<'_, '_>) -> Policy {
    let default = Policy::default();
    let policy = Policy {
        mode: section.or("mode", default.mode),
        own_packages: section.or("own_packages", default.own_packages),
        release_age: ReleaseAge {
            minimum: read_age(section),
            except: section.values("minimum_release_age_except"),
            hide_unknown: section.or("unknown_release_age", Hide(default.release_age.hide_unknown)).0,
        },
        install_scripts: InstallScripts {
            hide: section.or("install_scripts", Hide(default.install_scripts.hide)).0,
            except: section.values("install_scripts_except"),
        },
        provenance: Provenance {
            rule: section.or("provenance", default.provenance.rule),
            except: section.values("provenance_except"),
        },
        blocks: section.sections("block").iter().map(read_block).collect(),
        deprecations: section.sections("deprecate").iter().filter_map(read_deprecation).collect(),
    };
    section.finish();
    policy
}

fn read_age(section: &Section<'_, '_>) -> SignedDuration {
    let age = section.or("minimum_release_age", Duration::ZERO);
    // durations of the file are far below what fits
    SignedDuration::try_from(age).unwrap_or(SignedDuration::MAX)
}

fn read_block(section: &Section<'_, '_>) -> Block {
    let block = Block { packages: read_packages(section), reason: section.or("reason", String::new()) };
    section.finish();
    block
}

/// An empty message takes warnings away, so it is not the same as a missing one.
fn read_deprecation(section: &Section<'_, '_>) -> Option<Deprecation> {
    let packages = read_packages(section);
    let message = section.required::<Message>("message");
    section.finish();
    Some(Deprecation { packages, message: message?.value.0 })
}

fn read_packages(section: &Section<'_, '_>) -> Vec<crate::names::PackagePattern> {
    if section.is_empty_list("packages") {
        let hint = "write packages = [\"left-pad@<1.3\"]";
        section.report(&section.span(), "there are no packages that this is about", hint);
    }
    section.values("packages")
}

/// A text that may be empty.
struct Message(String);

impl super::reader::Setting for Message {
    const FORM: &'static str = "a text in quotes; an empty one takes the versions' own warning away";

    fn read(value: &toml::de::DeValue<'_>) -> Result<Self, super::reader::Misfit> {
        super::values::text(value).map(|text| Message(text.to_owned()))
    }
}
