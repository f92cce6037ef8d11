//! Users, groups and the mask of new files.

use js_engine::{Binding, OpError, op};
use nix::errno::Errno;
use nix::sys::stat::{Mode, umask};
use nix::unistd::{self, Gid, Group, Uid, User};
use std::ffi::CString;

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(exchange_umask).op(user_ids).op(groups).op(set_id).op(set_groups).op(initialize_groups);
}

/// Sets the mask where one is given. The mask before.
#[op]
fn exchange_umask(mask: Option<u32>) -> u32 {
    let before = umask(Mode::from_bits_truncate(mask.unwrap_or(0)));
    if mask.is_none() {
        umask(before);
    }
    before.bits()
}

/// Real and effective user, real and effective group.
#[op]
fn user_ids() -> Vec<f64> {
    let ids = [
        Uid::current().as_raw(),
        Uid::effective().as_raw(),
        Gid::current().as_raw(),
        Gid::effective().as_raw(),
    ];
    ids.map(f64::from).to_vec()
}

#[op]
fn groups() -> Result<Vec<f64>, OpError> {
    let mut groups = unistd::getgroups().map_err(|errno| failed(errno, "getgroups"))?;
    let effective = Gid::effective();
    if !groups.contains(&effective) {
        groups.push(effective);
    }
    Ok(groups.into_iter().map(|group| f64::from(group.as_raw())).collect())
}

/// With the C library's text, which these alone have in Node.
fn failed(errno: Errno, syscall: &'static str) -> OpError {
    let code = format!("{errno:?}");
    OpError::error(format!("{code}, {}", errno.desc()))
        .number("errno", f64::from(errno as i32))
        .property("code", code)
        .property("syscall", syscall)
}

fn user(text: &str) -> Option<User> {
    match text.parse::<u32>() {
        Ok(id) => User::from_uid(Uid::from_raw(id)).ok().flatten(),
        Err(_) => User::from_name(text).ok().flatten(),
    }
}

/// A number in decimal, or the name of a group.
fn group_id(text: &str) -> Option<Gid> {
    match text.parse::<u32>() {
        Ok(id) => Some(Gid::from_raw(id)),
        Err(_) => Some(Group::from_name(text).ok().flatten()?.gid),
    }
}

/// Numbers come as text, like names. False when nobody has that name.
#[op]
fn set_id(which: String, id: String) -> Result<bool, OpError> {
    let user_id = || match id.parse::<u32>() {
        Ok(id) => Some(Uid::from_raw(id)),
        Err(_) => user(&id).map(|user| user.uid),
    };
    let (syscall, done) = match which.as_str() {
        "setuid" => ("setuid", user_id().map(unistd::setuid)),
        "seteuid" => ("seteuid", user_id().map(unistd::seteuid)),
        "setgid" => ("setgid", group_id(&id).map(unistd::setgid)),
        _ => ("setegid", group_id(&id).map(unistd::setegid)),
    };
    match done {
        None => Ok(false),
        Some(result) => result.map(|()| true).map_err(|errno| failed(errno, syscall)),
    }
}

/// The index of a group that nobody knows, -1 when all were set.
#[op]
fn set_groups(names: Vec<String>) -> Result<i32, OpError> {
    let mut groups = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        match group_id(name) {
            Some(group) => groups.push(group),
            None => return Ok(i32::try_from(index).unwrap_or(i32::MAX)),
        }
    }
    unistd::setgroups(&groups).map_err(|errno| failed(errno, "setgroups"))?;
    Ok(-1)
}

/// 0 when done, 1 for an unknown user, 2 for an unknown group.
#[op]
fn initialize_groups(user_name: String, extra_group: String) -> Result<i32, OpError> {
    let Some(group) = group_id(&extra_group) else { return Ok(2) };
    let Some(user) = user(&user_name) else { return Ok(1) };
    let name = CString::new(user.name).unwrap_or_default();
    unistd::initgroups(&name, group).map_err(|errno| failed(errno, "initgroups"))?;
    Ok(0)
}
