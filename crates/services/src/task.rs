//! Work that ends even when whoever asked for it goes away.

use futures::Future;
use futures::channel::oneshot;
use kadenza_api::{Error, Result};
use kadenza_platform::{MaybeSend, spawn};

/// Runs `work` beside the caller and waits for it. Dropping the wait does not stop the work, so a step that must
/// not be left half done never is.
pub(crate) async fn detached<T: MaybeSend + 'static>(
    work: impl Future<Output = Result<T>> + MaybeSend + 'static,
) -> Result<T> {
    let (sender, receiver) = oneshot::channel();
    spawn(async move {
        // Nobody waiting is no reason to fail.
        let _ = sender.send(work.await);
    });
    receiver.await.unwrap_or_else(|_| Err(Error::storage("work on the store was broken off")))
}
