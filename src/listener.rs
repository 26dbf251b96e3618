//! Where browsers and programs connect: TLS, limits against slow and greedy clients, names, and a graceful stop.
//! Knows of applications only by the first part of an address; who may see what is decided behind it.

mod activity;
mod body;
mod connection;
pub mod health;
mod limits;
mod peer;
mod request;
mod socket;
mod tls;

pub use limits::Limits;
pub use peer::{ClientCertificate, ListenerInfo, Peer};
pub use request::{Trouble, TroublePage};
pub use socket::{ListenError, Reloader, Server};
pub use tls::{TlsError, TlsMaterial};
