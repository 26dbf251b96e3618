//! The manuals' walkthroughs in a real browser: the labels of the manual, and nothing but what a person can click and
//! type. Each test carries the id of its walk. `AINAS_SCREENSHOTS=dir` keeps a picture of every page on the way, at 1280
//! and 375 pixels; a failing test leaves picture and source in `target/browser-failures`.

#![expect(clippy::expect_used, clippy::print_stderr, reason = "tests fail by panicking, and say where the picture is")]

mod agent_administration;
mod agent_office;
mod by_hand;
mod client_administration;
mod client_guide;
mod comfort;
mod garage_office;
mod harness;
mod inspection;
mod light;
mod many;
mod outside;
mod payloads;
mod sight;
