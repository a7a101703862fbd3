//! Logs: one line an event, on standard error.

use std::io;

use tracing_subscriber::EnvFilter;

use crate::cli::LogFormat;

/// Starts logging what passes `filter`, for the whole process.
///
/// # Errors
/// When the filter is none, or logging has started already.
pub fn start(filter: &str, format: LogFormat) -> io::Result<()> {
    let filter: EnvFilter = filter.parse().map_err(io::Error::other)?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match format {
        LogFormat::Plain => lines.with_ansi(false).try_init(),
        LogFormat::Json => lines.json().try_init(),
    }
    .map_err(io::Error::other)
}
