//! Tests.

fn main() {}
