//! The user as the holder of an account: asked on the terminal for codes, names and passwords, and shown pages of
//! the registry in the browser.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use package_manager::account::AccountDialogue;
use registry_client::{AccountHolder, RequestInfo, Secret, Visit, VisitPurpose};
use url::Url;

use crate::browser::Browser;
use crate::prompt;

/// The user at this terminal.
pub struct TerminalUser {
    browser: Browser,
    /// Whether there is somebody at all: both standard input and standard output are terminals.
    is_present: bool,
}

impl TerminalUser {
    pub fn new(browser: Browser, is_present: bool) -> Self {
        Self { browser, is_present }
    }
}

impl AccountHolder for TerminalUser {
    fn one_time_password(&self, _request: &RequestInfo) -> Option<Secret> {
        if !self.is_present {
            return None;
        }
        loop {
            let typed = prompt::line("This operation requires a one-time password.\nEnter OTP: ").ok()?;
            if let Some(code) = package_manager::account::one_time_password(&typed) {
                return Some(code);
            }
        }
    }

    /// To log in, a page is shown also where nobody sits at a terminal: the address may be read from a log.
    fn visit(&self, page: &Url, purpose: VisitPurpose) -> Option<Visit> {
        let title = match purpose {
            VisitPurpose::Login => "Login at",
            VisitPurpose::CreateAccount => "Create your account at",
            VisitPurpose::SecondFactor if !self.is_present => return None,
            VisitPurpose::SecondFactor => "Authenticate your account at",
        };
        self.browser.tell(title, page.as_str());
        let visiting = Visiting(Arc::default());
        if self.is_present && self.browser.opens() {
            visiting.0.asks.store(true, Ordering::Relaxed);
            let (state, browser, page) = (visiting.0.clone(), self.browser.clone(), page.clone());
            // not waited for: it ends within a moment of the visit, or with the process
            std::thread::spawn(move || {
                let key = prompt::enter_pressed("Press ENTER to open in the browser...", &state.over);
                if key.unwrap_or(false) {
                    state.asks.store(false, Ordering::Relaxed);
                    // the address is on the screen already, so a browser that fails is no more to be said
                    let _ = browser.open("Browser unavailable. Please open the URL manually", page.as_str());
                }
            });
        }
        Some(Box::new(visiting))
    }
}

/// A page that is waited for; nothing is read from the terminal for it any more once this is dropped.
struct Visiting(Arc<VisitState>);

#[derive(Default)]
struct VisitState {
    over: AtomicBool,
    /// Whether a question stands on the screen.
    asks: AtomicBool,
}

impl Drop for Visiting {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::Relaxed);
        if self.0.asks.swap(false, Ordering::Relaxed) {
            prompt::say("");
        }
    }
}

/// Questions about an account, on the terminal or answered line by line from a pipe.
pub struct Questions;

impl AccountDialogue for Questions {
    fn ask(&mut self, question: &str) -> io::Result<String> {
        prompt::line(question)
    }

    fn ask_hidden(&mut self, question: &str) -> io::Result<Secret> {
        prompt::hidden(question)
    }

    fn say(&mut self, text: &str) {
        prompt::say(text);
    }
}
