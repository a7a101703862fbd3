//! Connections that somebody else has accepted: a relay has one port, its HTTP listener owns it, and hands the
//! WebSockets that arrive there to the swarm through this transport.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::future::{Ready, ready};
use futures::{AsyncRead, AsyncWrite};
use libp2p::core::transport::{DialOpts, ListenerId, TransportError, TransportEvent};
use libp2p::multiaddr::Protocol;
use libp2p::{Multiaddr, Transport};
use tokio::sync::mpsc;

/// Accepted sockets the swarm has not taken yet; further ones are closed.
const QUEUE: usize = 256;

/// A byte stream to a peer.
pub trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Socket for T {}

type Accepted = (Box<dyn Socket>, SocketAddr);

/// Where accepted sockets are put.
#[derive(Debug, Clone)]
pub struct Sockets(mpsc::Sender<Accepted>);

impl Sockets {
    /// Hands over a socket, or closes it when too many wait.
    pub fn accept(&self, socket: impl Socket + 'static, from: SocketAddr) {
        if self.0.try_send((Box::new(socket), from)).is_err() {
            tracing::warn!(%from, "too many connections wait to be taken; closed one");
        }
    }
}

/// The listening end: a transport that never dials.
#[derive(Debug)]
pub struct Listener {
    accepted: mpsc::Receiver<Accepted>,
    listening: Option<ListenerId>,
    events: VecDeque<Event>,
}

type Event = TransportEvent<Ready<io::Result<Box<dyn Socket>>>, io::Error>;

/// A pair: where to put sockets, and the transport they come out of once it listens anywhere.
pub fn sockets() -> (Sockets, Listener) {
    let (sender, accepted) = mpsc::channel(QUEUE);
    (Sockets(sender), Listener { accepted, listening: None, events: VecDeque::new() })
}

/// The multiaddr of the WebSocket at an address.
fn websocket_at(address: SocketAddr) -> Multiaddr {
    Multiaddr::from(address.ip()).with(Protocol::Tcp(address.port())).with(Protocol::Ws("/".into()))
}

impl Transport for Listener {
    type Output = Box<dyn Socket>;
    type Error = io::Error;
    type ListenerUpgrade = Ready<io::Result<Box<dyn Socket>>>;
    type Dial = Ready<io::Result<Box<dyn Socket>>>;

    fn listen_on(&mut self, id: ListenerId, address: Multiaddr) -> Result<(), TransportError<io::Error>> {
        let ours = address.iter().any(|part| matches!(part, Protocol::Ws(_)))
            && !address.iter().any(|part| part == Protocol::P2pCircuit);
        if !ours || self.listening.is_some() {
            return Err(TransportError::MultiaddrNotSupported(address));
        }
        self.listening = Some(id);
        self.events.push_back(TransportEvent::NewAddress { listener_id: id, listen_addr: address });
        Ok(())
    }

    fn remove_listener(&mut self, id: ListenerId) -> bool {
        self.listening.take_if(|listening| *listening == id).is_some()
    }

    fn dial(&mut self, address: Multiaddr, _: DialOpts) -> Result<Self::Dial, TransportError<io::Error>> {
        Err(TransportError::MultiaddrNotSupported(address))
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Event> {
        if let Some(event) = self.events.pop_front() {
            return Poll::Ready(event);
        }
        let Some(listener_id) = self.listening else { return Poll::Pending };
        match self.accepted.poll_recv(cx) {
            Poll::Ready(Some((socket, from))) => Poll::Ready(TransportEvent::Incoming {
                listener_id,
                upgrade: ready(Ok(socket)),
                local_addr: Multiaddr::empty(),
                send_back_addr: websocket_at(from),
            }),
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }
}
