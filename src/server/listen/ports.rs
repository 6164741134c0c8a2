//! The ports: opening them, and why one cannot be opened.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};

/// How many connections the system accepts before the program does.
const QUEUE: u32 = 1024;
/// How much of its responses the system holds for each client. Left alone, it may be some megabytes, which many slow
/// clients would fill; and the system reports no progress until a third is free again, so that a slow client would seem
/// to take nothing at all.
const SEND_BUFFER_BYTES: u32 = 64 * 1024;

/// Why a port could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Another program listens there.
    #[error("port {} on {} is in use by another program: stop it, or take another port", .0.port(), .0.ip())]
    InUse(SocketAddr),
    /// Any other reason.
    #[error("cannot listen on {0}: {1}")]
    Other(SocketAddr, io::Error),
}

/// Opens every address. Of several, one that this machine does not have (`[::1]` without IPv6) is left out.
pub(super) fn open(addresses: &[SocketAddr]) -> Result<Vec<TcpListener>, BindError> {
    let mut ports = Vec::new();
    for address in addresses {
        match listen_at(*address) {
            Ok(port) => ports.push(port),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(BindError::InUse(*address)),
            Err(error) if !ports.is_empty() && address.is_ipv6() => {
                tracing::debug!(%address, %error, "no IPv6 here");
            }
            Err(error) => return Err(BindError::Other(*address, error)),
        }
    }
    Ok(ports)
}

fn listen_at(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Elsewhere this would let two programs have the same port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    // Accepted connections inherit it.
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.bind(address)?;
    socket.listen(QUEUE)
}
