//! Tests.

mod kit;
mod listener;
mod pages;
mod portal;
mod sign_in;
mod store;
