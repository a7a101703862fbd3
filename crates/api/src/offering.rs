//! What a node lets others have of what it holds: a person's decision, or their connection's.

/// How a node serves others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offering {
    /// Whether it serves content at all. A metered connection does not.
    pub serves: bool,
    /// Whether it takes copies of what others upload, to keep for them.
    pub keeps: bool,
    /// The most bytes of content a second that it sends to all others together; any number where `None`.
    pub limit_bytes_per_second: Option<u64>,
}

impl Default for Offering {
    fn default() -> Self {
        Self { serves: true, keeps: true, limit_bytes_per_second: None }
    }
}
