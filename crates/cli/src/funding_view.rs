//! How `fund` shows what it found: as a tree of addresses, as JSON. Source: npm 11.19.1.

use package_manager::view::fund::{Funding, Report, sources};
use serde_json::{Map, Value};

use crate::terminal::Terminal;
use crate::tree_view::Branch;

/// The tree: packages that share an address stand together where it comes first.
pub fn tree(report: &Report, terminal: &Terminal, unicode: bool) -> String {
    let mut drawing = Drawing { terminal, unicode, addresses: Vec::new(), items: Vec::new() };
    let root = drawing.visit(&report.root);
    root.map(|root| drawing.branch(root)).unwrap_or_default().draw(unicode)
}

struct Drawing<'a> {
    terminal: &'a Terminal,
    unicode: bool,
    /// Addresses that were met, and the items that show them.
    addresses: Vec<(String, usize)>,
    /// Labels, and what hangs from them.
    items: Vec<(String, Vec<usize>)>,
}

impl Drawing<'_> {
    /// The item of a package; `None` where it was added to the item that has its address.
    fn visit(&mut self, funding: &Funding) -> Option<usize> {
        let name = match &funding.version {
            Some(version) => format!("{}@{version}", funding.name),
            None => funding.name.clone(),
        };
        let address = sources(funding.funding.as_ref()).into_iter().next().map(|source| source.url);
        let known = address
            .as_ref()
            .and_then(|address| self.addresses.iter().find(|(known, _)| known == address).map(|&(_, at)| at));
        let item = match (known, address) {
            (Some(at), _) => {
                if let Some((label, _)) = self.items.get_mut(at) {
                    label.push_str(&format!("{} {name}", self.terminal.dim(",")));
                }
                None
            }
            (None, Some(address)) => {
                let label = self.terminal.paint("34", &address);
                let label = Branch { label, branches: vec![Branch::leaf(name)] }.draw(self.unicode);
                self.addresses.push((address, self.items.len()));
                self.items.push((label.trim().to_owned(), Vec::new()));
                Some(self.items.len() - 1)
            }
            (None, None) => {
                self.items.push((name, Vec::new()));
                Some(self.items.len() - 1)
            }
        };
        let below: Vec<usize> = funding.dependencies.iter().filter_map(|below| self.visit(below)).collect();
        if let Some((_, branches)) = item.and_then(|at| self.items.get_mut(at)) {
            *branches = below;
        }
        item
    }

    fn branch(&self, at: usize) -> Branch {
        let Some((label, below)) = self.items.get(at) else { return Branch::default() };
        Branch { label: label.clone(), branches: below.iter().map(|&below| self.branch(below)).collect() }
    }
}

/// npm's object.
pub fn json(report: &Report) -> Value {
    let mut members = Map::new();
    members.insert("length".into(), report.count.into());
    members.insert("name".into(), report.root.name.clone().into());
    add_members(&mut members, &report.root);
    if report.root.dependencies.is_empty() {
        members.insert("dependencies".into(), Map::new().into());
    }
    members.into()
}

fn add_members(members: &mut Map<String, Value>, funding: &Funding) {
    if let Some(version) = &funding.version {
        members.insert("version".into(), version.clone().into());
    }
    if let Some(asked) = &funding.funding {
        members.insert("funding".into(), asked.clone());
    }
    if !funding.dependencies.is_empty() {
        let below = funding.dependencies.iter().map(|below| {
            let mut members = Map::new();
            add_members(&mut members, below);
            (below.name.clone(), members.into())
        });
        members.insert("dependencies".into(), Value::Object(below.collect()));
    }
}
