//! Use cases: one transaction each, the whole story top to bottom.

pub mod administration;
pub mod asking;
mod audit;
pub mod downloads;
pub mod error;
pub mod filing;
pub mod imports;
pub mod key_files;
pub mod manual;
pub mod notices;
pub mod once;
pub mod outside;
pub mod payments;
pub mod proofs;
pub mod reason;
pub mod requests;
pub mod sessions;
pub mod statistics;
mod turns;
pub mod work;
