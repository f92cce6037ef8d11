//! What a registry says about the packages that an installation ends with. It is asked while they are put into
//! place. That it has nothing to say is no reason to fail.

use std::path::Path;
use std::time::Duration;

use dependency_resolver::IdealTree;
use indexmap::IndexMap;
use registry_client::{CachePolicy, RegistryClient, RegistryError};
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use super::{InstallContext, Operation};
use crate::audit::{AuditReport, Audited, bulk};
use crate::project::{Project, ProjectError};
use crate::view::{NodeSet, dependencies_of};
use crate::workspaces::{relative_path, selected_names};

/// How long is waited for the answer once everything else is done.
const PATIENCE: Duration = Duration::from_secs(5);

/// Advisories by package.
type Answer = Result<IndexMap<String, Vec<Value>>, RegistryError>;

/// A question on its way.
pub(super) struct Auditing {
    client: RegistryClient,
    /// `None` where there is nothing to ask about.
    answer: Option<JoinHandle<Answer>>,
}

impl Auditing {
    /// Asks, unless the settings or the operation are against it.
    ///
    /// *Errors*: a selection that no workspace matches.
    pub(super) fn begin(
        context: &InstallContext<'_>,
        operation: &Operation,
        project: &Project,
        ideal: &IdealTree,
        client: &RegistryClient,
        runtime: &Runtime,
    ) -> Result<Option<Self>, ProjectError> {
        let settings = context.settings;
        let is_wanted = match operation {
            Operation::Fetch(_) | Operation::Prepare => false,
            Operation::Fix(_) => true,
            _ => settings.install.audit,
        };
        if !is_wanted || settings.dry_run || client.options().cache_policy == CachePolicy::Offline {
            return Ok(None);
        }
        let asked = audited(context, project, ideal)?.asked();
        let is_empty = asked.is_empty();
        let client = client.clone();
        let asking = client.clone();
        let ask = async move { bulk::advisories(&asking, &asked).await };
        let answer = (!is_empty).then(|| runtime.spawn(ask));
        Ok(Some(Self { client, answer }))
    }

    /// What the answer means.
    pub(super) fn finish(
        self,
        context: &InstallContext<'_>,
        project: &Project,
        ideal: &IdealTree,
        runtime: &Runtime,
    ) -> Result<Option<AuditReport>, ProjectError> {
        let audited = audited(context, project, ideal)?;
        let Self { client, answer } = self;
        Ok(runtime.block_on(async {
            let Some(mut answer) = answer else {
                return Some(audited.report(&client, &IndexMap::new()).await);
            };
            match tokio::time::timeout(PATIENCE, &mut answer).await {
                Ok(Ok(Ok(advisories))) => Some(audited.report(&client, &advisories).await),
                _ => {
                    answer.abort();
                    None
                }
            }
        }))
    }
}

fn audited<'a>(
    context: &'a InstallContext<'a>,
    project: &Project,
    ideal: &'a IdealTree,
) -> Result<Audited<'a>, ProjectError> {
    Ok(Audited {
        tree: &ideal.tree,
        root: ideal.root,
        filter: filter(context, project, ideal)?,
        settings: &context.settings.install,
        platform: &context.platform,
    })
}

fn filter(
    context: &InstallContext<'_>,
    project: &Project,
    ideal: &IdealTree,
) -> Result<NodeSet, ProjectError> {
    let selection = &context.settings.workspaces;
    if context.settings.places.is_global || !selection.enabled || !selection.selected() {
        return Ok(None);
    }
    let names = selected_names(context.settings)?;
    let node = |folder: &Path| ideal.tree.at_location(ideal.root, &relative_path(&project.directory, folder));
    let members = project.workspaces.iter().filter(|member| names.contains(&member.name));
    let start = members.filter_map(|member| node(&member.path)).collect();
    Ok(Some(dependencies_of(&ideal.tree, ideal.root, start, selection.include_root)))
}
