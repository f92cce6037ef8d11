//! Operations of `internal/modules/network`: modules that are imported by `https:` URL.

use js_engine::{Binding, Object, OpError, OsPath, Scope, Wrapped, op};
use network_imports::{ImportError, Mode, NetworkImports, Opener};
use std::sync::Arc;

/// What the process that runs the program gives for this; none where it gives nothing.
#[derive(Default)]
pub struct NetworkOpener(pub Option<Arc<dyn Opener>>);

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(is_configured).op(open).op(load).op(is_at_hand).op(fetch);
}

type Imports = Arc<NetworkImports>;

/// What the loader gets: strings, or a refusal as the resolver has them.
type Answer = Vec<String>;

fn refusal(error: &ImportError) -> Answer {
    let class = if error.code() == "ERR_NETWORK_IMPORT_DISALLOWED" { "TypeError" } else { "Error" };
    [String::new(), class.to_owned(), error.code().to_owned(), error.to_string()].into()
}

/// Whether the configuration of the project that a folder is in allows network imports.
#[op]
fn is_configured(scope: &mut Scope<'_>, folder: OsPath) -> Result<bool, OpError> {
    let opener = scope.state_mut::<NetworkOpener>();
    Ok(opener.0.as_ref().is_some_and(|opener| opener.is_configured(folder.as_path())))
}

/// The imports of the project that a folder is in, and a refusal instead where there can be none.
#[op]
fn open<'s>(
    scope: &mut Scope<'s>,
    folder: OsPath,
    frozen: bool,
    reload: bool,
) -> Result<(Option<Object<'s>>, Answer), OpError> {
    let mode = match (frozen, reload) {
        (true, _) => Mode::Frozen,
        (false, true) => Mode::Reload,
        (false, false) => Mode::Pin,
    };
    let opener = scope.state_mut::<NetworkOpener>().0.clone();
    let opener = opener.ok_or_else(|| OpError::error("there is no network to import from"))?;
    Ok(match opener.open(folder.as_path(), mode) {
        Ok(imports) => (Some(scope.wrap::<Imports>(imports)?), Answer::new()),
        Err(error) => (None, refusal(&error)),
    })
}

/// Where the module was found and its media type, and its source. Waits for the network where it has to.
#[op]
fn load(imports: Wrapped<Imports>, url: String) -> (Answer, Option<Vec<u8>>) {
    match imports.load(&url) {
        Ok(module) => ([module.url, module.media_type].into(), Some(module.source)),
        Err(error) => (refusal(&error), None),
    }
}

/// Whether `load` would not wait.
#[op]
fn is_at_hand(imports: Wrapped<Imports>, url: String) -> bool {
    imports.is_at_hand(&url)
}

/// Fetches what `load` will want, while the program goes on. What goes wrong `load` will tell.
#[op(async)]
async fn fetch(imports: Wrapped<Imports>, url: String) {
    let imports = Imports::clone(&imports);
    // a panic was printed; `load` meets it again
    let _ = tokio::task::spawn_blocking(move || imports.fetch(&url)).await;
}
