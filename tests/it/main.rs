//! Tests of the whole: over sockets, over the router, over processes.

mod kit;
mod listener;
mod pages;
mod sign_in;
