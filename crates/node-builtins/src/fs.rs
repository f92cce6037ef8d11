//! The system calls under `fs`: each op is one operation of the module, with or without a callback.
//!
//! Arguments arrive checked: JavaScript validates them and decides on defaults. Errors carry the system call that Node
//! names, and the paths it was about. Descriptors are the program's own integers; nothing here keeps them.

mod attributes;
mod copy;
mod descriptors;
mod directories;
mod failure;
mod links;
mod metadata;
mod removal;
#[cfg(target_os = "linux")]
mod watch;
mod whole_files;

use std::sync::{Arc, Once};

use js_engine::Binding;
use signal_hook::consts::SIGXFSZ;

/// A write beyond the limit of file sizes is to fail, not to end the process: that takes a handler for the signal.
fn outlive_size_limits() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Without it the process ends as others do.
        let _ = signal_hook::flag::register(SIGXFSZ, Arc::default());
    });
}

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    outlive_size_limits();
    b.op(attributes::access)
        .op(attributes::exists)
        .op(attributes::chmod)
        .op(attributes::fchmod)
        .op(attributes::chown)
        .op(attributes::lchown)
        .op(attributes::fchown)
        .op(attributes::utimes)
        .op(attributes::lutimes)
        .op(attributes::futimes)
        .op(copy::copy_file)
        .op(descriptors::open)
        .op(descriptors::close)
        .op(descriptors::read)
        .op(descriptors::read_into)
        .op(descriptors::write)
        .op(descriptors::write_from)
        .op(descriptors::write_text)
        .op(descriptors::writev)
        .op(descriptors::fsync)
        .op(descriptors::fdatasync)
        .op(descriptors::ftruncate)
        .op(directories::mkdir)
        .op(directories::mkdir_recursive)
        .op(directories::mkdtemp)
        .op(directories::rmdir)
        .op(directories::readdir)
        .op(directories::readdir_bytes)
        .op(directories::readdir_types)
        .op(directories::readdir_types_bytes)
        .op(directories::readdir_recursive)
        .op(directories::opendir)
        .op(directories::read_directory)
        .op(directories::close_directory)
        .op(links::link)
        .op(links::symlink)
        .op(links::readlink)
        .op(links::readlink_bytes)
        .op(links::realpath)
        .op(links::realpath_native)
        .op(links::rename)
        .op(links::unlink)
        .op(metadata::stat)
        .op(metadata::lstat)
        .op(metadata::fstat)
        .op(metadata::stat_now)
        .op(metadata::fstat_now)
        .op(metadata::stat_bigint)
        .op(metadata::lstat_bigint)
        .op(metadata::fstat_bigint)
        .op(metadata::statfs)
        .op(metadata::statfs_bigint)
        .op(removal::rm)
        .op(whole_files::read_file)
        .op(whole_files::read_file_utf8)
        .op(whole_files::read_descriptor)
        .op(whole_files::read_descriptor_utf8)
        .op(whole_files::write_file)
        .op(whole_files::write_file_from)
        .op(whole_files::write_file_text);
    #[cfg(target_os = "linux")]
    b.op(watch::watch_open)
        .op(watch::watch_add)
        .op(watch::watch_remove)
        .op(watch::watch_read)
        .op(watch::watch_close);
}
