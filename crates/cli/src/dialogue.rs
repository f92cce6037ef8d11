//! Questions on the terminal, or answered line by line from a file.

use std::io::{self, BufRead as _, Write as _};

use package_manager::init::Dialogue;

use crate::terminal::Terminal;

/// Asks on standard output and reads standard input.
pub struct Console<'a> {
    terminal: &'a Terminal,
}

impl<'a> Console<'a> {
    pub fn new(terminal: &'a Terminal) -> Self {
        Self { terminal }
    }
}

impl Dialogue for Console<'_> {
    fn ask(&mut self, question: &str, default: Option<&str>) -> io::Result<String> {
        let mut output = io::stdout().lock();
        match default.filter(|default| !default.is_empty()) {
            Some(default) => write!(output, "{question} ({default}) ")?,
            None => write!(output, "{question} ")?,
        }
        output.flush()?;
        let mut line = String::new();
        if io::stdin().lock().read_line(&mut line)? == 0 {
            writeln!(output)?;
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "standard input has ended"));
        }
        let answer = line.trim_end_matches(['\r', '\n']);
        Ok(if answer.is_empty() { default.unwrap_or_default().to_owned() } else { answer.to_owned() })
    }

    fn say(&mut self, text: &str) {
        self.terminal.print(text);
    }
}
