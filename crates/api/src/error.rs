//! What can go wrong, in the words every layer, the HTTP API and the page share.

use serde::{Deserialize, Serialize};

/// A result of this interface.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a request could not be done. Its message is a sentence that names what was wrong.
///
/// The set is small on purpose: a caller decides by the kind, a person reads the message. Only
/// [`Error::Unavailable`] makes Middleware try the next server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Error {
    /// Nothing is known under this name.
    #[error("{message}")]
    NotFound {
        /// What was looked for.
        message: String,
    },
    /// The request itself is wrong; repeating it cannot help.
    #[error("{message}")]
    Invalid {
        /// What is wrong with it.
        message: String,
    },
    /// The audio is fine but names no title or artist; send it again with them.
    #[error("{message}")]
    NeedsTags {
        /// Which of them is missing, and of which file.
        message: String,
        /// What the file's tags and name suggest.
        guess: Box<crate::Tags>,
    },
    /// The request asks for more than this node takes.
    #[error("{message}")]
    TooLarge {
        /// The limit and what went over it.
        message: String,
    },
    /// Nobody who could answer is reachable now; another server, or a later try, may do.
    #[error("{message}")]
    Unavailable {
        /// Who did not answer.
        message: String,
    },
    /// This node's disk or browser storage refused, for want of room for example.
    #[error("{message}")]
    Storage {
        /// What the store said.
        message: String,
    },
}

impl Error {
    /// An [`Error::NotFound`] with this message.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::NotFound { message: message.into() }
    }

    /// An [`Error::Invalid`] with this message.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid { message: message.into() }
    }

    /// An [`Error::TooLarge`] with this message.
    pub fn too_large(message: impl Into<String>) -> Self {
        Self::TooLarge { message: message.into() }
    }

    /// An [`Error::Unavailable`] with this message.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::Unavailable { message: message.into() }
    }

    /// An [`Error::Storage`] with this message.
    pub fn storage(message: impl Into<String>) -> Self {
        Self::Storage { message: message.into() }
    }

    /// The stable code of this kind of error, as the HTTP API's `code` has it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "not-found",
            Self::Invalid { .. } => "invalid",
            Self::NeedsTags { .. } => "needs-tags",
            Self::TooLarge { .. } => "too-large",
            Self::Unavailable { .. } => "unavailable",
            Self::Storage { .. } => "storage",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_json_with_its_code_and_a_sentence() {
        let error = Error::not_found("no song has the id 00");
        let json = serde_json::to_value(&error).unwrap();
        assert_eq!(json, serde_json::json!({"code": error.code(), "message": "no song has the id 00"}));
        assert_eq!(serde_json::from_value::<Error>(json).unwrap(), error);
    }
}
