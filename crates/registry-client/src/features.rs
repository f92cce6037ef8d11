//! What registries offer besides npm's protocol, as they say with their packuments and tarballs.
//!
//! Nothing is offered that was not said. What was said is kept in the cache, so that the next run knows it before its
//! first request; an answer that does not say it any more, or a refusal, ends it.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::HeaderMap;
use npm_formats::bundle::{CONFIRM, FEATURES_HEADER, MISSING, RESOLVE};
use url::Url;

use crate::cache::registry_folder;

/// The file of a registry's offer; no packument has a name without a folder of its kind.
const FILE: &str = "features";

/// Something that a registry may offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// The packuments that a resolution will ask for, in one answer.
    Resolve,
    /// Many tarballs or manifests in one answer.
    Missing,
    /// Among the packuments that a resolution will ask for, which are there of those that are kept here.
    Confirm,
}

/// What one registry offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Offer {
    resolve: bool,
    missing: bool,
    confirm: bool,
}

/// What is known of one registry.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    said: Offer,
    /// What it did not keep to; in this run it is not asked again, whatever it says.
    withdrawn: Offer,
}

/// What all registries of a run offer.
#[derive(Debug)]
pub(crate) struct Features {
    cache: Option<PathBuf>,
    known: Mutex<HashMap<Url, Known>>,
}

impl Offer {
    /// Names separated by commas.
    fn parse(text: &str) -> Offer {
        let has = |feature: &str| text.split(',').any(|name| name.trim() == feature);
        Offer { resolve: has(RESOLVE), missing: has(MISSING), confirm: has(CONFIRM) }
    }

    fn text(self) -> String {
        let names = [(self.resolve, RESOLVE), (self.missing, MISSING), (self.confirm, CONFIRM)];
        let names: Vec<&str> =
            names.iter().filter(|(is_offered, _)| *is_offered).map(|(_, name)| *name).collect();
        names.join(", ")
    }

    fn has(self, feature: Feature) -> bool {
        match feature {
            Feature::Resolve => self.resolve,
            Feature::Missing => self.missing,
            Feature::Confirm => self.confirm,
        }
    }
}

impl Features {
    pub(crate) fn new(cache: Option<PathBuf>) -> Features {
        Features { cache, known: Mutex::default() }
    }

    /// Whether a registry has said that it offers something. May read a small file, once.
    pub(crate) fn offers(&self, registry: &Url, feature: Feature) -> bool {
        let known = self.known(&mut self.lock(), registry);
        known.said.has(feature) && !known.withdrawn.has(feature)
    }

    /// Hears what a registry says with an answer of its own about a package.
    pub(crate) fn hear(&self, registry: &Url, headers: &HeaderMap) {
        let said = headers.get(FEATURES_HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
        self.change(registry, |known| known.said = Offer::parse(said));
    }

    /// Takes an offer for withdrawn that was not kept.
    pub(crate) fn withdraw(&self, registry: &Url, feature: Feature) {
        self.change(registry, |known| match feature {
            Feature::Resolve => (known.said.resolve, known.withdrawn.resolve) = (false, true),
            Feature::Missing => (known.said.missing, known.withdrawn.missing) = (false, true),
            Feature::Confirm => (known.said.confirm, known.withdrawn.confirm) = (false, true),
        });
    }

    fn change(&self, registry: &Url, change: impl FnOnce(&mut Known)) {
        let mut registries = self.lock();
        let before = self.known(&mut registries, registry);
        let mut after = before;
        change(&mut after);
        registries.insert(registry.clone(), after);
        if let Some(file) = self.file(registry).filter(|_| before.said != after.said) {
            // what cannot be kept is heard again
            let _ = keep(&file, registry, after.said);
        }
    }

    fn known(&self, registries: &mut HashMap<Url, Known>, registry: &Url) -> Known {
        if let Some(known) = registries.get(registry) {
            return *known;
        }
        let kept = self.file(registry).and_then(|file| fs::read_to_string(file).ok());
        // two registries may have one folder by accident
        let kept = kept.as_deref().and_then(|text| text.split_once('\n'));
        let said = kept.filter(|(of, _)| *of == registry.as_str()).map(|(_, said)| said).unwrap_or_default();
        let known = Known { said: Offer::parse(said), ..Known::default() };
        registries.insert(registry.clone(), known);
        known
    }

    fn file(&self, registry: &Url) -> Option<PathBuf> {
        // an address with a password in it is not written down
        let is_plain = registry.username().is_empty() && registry.password().is_none();
        self.cache.as_ref().filter(|_| is_plain).map(|cache| registry_folder(cache, registry).join(FILE))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Url, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shape: the address, a line break, the names. Nothing is kept of a registry that offers nothing.
fn keep(file: &Path, registry: &Url, offer: Offer) -> io::Result<()> {
    if offer == Offer::default() {
        return fs::remove_file(file);
    }
    let Some(folder) = file.parent() else { return Ok(()) };
    fs::create_dir_all(folder)?;
    let mut staged = tempfile::Builder::new().prefix(".staged-").tempfile_in(folder)?;
    staged.write_all(format!("{registry}\n{}", offer.text()).as_bytes())?;
    staged.persist(file).map_err(|failed| failed.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn said(text: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(FEATURES_HEADER.parse().unwrap(), HeaderValue::from_static(text))])
    }

    #[test]
    fn an_offer_holds_for_its_registry_until_it_is_taken_back() {
        let cache = tempfile::tempdir().unwrap();
        let again = || Features::new(Some(cache.path().to_owned()));
        let (one, other): (Url, Url) =
            ("https://registry.example/".parse().unwrap(), "https://other.example/".parse().unwrap());
        let offers = |features: &Features, registry: &Url| {
            [Feature::Resolve, Feature::Missing].map(|feature| features.offers(registry, feature))
        };
        let features = again();
        assert_eq!(offers(&features, &one), [false, false]);
        features.hear(&one, &said("missing,future , resolve"));
        assert_eq!((offers(&features, &one), offers(&features, &other)), ([true, true], [false, false]));
        // the next run
        assert_eq!((offers(&again(), &one), offers(&again(), &other)), ([true, true], [false, false]));
        features.withdraw(&one, Feature::Resolve);
        assert_eq!((offers(&features, &one), offers(&again(), &one)), ([false, true], [false, true]));
        // it says so again, and is believed by others
        features.hear(&one, &said("missing, resolve"));
        assert_eq!((offers(&features, &one), offers(&again(), &one)), ([false, true], [true, true]));
        assert!(!again().offers(&one, Feature::Confirm));
        features.hear(&one, &said("confirm, missing"));
        assert!(again().offers(&one, Feature::Confirm));
        again().hear(&one, &HeaderMap::new());
        assert_eq!(offers(&again(), &one), [false, false]);
        // what is not a registry's own is not an offer
        for nonsense in ["", "resolved", "re solve", "*"] {
            features.hear(&other, &said(nonsense));
            assert_eq!(offers(&features, &other), [false, false], "{nonsense}");
        }
    }

    #[test]
    fn a_password_is_not_written_down() {
        let cache = tempfile::tempdir().unwrap();
        let features = Features::new(Some(cache.path().to_owned()));
        let registry = "https://ann:secret@registry.example/".parse().unwrap();
        features.hear(&registry, &said("resolve"));
        assert!(features.offers(&registry, Feature::Resolve));
        assert!(fs::read_dir(cache.path()).unwrap().next().is_none());
    }
}
