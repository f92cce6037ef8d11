//! How each package manager installs a package.

use super::super::markup::{Html, html};
use super::PackagePage;

/// A package manager, and its command to add a dependency.
const COMMANDS: [(&str, &str); 5] = [
    ("knit", "knit install"),
    ("npm", "npm install"),
    ("pnpm", "pnpm add"),
    ("yarn", "yarn add"),
    ("bun", "bun add"),
];

/// The commands, of which one is shown at a time: radio buttons choose it without a script.
pub(super) fn render(page: &PackagePage) -> Html {
    let specifier = match &page.asked {
        Some(version) => format!("{}@{version}", page.name),
        None => page.name.clone(),
    };
    let choices: Html = COMMANDS
        .iter()
        .enumerate()
        .map(|(index, (client, _))| {
            let checked = (index == 0).then(|| html!(" checked"));
            html!(
                r#"<input type="radio" name="client" id="client-{client}" value="{client}"{checked}><label for="client-{client}">{client}</label>"#,
                client = client,
                checked = checked,
            )
        })
        .collect();
    let commands: Html = COMMANDS
        .iter()
        .map(|(client, command)| {
            html!(r#"<pre class="client-{}" data-copy><code>{} {}</code></pre>"#, client, command, specifier)
        })
        .collect();
    html!(
        r#"<fieldset class="clients"><legend class="unseen">Package manager</legend>{}{}</fieldset>"#,
        choices,
        commands
    )
}
