//! The browser side. Pages are compositions of the kit's components; what may happen is decided in `service`.

pub mod kit;
pub mod procedure;
