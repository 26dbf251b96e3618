//! The `ainas` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ainas::cli::main()
}
