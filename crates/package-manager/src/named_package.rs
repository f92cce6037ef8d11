//! The package that a command about the registry means: the one that is named, else that of the folder.

use diagnostics::Diagnostic;
use http::Method;
use npm_formats::package_name::PackageName;
use npm_formats::specifier::Specifier;
use registry_client::{ApiRequest, RegistryClient};
use serde_json::{Map, Value};

use crate::account::call;
use crate::manifest_file::ManifestFile;
use crate::settings::Settings;

/// A name of a registry, and what stood behind it.
#[derive(Clone, Debug)]
pub struct NamedPackage {
    name: PackageName,
    /// What stands behind the `@`; `None` where nothing does.
    pub spec: Option<String>,
}

impl NamedPackage {
    /// Reads an argument: `name` or `name@spec`. Nothing, and `.`, is the package of the folder.
    ///
    /// *Errors*: what no registry has a name for, a folder whose package.json has none.
    pub fn parse(settings: &Settings, argument: Option<&str>) -> Result<Self, Diagnostic> {
        let argument = argument.filter(|text| !text.is_empty()).unwrap_or(".");
        let text = match argument.strip_prefix('.') {
            Some(rest) if rest.is_empty() || rest.starts_with('@') => {
                format!("{}{rest}", of_folder(settings)?)
            }
            _ => argument.to_owned(),
        };
        let no_name = || {
            Diagnostic::error("EUSAGE", format!("{text} is no name of a package in a registry"))
                .with_hint("write <name> or <name>@<version>")
        };
        let specifier = Specifier::parse(&text, "/").map_err(|_| no_name())?;
        let is_bare = !text.chars().skip(1).any(|c| c == '@');
        let name = specifier.package_name().filter(|_| specifier.is_registry()).ok_or_else(no_name)?;
        let spec = (!is_bare).then(|| specifier.raw_spec().to_owned());
        Ok(Self { name: name.clone(), spec })
    }

    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// Whether it has a scope.
    pub fn is_scoped(&self) -> bool {
        self.name.scope().is_some()
    }

    /// As one segment of a path.
    pub fn escaped(&self) -> String {
        self.name.escaped().into_owned()
    }

    /// A call about the package, to the registry of its scope.
    pub fn request(&self, method: Method, target: impl Into<String>) -> ApiRequest {
        ApiRequest { package: Some(self.name().to_owned()), ..ApiRequest::new(method, target) }
    }

    /// The packument as the registry has it now; `to_write` asks for the revision that a change must name.
    ///
    /// *Errors*: what the registry refuses.
    pub async fn packument(
        &self,
        client: &RegistryClient,
        to_write: bool,
    ) -> Result<Map<String, Value>, Diagnostic> {
        let mut request = self.request(Method::GET, format!("/{}", self.escaped()));
        if to_write {
            request.query.push(("write".to_owned(), "true".to_owned()));
        }
        match call(client, &request).await? {
            Value::Object(packument) => Ok(packument),
            _ => {
                let text = format!("the registry's document for {} is no packument", self.name());
                Err(Diagnostic::error("EINVALIDRESPONSE", text))
            }
        }
    }
}

fn of_folder(settings: &Settings) -> Result<String, Diagnostic> {
    if settings.places.is_global {
        return Err(Diagnostic::error("EUSAGE", "global packages have no package.json to take a name from")
            .with_hint("name the package"));
    }
    let manifest = ManifestFile::read(&settings.places.local_prefix)?;
    manifest.name().map(str::to_owned).ok_or_else(|| {
        Diagnostic::error("EUSAGE", format!("{} has no name", manifest.path().display()))
            .with_hint("name the package, or run `knit pkg set name=<name>`")
    })
}
