//! Starting a task that nobody waits for.

use futures::Future;

use crate::MaybeSend;

/// Runs `task` to its end beside the caller. Natively it needs a tokio runtime around it.
pub fn spawn(task: impl Future<Output = ()> + MaybeSend + 'static) {
    #[cfg(target_family = "wasm")]
    wasm_bindgen_futures::spawn_local(task);
    #[cfg(not(target_family = "wasm"))]
    tokio::spawn(task);
}
