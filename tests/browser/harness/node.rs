//! One demo node: the product's own binary, started as anybody starts it.

use super::process::{Guarded, folder};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// A running demo.
#[derive(Debug)]
pub(crate) struct Node {
    /// The certificate authority that browsers have to trust.
    pub(crate) ca_file: PathBuf,
    sign_ins: Vec<SignIn>,
    process: Guarded,
}

/// What `demo --json` prints; what the walks don't need is left out.
#[derive(Debug, Deserialize)]
struct Printed {
    ca_file: PathBuf,
    sign_ins: Vec<SignIn>,
}

/// Somebody who can sign in.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SignIn {
    /// `client` or `agent`.
    pub(crate) app: String,
    /// `staff_send` and others.
    pub(crate) role: String,
    /// What to type.
    pub(crate) login_id: String,
    /// What to type.
    pub(crate) password: String,
    /// An initial password, to be changed at first sign-in.
    pub(crate) must_change: bool,
    /// The same person's user in the other application.
    pub(crate) also: Option<String>,
    /// Where.
    pub(crate) url: String,
}

impl Node {
    /// Starts one in a folder of its own, on any free port, with these further options.
    pub(crate) fn start(group: &str, options: &[&str], prepare: impl FnOnce(&Path)) -> Self {
        let folder = folder(group);
        let data = folder.join("data");
        prepare(&data);
        let data = data.to_str().expect("a plain path");
        let binary = env!("CARGO_BIN_EXE_ainas");
        let command = [&[binary, "demo", "--json", "--port", "0", "--data", data], options].concat();
        let name = format!("{group}-node");
        let read = |line: &str| serde_json::from_str::<Printed>(line).ok();
        let (process, printed) = Guarded::start(&name, &folder, &command, &[], read);
        Self { ca_file: printed.ca_file, sign_ins: printed.sign_ins, process }
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.process.log).expect("a log")
    }

    pub(crate) fn person(&self, application: &str, role: &str) -> &SignIn {
        let found = self.sign_ins.iter().find(|who| who.app == application && who.role == role && !who.must_change);
        found.unwrap_or_else(|| panic!("the demo has no {role} in {application}; log: {}", self.process.log.display()))
    }

    pub(crate) fn another(&self, application: &str, role: &str) -> &SignIn {
        let first = self.person(application, role);
        let mut others = self.sign_ins.iter().filter(|who| who.app == application && who.role == role);
        let found = others.find(|who| !who.must_change && who.login_id != first.login_id);
        found.unwrap_or_else(|| panic!("the demo has only one {role} in {application}"))
    }

    pub(crate) fn holder_of_several(&self, application: &str) -> &SignIn {
        let found = self.sign_ins.iter().find(|who| who.app == application && who.also.is_some());
        found.unwrap_or_else(|| panic!("nobody in {application} holds a second user"))
    }

    pub(crate) fn newcomer(&self, application: &str) -> &SignIn {
        let found = self.sign_ins.iter().find(|who| who.app == application && who.must_change);
        found.unwrap_or_else(|| panic!("nobody in {application} has an initial password"))
    }
}
