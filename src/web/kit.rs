//! What every page is made of: layout, components, forms, checks before a handler runs, error pages.
//! Knows no page and decides nothing about requests.

pub mod address;
pub mod assets;
pub mod banner;
pub mod button;
pub mod chart;
pub mod detail;
pub mod directory;
pub mod download;
pub mod error;
pub mod field;
pub mod fields;
pub mod form;
pub mod layout;
pub mod list;
pub mod quick;
pub mod status;
pub mod upload;
pub mod urls;
pub mod vehicle;
pub mod visit;

/// What most pages import.
pub mod prelude {
    pub use super::address::Id;
    pub use super::banner::{Banner, error_summary, next_step};
    pub use super::detail::{Definitions, action_bar, confirm, digits, history, jump_links, section, track};
    pub use super::directory::{Ask, Directory, Form, Held, Opened, Search};
    pub use super::error::{Failure, Result};
    pub use super::field::{field, group};
    pub use super::fields::Fields;
    pub use super::form::{Posted, page_with};
    pub use super::layout::{Here, Menu};
    pub use super::list::{Column, Listed, SearchPanel, choose_all, empty_state, listing, table};
    pub use super::quick::{DayAndTime, Text, escaped};
    pub use super::status::{Tone, payment_tag, status_tag, tag};
    pub use super::vehicle::{PlateTyped, plate, plate_flags, plate_input};
    pub use super::visit::{
        AgentAdministrator, AgentStaff, AgentUser, ClientAdministrator, ClientStaff, ClientUser, Instructor,
        SimulatorUser, Visit,
    };
    pub use super::{button, form, urls};
    pub use maud::{Markup, html};
}
