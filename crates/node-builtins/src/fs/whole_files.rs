//! Reading and writing whole files in one operation each, text included: the calls that programs make most.

use js_engine::{Fd, OpError, OsPath, op};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::{self, retry_on_intr};

use super::failure::During;

/// What one read may ask of a file that says it is larger: Node's limit of a file read whole.
const LARGEST: u64 = (1 << 31) - 1;

/// How many UTF-16 units a JavaScript string holds at most: `buffer.constants.MAX_STRING_LENGTH`.
const LONGEST_STRING: usize = (1 << 30) - 2;

/// First room for a file that does not know its size: a pipe, a device, most of /proc.
const UNSIZED: usize = 64 * 1024;

fn open(path: &OsPath, flags: u32, mode: u32) -> Result<OwnedFd, OpError> {
    let path = path.as_path();
    let flags = OFlags::from_bits_retain(flags) | OFlags::CLOEXEC;
    retry_on_intr(|| rustix::fs::open(path, flags, Mode::from_raw_mode(mode))).during_on("open", path)
}

fn contents(file: BorrowedFd<'_>) -> Result<Vec<u8>, OpError> {
    let stat = rustix::fs::fstat(file).during("fstat")?;
    let size = if FileType::from_raw_mode(stat.st_mode).is_file() { stat.st_size as u64 } else { 0 };
    if size > LARGEST {
        return Err(OpError::range_error(format!("File size ({size}) is greater than 2 GiB"))
            .code("ERR_FS_FILE_TOO_LARGE"));
    }
    // One byte more than the size lets the read that fills it and the one that finds the end be the same.
    let mut bytes = Vec::with_capacity(if size == 0 { UNSIZED } else { size as usize + 1 });
    loop {
        if bytes.len() == bytes.capacity() {
            bytes.reserve(bytes.capacity());
        }
        let read =
            retry_on_intr(|| io::read(file, rustix::buffer::spare_capacity(&mut bytes))).during("read")?;
        if read == 0 || (size > 0 && bytes.len() as u64 == size) {
            return Ok(bytes);
        }
    }
}

fn into_text(bytes: Vec<u8>) -> Result<String, OpError> {
    let text = String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    if text.len() > LONGEST_STRING && text.encode_utf16().count() > LONGEST_STRING {
        let message = format!("Cannot create a string longer than {LONGEST_STRING:#x} characters");
        return Err(OpError::error(message).code("ERR_STRING_TOO_LONG"));
    }
    Ok(text)
}

#[op(blocking)]
pub(super) fn read_file(path: OsPath, flags: u32) -> Result<Vec<u8>, OpError> {
    contents(open(&path, flags, 0o666)?.as_fd())
}

#[op(blocking)]
pub(super) fn read_file_utf8(path: OsPath, flags: u32) -> Result<String, OpError> {
    contents(open(&path, flags, 0o666)?.as_fd()).and_then(into_text)
}

#[op(blocking)]
pub(super) fn read_descriptor(fd: Fd) -> Result<Vec<u8>, OpError> {
    contents(fd.as_fd())
}

#[op(blocking)]
pub(super) fn read_descriptor_utf8(fd: Fd) -> Result<String, OpError> {
    contents(fd.as_fd()).and_then(into_text)
}

fn replace(path: &OsPath, mut bytes: &[u8], flags: u32, mode: u32) -> Result<(), OpError> {
    let file = open(path, flags, mode)?;
    while !bytes.is_empty() {
        let written = retry_on_intr(|| io::write(&file, bytes)).during("write")?;
        bytes = &bytes[written..];
    }
    Ok(())
}

#[op(blocking)]
pub(super) fn write_file(path: OsPath, bytes: Vec<u8>, flags: u32, mode: u32) -> Result<(), OpError> {
    replace(&path, &bytes, flags, mode)
}

#[op]
pub(super) fn write_file_from(path: OsPath, bytes: &[u8], flags: u32, mode: u32) -> Result<(), OpError> {
    replace(&path, bytes, flags, mode)
}

#[op(blocking)]
pub(super) fn write_file_text(path: OsPath, text: String, flags: u32, mode: u32) -> Result<(), OpError> {
    replace(&path, text.as_bytes(), flags, mode)
}
