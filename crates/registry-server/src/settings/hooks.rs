//! `[hooks]`: whom users may have told of changes.

use super::reader::Section;
use crate::hooks::HookOptions;

pub(super) fn read(section: &Section<'_, '_>) -> HookOptions {
    let default = HookOptions::default();
    let options =
        HookOptions { private_addresses: section.or("private_addresses", default.private_addresses) };
    section.finish();
    options
}
