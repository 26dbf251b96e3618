//! AINAS node: the library behind the one binary.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod domain;
pub mod folder;
pub mod job;
pub mod listener;
pub mod node;
pub mod pki;
pub mod portal;
pub mod report;
pub mod secret;
pub mod service;
pub mod sim;
pub mod store;
pub mod telemetry;
pub mod web;
