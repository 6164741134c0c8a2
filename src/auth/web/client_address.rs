//! `ClientAddress`: the address of the client that sent a request, for limits on what one address may take.
//! The application decides how it is found (a trusted proxy's header, the connection) and adds it to the request.

use std::net::IpAddr;

/// A request extension. Where it is absent, no limit for one address applies: an application should not add an address
/// that stands for many clients, such as that of its own proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);
