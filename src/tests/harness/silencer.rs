//! `Silencer`: a proxy to a server whose connections can fall silent, as behind a network that forgets them: they stay
//! open, and nothing arrives any more.
//! It forwards bytes and does not interpret them.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A listener that forwards connections; it ends with this value.
pub struct Silencer {
    address: SocketAddr,
    /// The number of times that all open connections were silenced.
    silences: Arc<watch::Sender<u64>>,
}

impl Silencer {
    /// Forwards to a port of this machine.
    pub async fn before(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, silences) = (listener.local_addr().unwrap(), Arc::new(watch::Sender::new(0)));
        let heard = Arc::downgrade(&silences);
        tokio::spawn(async move {
            while let (Ok((client, _)), Some(silences)) = (listener.accept().await, heard.upgrade()) {
                tokio::spawn(pass_on(client, port, silences.subscribe()));
            }
        });
        Self { address, silences }
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Silences all connections that are open; later ones are forwarded.
    pub fn silence(&self) {
        self.silences.send_modify(|count| *count += 1);
    }
}

async fn pass_on(mut client: TcpStream, port: u16, mut silences: watch::Receiver<u64>) {
    let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    silences.mark_unchanged();
    let is_silenced = tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => false,
        silenced = silences.changed() => silenced.is_ok(),
    };
    if is_silenced {
        // Both ends stay open until the silencer ends.
        while silences.changed().await.is_ok() {}
    }
}
