//! The outside world as an interface. What stands behind it is a simulator or a person.

pub mod document;
pub mod gateway;
pub mod simulated;
