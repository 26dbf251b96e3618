//! What the walks stand on: a demo node, a browser that trusts it, and a page seen as a person sees it.

mod audit;
mod driver;
mod key_file;
mod node;
mod page;
mod process;

pub(crate) use driver::Driver;
pub(crate) use key_file::key_file;
pub(crate) use node::{Node, SignIn};
pub(crate) use page::{Page, plain};

use std::path::{Path, PathBuf};

/// A demo node and the browsers that visit it; one per group of walks, ended with the test process.
#[derive(Debug)]
pub(crate) struct Stage {
    node: Node,
    driver: Driver,
}

impl Stage {
    /// Starts both. Panics with a sentence when something is not installed.
    pub(crate) fn start(group: &str) -> Self {
        Self::start_with(group, &[])
    }

    /// The same with further options of the demo.
    pub(crate) fn start_with(group: &str, options: &[&str]) -> Self {
        Self::prepared(group, options, |_| ())
    }

    /// The same on a data folder that was made before; it does not exist yet when `prepare` is called.
    pub(crate) fn prepared(group: &str, options: &[&str], prepare: impl FnOnce(&Path)) -> Self {
        let node = Node::start(group, options, prepare);
        let driver = Driver::start(group, Some(&node.ca_file));
        Self { node, driver }
    }

    /// Somebody who can sign in, for instance ("client", "staff_send").
    pub(crate) fn person(&self, application: &str, role: &str) -> &SignIn {
        self.node.person(application, role)
    }

    /// Another such person, of another organization where there are several.
    pub(crate) fn another(&self, application: &str, role: &str) -> &SignIn {
        self.node.another(application, role)
    }

    /// Somebody who holds a user in the other application too.
    pub(crate) fn holder_of_several(&self, application: &str) -> &SignIn {
        self.node.holder_of_several(application)
    }

    /// Somebody whose initial password is still in force.
    pub(crate) fn newcomer(&self, application: &str) -> &SignIn {
        self.node.newcomer(application)
    }

    /// What the node has logged so far.
    pub(crate) fn log(&self) -> String {
        self.node.log()
    }

    /// A fresh browser without a past, named after the test and who sits before it.
    pub(crate) fn browser(&self, test: &str) -> Page {
        self.driver.browser(test)
    }
}

/// The build folder: failures, logs and axe-core live there.
pub(crate) fn target() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target"))
}
