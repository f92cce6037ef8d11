//! A browser without scripts, pictures or pity: it keeps cookies, follows addresses when told, and sends forms.

use std::cell::RefCell;
use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::plain_http::{Answer, send};

/// Somebody in front of a browser.
#[derive(Debug)]
pub struct Visitor {
    host: String,
    cookies: RefCell<BTreeMap<String, String>>,
}

impl Visitor {
    /// A browser that has never been at `host` (`127.0.0.1:1234`).
    pub fn at(host: &str) -> Visitor {
        Visitor { host: host.to_owned(), cookies: RefCell::default() }
    }

    /// Asks for a page. Where the answer leads elsewhere, nobody follows.
    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.exchange("GET", path, &[], "")
    }

    /// Asks for a page and goes where the answers lead.
    #[track_caller]
    pub fn follow(&self, path: &str) -> Answer {
        let mut path = path.to_owned();
        for _ in 0..5 {
            let answer = self.get(&path);
            match answer.header("location") {
                Some(location) if answer.status == 303 => path = location.to_owned(),
                _ => return answer,
            }
        }
        panic!("led around in circles, now to {path}");
    }

    /// Loads a page and sends a form of it.
    #[track_caller]
    pub fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let seal = seal(&self.get(path)).unwrap_or_else(|| panic!("{path} has no form"));
        self.send(path, &[], &[&[("seal", seal.as_str())], fields].concat())
    }

    /// Sends fields and nothing else.
    #[track_caller]
    pub fn send(&self, path: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Answer {
        let escaped = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
        let form = [("Content-Type", "application/x-www-form-urlencoded")];
        self.exchange("POST", path, &[&form, headers].concat(), &body.join("&"))
    }

    /// Signs in with name and password; the answer to the form.
    #[track_caller]
    pub fn sign_in(&self, name: &str, password: &str) -> Answer {
        self.submit("/-/web/login", &[("username", name), ("password", password)])
    }

    /// Signs out, by the form at the top of every page.
    #[track_caller]
    pub fn sign_out(&self) -> Answer {
        let seal = seal(&self.get("/-/web/account")).expect("somebody who is signed in");
        self.send("/-/web/logout", &[], &[("seal", &seal)])
    }

    /// The cookies, as a request has them.
    pub fn cookies(&self) -> String {
        let pairs: Vec<String> =
            self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    /// Another browser that has stolen the cookies of this one.
    pub fn thief(&self) -> Visitor {
        Visitor { host: self.host.clone(), cookies: self.cookies.clone() }
    }

    #[track_caller]
    fn exchange(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let cookies = self.cookies();
        let kept = [("Cookie", cookies.as_str())];
        let headers = [&kept[..usize::from(!cookies.is_empty())], headers].concat();
        let answer = send(&self.host, method, path, &headers, body.as_bytes());
        for set in answer.headers.get_all("set-cookie") {
            let pair = set.to_str().expect("a cookie of text").split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a name and a value");
            match value {
                "" => self.cookies.borrow_mut().remove(name),
                value => self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned()),
            };
        }
        answer
    }
}

/// The seal of a page's forms.
pub fn seal(page: &Answer) -> Option<String> {
    let text = page.text();
    let (_, rest) = text.split_once("name=\"seal\" value=\"")?;
    rest.split('"').next().map(str::to_owned)
}
