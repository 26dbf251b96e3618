//! Tests.

mod kit;
mod listener;
mod pages;
mod sign_in;
mod store;
