//! Questions on standard error, so that standard output holds the answer alone; passwords are read without showing
//! them.

use std::io::{self, BufRead as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use diagnostics::Diagnostic;
use registry_client::Secret;

/// A line beside the answer.
pub fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

fn show(question: &str) -> io::Result<()> {
    let mut stream = io::stderr().lock();
    stream.write_all(question.as_bytes())?;
    stream.flush()
}

/// Asks, and answers the line that is typed.
///
/// *Errors*: standard input has ended.
pub fn line(question: &str) -> io::Result<String> {
    show(question)?;
    let mut line = String::new();
    if io::stdin().lock().read_line(&mut line)? == 0 {
        say("");
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "standard input has ended"));
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Asks whether to go on, unless that was answered already: no answer is none.
///
/// *Errors*: `ECANCELED` where it is not to go on.
pub fn proceed(answered: Option<bool>) -> Result<(), Diagnostic> {
    let is_yes = answered.unwrap_or_else(|| {
        let answer = line("Do you want to proceed? (y/N) ").unwrap_or_default();
        matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
    });
    let canceled =
        || Diagnostic::error("ECANCELED", "nothing was changed").with_hint("run it again with --yes");
    if is_yes { Ok(()) } else { Err(canceled()) }
}

/// Asks for what nobody is to see. Standard input that is no terminal shows nothing anyway.
///
/// *Errors*: standard input has ended, or Ctrl-C was pressed.
pub fn hidden(question: &str) -> io::Result<Secret> {
    #[cfg(unix)]
    if io::IsTerminal::is_terminal(&io::stdin()) {
        show(question)?;
        let typed = unix::read_unseen();
        say("");
        return typed.map(Secret::new);
    }
    line(question).map(Secret::new)
}

/// Waits for the Enter key, until it is `over`. Answers whether it was pressed.
///
/// *Errors*: a terminal that cannot be read.
pub fn enter_pressed(question: &str, over: &AtomicBool) -> io::Result<bool> {
    show(question)?;
    while !over.load(Ordering::Relaxed) {
        #[cfg(unix)]
        if !unix::is_readable_soon()? {
            continue;
        }
        return Ok(io::stdin().lock().read_line(&mut String::new())? > 0);
    }
    Ok(false)
}

#[cfg(unix)]
mod unix {
    use std::io;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

    /// The terminal as it was, restored however reading ends.
    struct Restore(Termios);

    impl Drop for Restore {
        fn drop(&mut self) {
            let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Flush, &self.0);
        }
    }

    /// Reads a line key by key. The terminal neither shows keys nor makes signals of them meanwhile: a Ctrl-C that
    /// ended the process would leave it so.
    pub fn read_unseen() -> io::Result<String> {
        const INTERRUPT: u8 = 3;
        const END: u8 = 4;
        let stdin = rustix::stdio::stdin();
        let before = tcgetattr(stdin)?;
        let mut unseen = before.clone();
        unseen.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
        let _restore = Restore(before);
        tcsetattr(stdin, OptionalActions::Flush, &unseen)?;
        let mut typed = Vec::new();
        let mut key = [0];
        loop {
            let ended = rustix::io::read(stdin, &mut key)? == 0;
            match key[0] {
                b'\r' | b'\n' => break,
                INTERRUPT => return Err(io::Error::new(io::ErrorKind::Interrupted, "canceled")),
                _ if ended => return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "input has ended")),
                END if typed.is_empty() => {
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "input has ended"));
                }
                END => break,
                0x08 | 0x7f => {
                    // a character may be several bytes
                    while typed.pop().is_some_and(|byte: u8| byte & 0xc0 == 0x80) {}
                }
                other => typed.push(other),
            }
        }
        String::from_utf8(typed).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    /// Whether there is a line to read, waiting a moment for it.
    pub fn is_readable_soon() -> io::Result<bool> {
        let stdin = rustix::stdio::stdin();
        let mut waited = [PollFd::new(&stdin, PollFlags::IN)];
        let moment = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
        match poll(&mut waited, Some(&moment)) {
            Ok(ready) => Ok(ready > 0),
            Err(rustix::io::Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
