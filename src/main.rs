//! The `ainas` command.

fn main() {}
