//! A headless Chromium, told what to do over its debugging pipe: messages of JSON that end in a zero byte.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, PipeWriter, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use base64::Engine;
use command_fds::{CommandFdExt, FdMapping};
use serde_json::{Value, json};
use tempfile::TempDir;

const CHROMIUM: &str = "/usr/bin/chromium";

/// The longest that anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A browser; it is killed when it is dropped.
pub struct Browser {
    process: Child,
    commands: PipeWriter,
    messages: Receiver<Value>,
    /// Events that were received while an answer was waited for.
    events: VecDeque<Value>,
    last_id: u64,
    _profile: TempDir,
}

/// The size of a window and its colours.
pub struct Window {
    pub name: &'static str,
    pub width: u32,
    pub height: u32,
    pub mobile: bool,
    /// `light` or `dark`.
    pub scheme: &'static str,
}

impl Browser {
    /// Starts one with a new profile.
    pub fn start() -> Browser {
        assert!(Path::new(CHROMIUM).exists(), "{CHROMIUM} is missing: run `make setup`");
        let profile = tempfile::tempdir().expect("a folder for the profile");
        let (its_commands, commands) = std::io::pipe().expect("a pipe");
        let (answers, its_answers) = std::io::pipe().expect("a pipe");
        let mut command = Command::new(CHROMIUM);
        command
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .args(["--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe"])
            // no name is looked up: what a page asks of elsewhere fails and is seen
            .arg("--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .fd_mappings(vec![
                FdMapping { parent_fd: its_commands.into(), child_fd: 3 },
                FdMapping { parent_fd: its_answers.into(), child_fd: 4 },
            ])
            .expect("two descriptors");
        let process = command.spawn().expect("chromium starts");
        // the pipes' other ends
        drop(command);
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            for message in BufReader::new(answers).split(0) {
                let message = message.ok().and_then(|message| serde_json::from_slice(&message).ok());
                if message.is_none_or(|message| sender.send(message).is_err()) {
                    return;
                }
            }
        });
        Browser { process, commands, messages, events: VecDeque::new(), last_id: 0, _profile: profile }
    }

    /// Opens an empty page.
    pub fn page(&mut self) -> Page<'_> {
        let target = self.call(None, "Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = self.call(None, "Target.attachToTarget", attach);
        let session = attached["sessionId"].as_str().expect("a session").to_owned();
        let mut page = Page { browser: self, session, requests: Vec::new(), complaints: Vec::new() };
        for domain in ["Page", "Runtime", "Network", "Log"] {
            page.call(&format!("{domain}.enable"), json!({}));
        }
        page
    }

    fn call(&mut self, session: Option<&str>, method: &str, parameters: Value) -> Value {
        self.last_id += 1;
        let mut message = json!({ "id": self.last_id, "method": method, "params": parameters });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.commands.write_all(&bytes).expect("chromium listens");
        loop {
            let message = self.receive();
            if message["id"] == self.last_id {
                assert!(message.get("error").is_none(), "{method}: {}", message["error"]);
                return message["result"].clone();
            }
            self.events.push_back(message);
        }
    }

    fn receive(&self) -> Value {
        self.messages.recv_timeout(PATIENCE).expect("chromium answers")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A page in a browser.
pub struct Page<'a> {
    browser: &'a mut Browser,
    session: String,
    requests: Vec<String>,
    complaints: Vec<String>,
}

impl Page<'_> {
    fn call(&mut self, method: &str, parameters: Value) -> Value {
        let session = self.session.clone();
        self.browser.call(Some(&session), method, parameters)
    }

    /// Takes the size and colours of a window.
    pub fn resize(&mut self, window: &Window) {
        let size = json!({
            "width": window.width, "height": window.height, "deviceScaleFactor": 1, "mobile": window.mobile,
        });
        self.call("Emulation.setDeviceMetricsOverride", size);
        let scheme = json!([{ "name": "prefers-color-scheme", "value": window.scheme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": scheme }));
    }

    /// Whether pages may run scripts from now on.
    pub fn allow_scripts(&mut self, allowed: bool) {
        self.call("Emulation.setScriptExecutionDisabled", json!({ "value": !allowed }));
    }

    /// Goes to an address and waits until all of it is loaded.
    pub fn open(&mut self, address: &str) {
        self.forget();
        let gone = self.call("Page.navigate", json!({ "url": address }));
        assert!(gone.get("errorText").is_none(), "{address}: {gone}");
        self.loaded();
    }

    /// Clicks on what leads to a page, and waits until all of that is loaded.
    pub fn follow(&mut self, selector: &str) {
        self.forget();
        self.click(selector);
        self.loaded();
    }

    /// Types a text into a field.
    pub fn fill(&mut self, selector: &str, text: &str) {
        let focus = format!("document.querySelector({selector:?}).focus(), []");
        assert!(self.evaluate_list(&focus).is_empty());
        self.call("Input.insertText", json!({ "text": text }));
    }

    /// Where the page is.
    pub fn address(&mut self) -> String {
        self.evaluate_list("[location.href]").remove(0)
    }

    /// All text of the page.
    pub fn text(&mut self) -> String {
        self.evaluate_list("[document.body.innerText]").remove(0)
    }

    fn forget(&mut self) {
        self.browser.events.clear();
        self.requests.clear();
        self.complaints.clear();
    }

    fn loaded(&mut self) {
        loop {
            let event = match self.browser.events.pop_front() {
                Some(event) => event,
                None => self.browser.receive(),
            };
            if self.note(&event) == "Page.loadEventFired" {
                return;
            }
        }
    }

    /// Keeps what an event tells of requests and errors; answers with its name.
    fn note(&mut self, event: &Value) -> String {
        let parameters = &event["params"];
        let method = event["method"].as_str().unwrap_or_default();
        match method {
            "Network.requestWillBeSent" => {
                self.requests.push(parameters["request"]["url"].as_str().unwrap_or_default().to_owned());
            }
            "Log.entryAdded" if parameters["entry"]["level"] == "error" => {
                self.complaints.push(parameters["entry"]["text"].as_str().unwrap_or_default().to_owned());
            }
            "Runtime.exceptionThrown" => self.complaints.push(parameters["exceptionDetails"].to_string()),
            _ => {}
        }
        method.to_owned()
    }

    fn note_all(&mut self) {
        // whatever was said before this is answered is in the queue afterwards
        self.call("Runtime.evaluate", json!({ "expression": "0" }));
        while let Some(event) = self.browser.events.pop_front() {
            self.note(&event);
        }
    }

    /// The addresses that were asked for since the page was opened.
    pub fn requests(&mut self) -> Vec<String> {
        self.note_all();
        self.requests.clone()
    }

    /// The errors that the browser wrote in its console.
    pub fn complaints(&mut self) -> Vec<String> {
        self.note_all();
        self.complaints.clone()
    }

    /// An expression's value, which is an array of strings.
    pub fn evaluate_list(&mut self, expression: &str) -> Vec<String> {
        let parameters = json!({ "expression": expression, "returnByValue": true });
        let answer = self.call("Runtime.evaluate", parameters);
        let values = answer["result"]["value"].as_array();
        let values = values.unwrap_or_else(|| panic!("not an array: {answer}"));
        values.iter().map(|value| value.as_str().expect("a string").to_owned()).collect()
    }

    /// Clicks in the middle of an element.
    pub fn click(&mut self, selector: &str) {
        let point = self.evaluate_list(&format!(
            "(() => {{ const element = document.querySelector({selector:?})
               element.scrollIntoView({{ block: 'center', behavior: 'instant' }})
               const box = element.getBoundingClientRect()
               return [String(box.x + box.width / 2), String(box.y + box.height / 2)] }})()"
        ));
        let [x, y] = [0, 1].map(|index| point[index].parse::<f64>().expect("a number"));
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event);
        }
    }

    /// Writes a PNG of the page, but no more than four windows of it.
    pub fn screenshot(&mut self, file: &Path) {
        let metrics = self.call("Page.getLayoutMetrics", json!({}));
        let (viewport, content) = (&metrics["cssLayoutViewport"], &metrics["cssContentSize"]);
        let number = |value: &Value| value.as_f64().expect("a number");
        let height = number(&content["height"]).min(4.0 * number(&viewport["clientHeight"]));
        let clip = json!({ "x": 0, "y": 0, "width": number(&viewport["clientWidth"]), "height": height, "scale": 1 });
        let options = json!({ "format": "png", "clip": clip, "captureBeyondViewport": true });
        let answer = self.call("Page.captureScreenshot", options);
        let data = answer["data"].as_str().expect("a picture");
        let png = base64::engine::general_purpose::STANDARD.decode(data).expect("base64");
        std::fs::write(file, png).expect("the picture is written");
    }
}
