//! The relay's two ports: TCP for HTTP and WebSockets, and UDP with the same number for STUN, so that who knows one
//! knows the other.

use std::io;
use std::net::SocketAddr;

use kadenza_api::{Error, Result};
use tokio::net::{TcpListener, UdpSocket};

/// How often another pair is tried where any would do. That one free TCP port has a taken twin is rare already.
const TRIES: usize = 16;

/// Opens both ports at `address`; at port 0, two of the system's choice.
///
/// # Errors
/// [`Error::Unavailable`] that names the port which cannot be had.
pub async fn open(address: SocketAddr) -> Result<(TcpListener, UdpSocket)> {
    let tries = if address.port() == 0 { TRIES } else { 1 };
    let listen =
        || async move { TcpListener::bind(address).await.map_err(|error| refused("TCP", address, &error)) };
    open_one_of(tries, listen).await
}

/// Opens the twin of the first listener whose twin is free.
async fn open_one_of<F: Future<Output = Result<TcpListener>>>(
    tries: usize,
    mut listen: impl FnMut() -> F,
) -> Result<(TcpListener, UdpSocket)> {
    let mut left = tries;
    loop {
        let listener = listen().await?;
        let address = listener
            .local_addr()
            .map_err(|error| Error::unavailable(format!("the port is not known: {error}")))?;
        left = left.saturating_sub(1);
        match UdpSocket::bind(address).await {
            Ok(socket) => return Ok((listener, socket)),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && left > 0 => {}
            Err(error) => return Err(refused("UDP", address, &error)),
        }
    }
}

fn refused(kind: &str, address: SocketAddr, error: &io::Error) -> Error {
    Error::unavailable(format!("cannot listen at {address} ({kind}): {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn listener(port: u16) -> Result<TcpListener> {
        Ok(TcpListener::bind(("127.0.0.1", port)).await.unwrap())
    }

    /// A UDP port that is taken although the TCP port of the same number is free.
    async fn taken() -> (u16, UdpSocket) {
        loop {
            let (listener, socket) = open("127.0.0.1:0".parse().unwrap()).await.unwrap();
            let port = listener.local_addr().unwrap().port();
            drop(listener);
            // Another test's connection may have got the number meanwhile.
            if TcpListener::bind(("127.0.0.1", port)).await.is_ok() {
                return (port, socket);
            }
        }
    }

    #[tokio::test]
    async fn both_ports_have_one_number() {
        for address in ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0"] {
            let (listener, socket) = open(address.parse().unwrap()).await.unwrap();
            assert_eq!(listener.local_addr().unwrap(), socket.local_addr().unwrap());
        }
    }

    #[tokio::test]
    async fn where_any_port_will_do_one_with_a_taken_twin_is_passed_over() {
        let (port, _socket) = taken().await;
        let mut candidates = [0, port].to_vec();
        let (listener, _) = open_one_of(2, || listener(candidates.pop().unwrap())).await.unwrap();
        assert_ne!(listener.local_addr().unwrap().port(), port);
        assert!(candidates.is_empty());
        assert!(open_one_of(2, || self::listener(port)).await.is_err());
    }

    #[tokio::test]
    async fn a_taken_port_is_named_with_its_kind() {
        let (port, _socket) = taken().await;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let refusal = open(address).await.unwrap_err().to_string();
        assert!(refusal.contains(&address.to_string()) && refusal.contains("UDP"), "{refusal}");
    }
}
