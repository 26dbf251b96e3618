//! Making a data folder and running a node from it, whether `serve` or `demo` asks. Wires listeners, certificates and
//! the application together; knows no page and no command.

mod create;
mod run;

pub use create::{CreateError, Created, create};
pub use run::{Certificates, RunError, run};
