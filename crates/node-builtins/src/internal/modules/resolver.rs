//! Operations of `internal/modules/resolver`: one [`RuntimeResolver`] a runtime.

use js_engine::{Binding, OpError, Scope, op};
use module_resolver::{Kind, Options};

use super::resolution::{Answer, Part, RequireQuestion, RuntimeResolver};

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(configure)
        .op(set_global_folders)
        .op(conditions)
        .op(forget)
        .op(resolve_require)
        .op(resolve_own)
        .op(find_path)
        .op(resolve_import)
        .op(file_format)
        .op(package_scope)
        .op(package_in)
        .op(package_of_specifier)
        .op(stat);
}

/// `flags`: "preserve-symlinks", "preserve-symlinks-main", "no-addons", "no-require-module", "no-strip-types",
/// "no-addon-modules".
#[op]
fn configure(scope: &mut Scope<'_>, conditions: Vec<String>, flags: Vec<String>) -> Result<(), OpError> {
    let has = |name: &str| flags.iter().any(|flag| flag == name);
    let options = Options {
        conditions,
        node_addons: !has("no-addons"),
        require_module: !has("no-require-module"),
        preserve_symlinks: has("preserve-symlinks"),
        preserve_symlinks_main: has("preserve-symlinks-main"),
        global_folders: Vec::new(),
        strip_types: !has("no-strip-types"),
        addon_modules: !has("no-addon-modules"),
    };
    *scope.state_mut::<RuntimeResolver>() = RuntimeResolver::new(options);
    Ok(())
}

#[op]
fn set_global_folders(scope: &mut Scope<'_>, folders: Vec<String>) -> Result<(), OpError> {
    scope.state_mut::<RuntimeResolver>().set_global_folders(folders);
    Ok(())
}

#[op]
fn conditions(scope: &mut Scope<'_>, of_import: bool) -> Result<Vec<String>, OpError> {
    let kind = if of_import { Kind::Import } else { Kind::Require };
    Ok(scope.state_mut::<RuntimeResolver>().conditions(kind))
}

#[op]
fn forget(scope: &mut Scope<'_>) -> Result<(), OpError> {
    scope.state_mut::<RuntimeResolver>().forget();
    Ok(())
}

#[op]
#[expect(clippy::too_many_arguments, reason = "JavaScript has no cheap records")]
fn resolve_require(
    scope: &mut Scope<'_>,
    specifier: String,
    importer: String,
    only_resolve: bool,
    is_main: bool,
    paths: Option<Vec<String>>,
    extensions: Option<Vec<String>>,
    conditions: Option<Vec<String>>,
) -> Result<Answer, OpError> {
    let question =
        RequireQuestion { specifier, importer, only_resolve, is_main, paths, extensions, conditions };
    Ok(scope.state_mut::<RuntimeResolver>().require(&Part::Whole, &question))
}

#[op]
fn resolve_own(
    scope: &mut Scope<'_>,
    specifier: String,
    importer: String,
    conditions: Option<Vec<String>>,
) -> Result<Answer, OpError> {
    let question = RequireQuestion {
        specifier,
        importer,
        only_resolve: true,
        is_main: false,
        paths: None,
        extensions: None,
        conditions,
    };
    Ok(scope.state_mut::<RuntimeResolver>().require(&Part::Own, &question))
}

#[op]
fn find_path(
    scope: &mut Scope<'_>,
    specifier: String,
    is_main: bool,
    paths: Vec<String>,
    extensions: Option<Vec<String>>,
) -> Result<Answer, OpError> {
    let question = RequireQuestion {
        specifier,
        importer: "/".to_owned(),
        only_resolve: true,
        is_main,
        paths: Some(paths),
        extensions,
        conditions: None,
    };
    Ok(scope.state_mut::<RuntimeResolver>().require(&Part::FindPath, &question))
}

#[op]
fn resolve_import(
    scope: &mut Scope<'_>,
    specifier: String,
    importer: String,
    is_main: bool,
    conditions: Option<Vec<String>>,
) -> Result<Answer, OpError> {
    let resolver = scope.state_mut::<RuntimeResolver>();
    Ok(resolver.import(&specifier, &importer, is_main, conditions.as_deref()))
}

#[op]
fn file_format(scope: &mut Scope<'_>, of_import: bool, path: String) -> Result<Answer, OpError> {
    let kind = if of_import { Kind::Import } else { Kind::Require };
    Ok(scope.state_mut::<RuntimeResolver>().format(kind, &path))
}

#[op]
fn package_scope(scope: &mut Scope<'_>, path: String) -> Result<Answer, OpError> {
    Ok(scope.state_mut::<RuntimeResolver>().package_scope(&path))
}

#[op]
fn package_in(scope: &mut Scope<'_>, folder: String) -> Result<Answer, OpError> {
    Ok(scope.state_mut::<RuntimeResolver>().package_in(&folder))
}

#[op]
fn package_of_specifier(
    scope: &mut Scope<'_>,
    specifier: String,
    importer: String,
) -> Result<Answer, OpError> {
    Ok(scope.state_mut::<RuntimeResolver>().package_of_specifier(&specifier, &importer))
}

#[op]
fn stat(scope: &mut Scope<'_>, path: String) -> Result<i32, OpError> {
    Ok(scope.state_mut::<RuntimeResolver>().stat(&path))
}
