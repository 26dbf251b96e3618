//! What the business is: pure rules and values. Knows no web, no store, no file, no clock.

pub mod actor;
pub mod chassis;
pub mod happening;
pub mod ids;
pub mod money;
pub mod next_step;
pub mod organization;
pub mod payment;
pub mod plate;
pub mod problem;
pub mod procedure;
pub mod progress;
pub mod request;
pub mod role;
pub mod search;
pub mod time;
pub mod user;
pub mod workflow;
