//! What hostile web pages, and programs that speak HTTP as they please, try with the gateway. Each case has a
//! name that says what it tries; docs/security.md counts them.

mod hosts;
mod logins;
mod origins;
mod pages;
mod paths;
mod raw;
mod sockets;
