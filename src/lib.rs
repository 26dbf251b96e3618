//! AINAS node: the library behind the one binary.

pub mod clock;
pub mod domain;
pub mod portal;
pub mod service;
