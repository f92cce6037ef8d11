//! temporary
#[derive(Debug, Clone)]
pub enum SpecifierKind { Version, Range, Tag, Alias(Box<Specifier>), Git(Git), Remote, File, Directory, Workspace }
#[derive(Debug, Clone)]
pub struct Git;
#[derive(Debug, Clone)]
pub struct Hosted;
impl Hosted { pub fn ssh(&self, _c: bool) -> String { String::new() } }
impl Git { pub fn range(&self)->Option<&str>{None} pub fn committish(&self)->Option<&str>{None} pub fn hosted(&self)->Option<&Hosted>{None} }
#[derive(Debug, thiserror::Error)]
#[error("bad")]
pub struct SpecifierError;
impl SpecifierError { pub fn code(&self) -> &'static str { "EINVALIDPACKAGENAME" } }
#[derive(Debug, Clone)]
pub struct Specifier { name: Option<String>, raw_spec: String, kind: SpecifierKind, fetch: String }
impl Specifier {
    pub fn parse(arg: &str, where_: &str) -> Result<Self, SpecifierError> {
        let at = arg.char_indices().skip(1).find(|(_, c)| *c == '@').map(|(i, _)| i);
        match at { Some(i) => Self::resolve(&arg[..i], &arg[i+1..], where_), None => Self::resolve(arg, "", where_) }
    }
    pub fn resolve(name: &str, spec: &str, w: &str) -> Result<Self, SpecifierError> {
        let spec = spec.trim();
        let spec = if spec.is_empty() { "*" } else { spec };
        let kind = if let Some(alias) = spec.strip_prefix("npm:") { SpecifierKind::Alias(Box::new(Self::parse(alias, w)?)) }
        else if spec.starts_with("file:") { SpecifierKind::Directory }
        else if npm_semver::Version::parse_loose(spec).is_ok() { SpecifierKind::Version }
        else if npm_semver::Range::parse(spec, npm_semver::RangeOptions::LOOSE).is_ok() { SpecifierKind::Range }
        else { SpecifierKind::Tag };
        Ok(Self { name: Some(name.into()), raw_spec: spec.into(), kind, fetch: spec.into() })
    }
    pub fn name(&self) -> Option<&str> { self.name.as_deref() }
    pub fn kind(&self) -> &SpecifierKind { &self.kind }
    pub fn raw_spec(&self) -> &str { &self.raw_spec }
    pub fn fetch_spec(&self) -> Option<&str> { Some(&self.fetch) }
    pub fn save_spec(&self) -> Option<&str> { None }
    pub fn is_registry(&self) -> bool { matches!(self.kind, SpecifierKind::Version|SpecifierKind::Range|SpecifierKind::Tag|SpecifierKind::Alias(_)) }
    pub fn git(&self) -> Option<&Git> { None }
}
