//! Tests of the whole: over sockets, over the router, over processes.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod again;
mod agent_branches;
mod agent_users;
mod bombs;
mod branches;
mod certificates;
mod client_certificates;
mod comfort;
mod defaults;
mod demo;
mod directions;
mod downloads;
mod entry;
mod formulas;
mod fuzz;
mod help;
mod imports;
mod kit;
mod listener;
mod manual;
mod meanwhile;
mod notices;
mod outside;
mod pages;
mod persons;
mod portal;
mod proofs;
mod routes;
mod sign_in;
mod static_binary;
mod statistics;
mod store;
mod supply;
mod users;
mod work;
