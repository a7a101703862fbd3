//! Which message may come when, and what the browser is to be told: one exchange between two peers, without I/O.

use std::collections::VecDeque;

use super::{Extensions, Message, SignalingError};

/// Candidates taken from one peer. A browser on a dozen networks has fewer.
const CANDIDATES_MAX: usize = 64;

/// Who says what in an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Dialled the circuit and makes the offer.
    Offerer,
    /// Was dialled and answers.
    Answerer,
}

/// What the browser is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// The other's session description.
    Description(String),
    /// One of its candidates, as JSON.
    Candidate(String),
}

/// An exchange.
#[derive(Debug)]
pub(crate) struct Exchange {
    role: Role,
    own: Option<Extensions>,
    described: Option<String>,
    theirs: Option<Extensions>,
    candidates: usize,
    /// Candidates that came before the description they belong to.
    early: VecDeque<String>,
    /// Whether our own description was sent: candidates follow it.
    introduced: bool,
    waiting: VecDeque<String>,
}

impl Exchange {
    /// An exchange in which we announce `own`.
    pub(crate) fn new(role: Role, own: Option<Extensions>) -> Self {
        Self {
            role,
            own,
            described: None,
            theirs: None,
            candidates: 0,
            early: VecDeque::new(),
            introduced: false,
            waiting: VecDeque::new(),
        }
    }

    /// Who we are in it.
    pub(crate) fn role(&self) -> Role {
        self.role
    }

    /// A message came. Returns what to tell the browser, in this order.
    ///
    /// # Errors
    /// [`SignalingError`] when it must not come now; the exchange is over then.
    pub(crate) fn receive(&mut self, message: Message) -> Result<Vec<Step>, SignalingError> {
        match (message, self.role) {
            (Message::Offer { sdp, extensions }, Role::Answerer)
            | (Message::Answer { sdp, extensions }, Role::Offerer) => self.describe(sdp, extensions),
            (Message::Candidate(Some(candidate)), _) => self.candidate(candidate),
            (Message::Candidate(None), _) => Ok(Vec::new()),
            (Message::Offer { .. }, Role::Offerer) => Err(SignalingError::Unexpected("an offer")),
            (Message::Answer { .. }, Role::Answerer) => Err(SignalingError::Unexpected("an answer")),
        }
    }

    fn describe(&mut self, sdp: String, extensions: Option<Extensions>) -> Result<Vec<Step>, SignalingError> {
        match &self.described {
            // Said twice is said once.
            Some(known) if *known == sdp => return Ok(Vec::new()),
            Some(_) => return Err(SignalingError::Unexpected("another session description")),
            None => {}
        }
        self.described = Some(sdp.clone());
        self.theirs = extensions;
        let early = self.early.drain(..).map(Step::Candidate);
        Ok(std::iter::once(Step::Description(sdp)).chain(early).collect())
    }

    fn candidate(&mut self, candidate: String) -> Result<Vec<Step>, SignalingError> {
        self.candidates += 1;
        if self.candidates > CANDIDATES_MAX {
            return Err(SignalingError::TooManyCandidates(CANDIDATES_MAX));
        }
        if self.described.is_none() {
            self.early.push_back(candidate);
            return Ok(Vec::new());
        }
        Ok(vec![Step::Candidate(candidate)])
    }

    /// Our own session description is known: what to send now. js-libp2p takes nothing else for the first message.
    pub(crate) fn introduce(&mut self, sdp: String) -> Vec<Message> {
        self.introduced = true;
        let extensions = self.own;
        let description = match self.role {
            Role::Offerer => Message::Offer { sdp, extensions },
            Role::Answerer => Message::Answer { sdp, extensions },
        };
        let candidates = self.waiting.drain(..).map(|candidate| Message::Candidate(Some(candidate)));
        std::iter::once(description).chain(candidates).collect()
    }

    /// The browser found a candidate of our own: what to send now.
    pub(crate) fn found(&mut self, candidate: String) -> Option<Message> {
        if self.introduced {
            return Some(Message::Candidate(Some(candidate)));
        }
        if self.waiting.len() < CANDIDATES_MAX {
            self.waiting.push_back(candidate);
        }
        None
    }

    /// Whether the other's session description has come.
    pub(crate) fn is_described(&self) -> bool {
        self.described.is_some()
    }

    /// What both ends understand beyond the specification; nothing unless both announced something.
    pub(crate) fn agreed(&self) -> Option<Agreed> {
        let (own, theirs) = (self.own?, self.theirs?);
        Some(Agreed { own, theirs })
    }
}

/// What both ends announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreed {
    /// What we announced.
    pub own: Extensions,
    /// What the other end did.
    pub theirs: Extensions,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn offer(sdp: &str) -> Message {
        Message::Offer { sdp: sdp.into(), extensions: None }
    }

    fn candidate(text: &str) -> Message {
        Message::Candidate(Some(text.into()))
    }

    #[test]
    fn candidates_that_come_before_their_description_are_applied_after_it() {
        let mut exchange = Exchange::new(Role::Answerer, None);
        assert_eq!(exchange.receive(candidate("a")), Ok(vec![]));
        let steps = exchange.receive(offer("v=0")).unwrap();
        assert_eq!(steps, [Step::Description("v=0".into()), Step::Candidate("a".into())]);
    }

    #[test]
    fn our_description_goes_before_our_candidates() {
        let mut exchange = Exchange::new(Role::Answerer, None);
        assert_eq!(exchange.found("a".into()), None);
        let sent = exchange.introduce("v=0".into());
        assert_eq!(sent, [Message::Answer { sdp: "v=0".into(), extensions: None }, candidate("a")]);
        assert_eq!(exchange.found("b".into()), Some(candidate("b")));
    }

    #[test]
    fn a_second_description_is_passed_over_when_it_is_the_same_and_refused_otherwise() {
        let mut exchange = Exchange::new(Role::Answerer, None);
        exchange.receive(offer("v=0")).unwrap();
        assert_eq!(exchange.receive(offer("v=0")), Ok(vec![]));
        assert!(matches!(exchange.receive(offer("v=1")), Err(SignalingError::Unexpected(_))));
    }

    #[test]
    fn extensions_count_only_where_both_announce_them() {
        let announced = Some(Extensions { frame_bytes: 1, window_bytes: 1 });
        for (own, theirs) in [(None, announced), (announced, None), (announced, announced)] {
            let mut exchange = Exchange::new(Role::Answerer, own);
            exchange.receive(Message::Offer { sdp: "v=0".into(), extensions: theirs }).unwrap();
            assert_eq!(exchange.agreed().is_some(), own.is_some() && theirs.is_some());
        }
    }

    fn messages() -> impl Strategy<Value = Vec<Message>> {
        let message = prop_oneof![
            1 => "[a-c]".prop_map(|sdp| Message::Offer { sdp, extensions: None }),
            1 => "[a-c]".prop_map(|sdp| Message::Answer { sdp, extensions: None }),
            8 => prop::option::of("[a-z]{3}").prop_map(Message::Candidate),
        ];
        prop::collection::vec(message, 0..200)
    }

    proptest! {
        #[test]
        fn reordered_and_repeated_messages_describe_once_and_never_add_a_candidate_before(messages in messages(), offers: bool) {
            let role = if offers { Role::Offerer } else { Role::Answerer };
            let mut exchange = Exchange::new(role, None);
            let mut steps = Vec::new();
            for message in messages {
                match exchange.receive(message) {
                    Ok(more) => steps.extend(more),
                    Err(_) => break,
                }
            }
            let descriptions = steps.iter().filter(|step| matches!(step, Step::Description(_))).count();
            prop_assert!(descriptions <= 1);
            prop_assert!(steps.first().is_none_or(|step| matches!(step, Step::Description(_))));
            prop_assert!(steps.len() <= CANDIDATES_MAX + 1);
        }

        #[test]
        fn any_order_of_a_whole_exchange_tells_the_browser_the_same(order in Just((0..6usize).collect::<Vec<_>>()).prop_shuffle()) {
            let mut exchange = Exchange::new(Role::Answerer, None);
            let mut candidates = Vec::new();
            for index in order {
                let message = if index == 0 { offer("v=0") } else { candidate(&index.to_string()) };
                for step in exchange.receive(message).unwrap() {
                    if let Step::Candidate(candidate) = step { candidates.push(candidate) }
                }
            }
            candidates.sort();
            prop_assert_eq!(candidates, ["1", "2", "3", "4", "5"]);
        }
    }
}
