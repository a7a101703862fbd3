//! STUN (RFC 8489): tells who asks by UDP which address its datagrams come from. A browser behind a home router
//! learns its address on the internet here, and no third party's server is needed.
//!
//! Anybody may ask, under a made-up address too, so nothing here is worth the abuse: an answer is at most
//! [`ANSWER_EXCESS_MAX_BYTES`] longer than its question, which with the headers of IP and UDP is less than half as
//! long again, and whatever is not a well-formed question gets no answer at all.

use std::convert::Infallible;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::time::Duration;

use quinn_udp::{RecvMeta, Transmit, UdpSocketState};
use stun_types::attribute::{
    Attribute, AttributeStaticType, AttributeType, ErrorCode, Fingerprint, MessageIntegrity,
    MessageIntegritySha256, Nonce, PasswordAlgorithm, Realm, UnknownAttributes, Userhash, Username,
    XorMappedAddress,
};
use stun_types::message::{
    BINDING, Message, MessageClass, MessageHeader, MessageType, MessageWrite, MessageWriteExt,
    MessageWriteVec, StunWriteError,
};
use tokio::io::Interest;
use tokio::net::UdpSocket;

/// The most bytes by which an answer is longer than its question: the attribute that holds an IPv6 address.
pub const ANSWER_EXCESS_MAX_BYTES: usize = 24;

/// The longest question that is read, in bytes: what the smallest packets of IPv6 hold whole (RFC 8489, 6.1). A
/// browser's have between 20 and 100.
const QUESTION_MAX_BYTES: usize = 1232;

/// What one receive takes, in bytes: Linux hands over a row of datagrams from one source as one, up to the longest
/// datagram there is.
const BUFFER_BYTES: usize = 64 * 1024;

/// A pause after the system failed to receive, for want of memory for example.
const FAILED_PAUSE: Duration = Duration::from_millis(200);

/// The attributes RFC 8489 wants understood that have a place in a question. They are about credentials, which
/// nobody needs here. Those of ICE (RFC 8445) are not among them: here is no candidate of a call to check.
const UNDERSTOOD: [AttributeType; 7] = [
    Username::TYPE,
    Userhash::TYPE,
    Realm::TYPE,
    Nonce::TYPE,
    PasswordAlgorithm::TYPE,
    MessageIntegrity::TYPE,
    MessageIntegritySha256::TYPE,
];

/// The answer to a datagram that came from `from`: its address, or which attributes are not understood. Anything
/// but a Binding request has none.
pub fn answer(datagram: &[u8], from: SocketAddr) -> Option<Vec<u8>> {
    let question = question(datagram)?;
    // A socket for both families writes 192.0.2.1 as ::ffff:192.0.2.1, which is nobody's address.
    let from = SocketAddr::new(from.ip().to_canonical(), from.port());
    let written = match unknown_attributes(&question) {
        unknown if unknown.is_empty() => address(&question, from),
        unknown => refusal(&question, &unknown),
    };
    // Nothing in it can fail to be written; if it did, silence is what UDP's users expect.
    written.ok()
}

/// A datagram that is one Binding request from its first byte to its last. A FINGERPRINT in it is right.
fn question(datagram: &[u8]) -> Option<Message<'_>> {
    let header = MessageHeader::from_bytes(datagram).ok()?;
    let asks = header.get_type() == MessageType::from_class_method(MessageClass::Request, BINDING);
    let whole = datagram.len() == MessageHeader::LENGTH + usize::from(header.data_length());
    if !asks || !whole || datagram.len() > QUESTION_MAX_BYTES {
        return None;
    }
    Message::from_bytes(datagram).ok()
}

fn unknown_attributes(question: &Message<'_>) -> Vec<AttributeType> {
    let types = question.iter_attributes().map(|(_, attribute)| attribute.get_type());
    types.filter(|kind| kind.comprehension_required() && !UNDERSTOOD.contains(kind)).collect()
}

fn address(question: &Message<'_>, from: SocketAddr) -> Result<Vec<u8>, StunWriteError> {
    let mut answer = Message::builder_success(question, MessageWriteVec::new());
    answer.add_attribute(&XorMappedAddress::new(from, question.transaction_id()))?;
    finished(answer, question)
}

fn refusal(question: &Message<'_>, unknown: &[AttributeType]) -> Result<Vec<u8>, StunWriteError> {
    let mut answer = Message::builder_error(question, MessageWriteVec::new());
    // Without a phrase for people, or the answer would be twice as long as the question.
    answer.add_attribute(&ErrorCode::new(ErrorCode::UNKNOWN_ATTRIBUTE, "")?)?;
    answer.add_attribute(&UnknownAttributes::new(unknown))?;
    finished(answer, question)
}

fn finished(mut answer: MessageWriteVec, question: &Message<'_>) -> Result<Vec<u8>, StunWriteError> {
    if question.has_attribute(Fingerprint::TYPE) {
        answer.add_fingerprint()?;
    }
    Ok(answer.finish())
}

/// Answers at a UDP port.
#[derive(Debug)]
pub struct Server {
    socket: UdpSocket,
    state: UdpSocketState,
}

impl Server {
    /// A server at `socket`.
    ///
    /// # Errors
    /// When the socket's options cannot be set.
    pub fn new(socket: UdpSocket) -> io::Result<Self> {
        let state = UdpSocketState::new((&socket).into())?;
        Ok(Self { socket, state })
    }

    /// Answers until it is dropped.
    pub async fn serve(self) -> Infallible {
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            match self.receive(&mut buffer).await {
                Ok(received) => self.answer_all(&buffer, &received),
                // Somebody did not wait for an answer, and the network said so (ICMP). It is no fault of this port.
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {}
                Err(error) => {
                    tracing::warn!(%error, "the STUN port could not receive");
                    tokio::time::sleep(FAILED_PAUSE).await;
                }
            }
        }
    }

    async fn receive(&self, buffer: &mut [u8]) -> io::Result<RecvMeta> {
        let mut received = [RecvMeta::default()];
        let receive = || {
            self.state.recv((&self.socket).into(), &mut [IoSliceMut::new(buffer)], &mut received).map(drop)
        };
        self.socket.async_io(Interest::READABLE, receive).await?;
        let [received] = received;
        Ok(received)
    }

    fn answer_all(&self, buffer: &[u8], received: &RecvMeta) {
        let bytes = buffer.get(..received.len).unwrap_or_default();
        // An empty datagram has no stride.
        for datagram in bytes.chunks(received.stride.max(1)) {
            if let Some(answer) = answer(datagram, received.addr) {
                self.send(&answer, received);
            }
        }
    }

    /// Sends an answer, from the address that was asked: of a machine with several, routers and browsers take it from
    /// no other. One that cannot be sent at once is not sent; who asked asks again.
    fn send(&self, answer: &[u8], received: &RecvMeta) {
        let answer = Transmit {
            destination: received.addr,
            ecn: None,
            contents: answer,
            segment_size: None,
            src_ip: received.dst_ip,
        };
        let send = || self.state.try_send((&self.socket).into(), &answer);
        if let Err(error) = self.socket.try_io(Interest::WRITABLE, send) {
            tracing::debug!(to = %received.addr, %error, "a STUN answer was not sent");
        }
    }
}

#[cfg(test)]
mod tests;
