//! Time: a clock for durations, a clock for people, and waiting.

use std::time::Duration;

use futures::future::{Either, select};
use futures::{Future, pin_mut};
pub use web_time::Instant;
use web_time::{SystemTime, UNIX_EPOCH};

use crate::MaybeSend;

/// Milliseconds since the Unix epoch, by this machine's wall clock. For showing and ordering, never for
/// measuring: it jumps.
pub type Timestamp = u64;

/// A wait ran out before the future it bounded was ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Elapsed;

/// The wall clock's time now.
pub fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
}

/// Waits for `duration`. In a hidden tab browsers stretch this to a second or more.
pub fn sleep(duration: Duration) -> impl Future<Output = ()> + MaybeSend + 'static {
    let delay = futures_timer::Delay::new(duration);
    #[cfg(target_family = "wasm")]
    let delay = send_wrapper::SendWrapper::new(delay);
    delay
}

/// Waits for `future` for `duration` at the most, then drops it.
///
/// # Errors
/// [`Elapsed`] when the time ran out first.
pub async fn timeout<T>(duration: Duration, future: impl Future<Output = T>) -> Result<T, Elapsed> {
    let delay = sleep(duration);
    pin_mut!(future, delay);
    match select(future, delay).await {
        Either::Left((output, _)) => Ok(output),
        Either::Right(_) => Err(Elapsed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_that_runs_out_says_so() {
        let never = futures::future::pending::<()>();
        let waited = futures::executor::block_on(timeout(Duration::from_millis(5), never));
        assert_eq!(waited, Err(Elapsed));
    }

    #[test]
    fn a_future_that_is_ready_in_time_is_returned() {
        let ready = futures::future::ready(7);
        let waited = futures::executor::block_on(timeout(Duration::from_secs(5), ready));
        assert_eq!(waited, Ok(7));
    }
}
