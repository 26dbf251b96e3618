//! The `ainas` command.

fn main() -> std::process::ExitCode {
    ainas::cli::main()
}
