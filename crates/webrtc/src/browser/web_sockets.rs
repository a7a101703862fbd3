//! WebSockets to relays: the way in, before there is any WebRTC.
//!
//! `libp2p-websocket-websys` finds out only every 100 ms whether a flush is done, and not at all that the other end has
//! closed. Signalling is a dozen flushes, so a dial would take twice as long.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use async_io_stream::IoStream;
use futures::future::{BoxFuture, Ready};
use futures::{AsyncRead, AsyncWrite, FutureExt};
use libp2p_core::Multiaddr;
use libp2p_core::multiaddr::Protocol;
use libp2p_core::transport::{DialOpts, ListenerId, TransportError, TransportEvent};
use send_wrapper::SendWrapper;
use ws_stream_wasm::{WsMeta, WsStreamIo};

/// Dials `/{ip4,ip6,dns,dns4,dns6}/…/tcp/…/{ws,wss,tls/ws}`.
#[derive(Debug, Clone, Copy, Default)]
pub struct WebSockets;

/// The bytes of a WebSocket. Bounded by what runs over it: Yamux takes no more than its windows.
pub struct WebSocket(IoStream<WsStreamIo, Vec<u8>>);

impl fmt::Debug for WebSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket").finish_non_exhaustive()
    }
}

impl AsyncRead for WebSocket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for WebSocket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    /// Closes it without waiting for the other end to agree. Where the path is gone that takes a minute, and a connection
    /// that is being closed would be used all the while.
    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.0).poll_close(cx) {
            Poll::Ready(closed) => Poll::Ready(closed),
            Poll::Pending => Poll::Ready(Ok(())),
        }
    }
}

impl libp2p_core::Transport for WebSockets {
    type Output = WebSocket;
    type Error = io::Error;
    type ListenerUpgrade = Ready<io::Result<WebSocket>>;
    type Dial = BoxFuture<'static, io::Result<WebSocket>>;

    fn listen_on(&mut self, _: ListenerId, address: Multiaddr) -> Result<(), TransportError<io::Error>> {
        Err(TransportError::MultiaddrNotSupported(address))
    }

    fn remove_listener(&mut self, _: ListenerId) -> bool {
        false
    }

    fn dial(&mut self, address: Multiaddr, opts: DialOpts) -> Result<Self::Dial, TransportError<io::Error>> {
        let url = url_of(&address).filter(|_| opts.role.is_dialer());
        let url = url.ok_or(TransportError::MultiaddrNotSupported(address))?;
        let connecting = async move {
            let (_, stream) = WsMeta::connect(&url, None).await.map_err(|error| failed(&url, &error))?;
            Ok(WebSocket(stream.into_io()))
        };
        Ok(SendWrapper::new(Box::pin(connecting)).boxed())
    }

    fn poll(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<TransportEvent<Self::ListenerUpgrade, io::Error>> {
        Poll::Pending
    }
}

fn failed(url: &str, error: &impl fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionRefused, format!("no WebSocket to {url}: {error}"))
}

/// The URL of a WebSocket's address; `None` for addresses of other kinds, those with anything behind them included.
fn url_of(address: &Multiaddr) -> Option<String> {
    let mut parts = address.iter();
    let host = match parts.next()? {
        Protocol::Ip4(ip) => ip.to_string(),
        Protocol::Ip6(ip) => format!("[{ip}]"),
        Protocol::Dns(name) | Protocol::Dns4(name) | Protocol::Dns6(name) => name.into_owned(),
        _ => return None,
    };
    let Protocol::Tcp(port) = parts.next()? else { return None };
    let (scheme, path) = match parts.next()? {
        Protocol::Ws(path) => ("ws", path.into_owned()),
        Protocol::Wss(path) => ("wss", path.into_owned()),
        Protocol::Tls => match parts.next()? {
            Protocol::Ws(path) => ("wss", path.into_owned()),
            _ => return None,
        },
        _ => return None,
    };
    let ends = matches!((parts.next(), parts.next()), (None | Some(Protocol::P2p(_)), None));
    ends.then(|| format!("{scheme}://{host}:{port}{path}"))
}
