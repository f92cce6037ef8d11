//! What `os` asks the system. On Linux most of it is in /proc.

use std::collections::BTreeMap;
use std::fs;
use std::net::IpAddr;

use js_engine::{Binding, Float64s, OpError, op};
use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;
use nix::sys::socket::SockaddrStorage;
use nix::unistd::{Uid, User};
use rustix::io::Errno;
use rustix::process::Pid;

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(uname)
        .op(available_parallelism)
        .op(cpus)
        .op(load_averages)
        .op(uptime)
        .op(memory)
        .op(user_info)
        .op(get_priority)
        .op(set_priority)
        .op(network_interfaces);
}

/// System, host, release, version and machine.
#[op]
fn uname() -> Vec<String> {
    let names = rustix::system::uname();
    [names.sysname(), names.nodename(), names.release(), names.version(), names.machine()]
        .map(|name| name.to_string_lossy().into_owned())
        .into()
}

#[op]
fn available_parallelism() -> f64 {
    std::thread::available_parallelism().map_or(1.0, |count| count.get() as f64)
}

/// Model, speed in MHz, and the milliseconds spent for programs, for nice ones, in the system, idle and in interrupts.
#[op]
fn cpus() -> Vec<(String, f64, Float64s)> {
    /// The kernel counts in hundredths of a second.
    const TICK: f64 = 10.0;
    let models = processor_models();
    let statistics = fs::read_to_string("/proc/stat").unwrap_or_default();
    let mut found = Vec::new();
    for line in statistics.lines() {
        let Some((number, times)) = line.strip_prefix("cpu").and_then(|rest| rest.split_once(' ')) else {
            continue;
        };
        let Ok(number) = number.parse::<usize>() else { continue };
        let ticks: Vec<f64> = times.split_whitespace().filter_map(|ticks| ticks.parse().ok()).collect();
        // user, nice, system, idle, waiting for I/O, interrupts
        let times = [0, 1, 2, 3, 5].map(|i| ticks.get(i).copied().unwrap_or(0.0) * TICK);
        let model = models.get(&number).cloned().unwrap_or_else(|| "unknown".to_owned());
        found.push((model, speed(number), Float64s(times.into())));
    }
    found
}

fn processor_models() -> BTreeMap<usize, String> {
    let mut models = BTreeMap::new();
    let mut number = 0;
    for line in fs::read_to_string("/proc/cpuinfo").unwrap_or_default().lines() {
        let Some((key, value)) = line.split_once(':') else { continue };
        match key.trim() {
            "processor" => number = value.trim().parse().unwrap_or(number),
            "model name" => {
                models.insert(number, value.trim().to_owned());
            }
            _ => {}
        }
    }
    models
}

fn speed(number: usize) -> f64 {
    let path = format!("/sys/devices/system/cpu/cpu{number}/cpufreq/scaling_cur_freq");
    let kilohertz = fs::read_to_string(path).ok().and_then(|text| text.trim().parse::<f64>().ok());
    kilohertz.map_or(0.0, |kilohertz| (kilohertz / 1000.0).floor())
}

#[op]
fn load_averages() -> Float64s {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let mut averages: Vec<f64> =
        text.split_whitespace().take(3).filter_map(|load| load.parse().ok()).collect();
    averages.resize(3, 0.0);
    Float64s(averages)
}

/// Seconds since the system started.
#[op]
fn uptime() -> f64 {
    let text = fs::read_to_string("/proc/uptime").unwrap_or_default();
    text.split(' ').next().and_then(|seconds| seconds.parse().ok()).unwrap_or(0.0)
}

/// Bytes of memory in all, and those that programs could still get.
#[op]
fn memory() -> Float64s {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let bytes = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        line.trim().strip_suffix(" kB")?.parse::<f64>().ok().map(|kilobytes| kilobytes * 1024.0)
    };
    Float64s(vec![bytes("MemTotal").unwrap_or(0.0), bytes("MemAvailable").unwrap_or(0.0)])
}

/// Number, group, name, home and shell.
type UserInfo = (u32, u32, Vec<u8>, Vec<u8>, Vec<u8>);

/// Who runs the program.
#[op]
fn user_info() -> Result<UserInfo, OpError> {
    let failed = |errno: i32| OpError::system(errno, "uv_os_get_passwd");
    let user = User::from_uid(Uid::effective()).map_err(|errno| failed(errno as i32))?;
    let user = user.ok_or_else(|| failed(Errno::NOENT.raw_os_error()))?;
    let (home, shell) = (user.dir.into_os_string(), user.shell.into_os_string());
    Ok((
        user.uid.as_raw(),
        user.gid.as_raw(),
        user.name.into_bytes(),
        home.into_encoded_bytes(),
        shell.into_encoded_bytes(),
    ))
}

/// No process for 0, which stands for the one that asks; there is none with a negative number.
fn process(number: i32) -> Result<Option<Pid>, Errno> {
    if number < 0 { Err(Errno::SRCH) } else { Ok(Pid::from_raw(number)) }
}

#[op]
fn get_priority(pid: i32) -> Result<i32, OpError> {
    let priority = process(pid).and_then(rustix::process::getpriority_process);
    priority.map_err(|error| OpError::system(error.raw_os_error(), "uv_os_getpriority"))
}

#[op]
fn set_priority(pid: i32, priority: i32) -> Result<(), OpError> {
    let set = process(pid).and_then(|pid| rustix::process::setpriority_process(pid, priority));
    set.map_err(|error| OpError::system(error.raw_os_error(), "uv_os_setpriority"))
}

type InterfaceAddress = (String, String, String, String, bool, f64);

/// Name, address, mask, hardware address, whether it leads nowhere outside, and the scope of an IPv6 address; for each
/// address of the interfaces that are up.
#[op]
fn network_interfaces() -> Result<Vec<InterfaceAddress>, OpError> {
    let list = getifaddrs().map_err(|errno| OpError::system(errno as i32, "uv_interface_addresses"))?;
    let (mut found, mut hardware) = (Vec::new(), BTreeMap::new());
    for interface in list {
        let Some(address) = interface.address else { continue };
        if let Some(link) = address.as_link_addr() {
            hardware.insert(interface.interface_name, link.addr().unwrap_or_default());
            continue;
        }
        let needed = InterfaceFlags::IFF_UP | InterfaceFlags::IFF_RUNNING;
        let (Some((ip, scope)), true) = (ip(&address), interface.flags.contains(needed)) else { continue };
        let mask = interface.netmask.as_ref().and_then(self::ip).map_or(unspecified(ip), |(mask, _)| mask);
        let internal = interface.flags.contains(InterfaceFlags::IFF_LOOPBACK);
        found.push((interface.interface_name, ip, mask, internal, scope));
    }
    Ok(found
        .into_iter()
        .map(|(name, ip, mask, internal, scope)| {
            let mac = hardware.get(&name).copied().unwrap_or_default();
            let mac: Vec<String> = mac.iter().map(|byte| format!("{byte:02x}")).collect();
            (name, ip.to_string(), mask.to_string(), mac.join(":"), internal, f64::from(scope))
        })
        .collect())
}

fn ip(address: &SockaddrStorage) -> Option<(IpAddr, u32)> {
    if let Some(v4) = address.as_sockaddr_in() {
        return Some((v4.ip().into(), 0));
    }
    address.as_sockaddr_in6().map(|v6| (v6.ip().into(), v6.scope_id()))
}

fn unspecified(like: IpAddr) -> IpAddr {
    match like {
        IpAddr::V4(_) => std::net::Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
    }
}
