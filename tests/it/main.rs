//! Tests of the whole: over sockets, over the router, over processes.

mod listener;
