//! Pages that both sides share, driven by the procedure's description: lists, one record, its form. Knows where a page
//! stands, never which procedure it is.

pub mod address;
pub mod cache;
pub mod correction;
pub mod counter;
pub mod edit;
pub mod list;
pub mod panel;
pub mod place;
pub mod query;
pub mod record;
pub mod registration;
pub mod search;
pub mod show;
pub mod together;
