//! Whose install scripts a project allows to run.

/// Whether a list of approvals (`name`, `name@version`, `name@1.0.0 || 2.0.0`) covers a package.
pub fn approves(approvals: &[String], name: &str, version: &str) -> bool {
    approvals.iter().any(|approval| {
        let at = approval.char_indices().skip(1).find(|(_, sign)| *sign == '@').map(|(at, _)| at);
        match at {
            None => approval == name,
            Some(at) => {
                let (approved, versions) = (&approval[..at], &approval[at + 1..]);
                approved == name && versions.split("||").any(|each| each.trim() == version)
            }
        }
    })
}
