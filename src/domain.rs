//! What the business is: pure rules and values. Knows no web, no store, no file, no clock.

pub mod actor;
pub mod calendar;
pub mod chassis;
pub mod fees;
pub mod field;
pub mod happening;
pub mod ids;
pub mod money;
pub mod next_step;
pub mod organization;
pub mod password;
pub mod payment;
pub mod plate;
pub mod problem;
pub mod procedure;
pub mod progress;
pub mod reference;
pub mod request;
pub mod role;
pub mod rules;
pub mod search;
pub mod term;
pub mod text;
pub mod time;
pub mod user;
pub mod workflow;
