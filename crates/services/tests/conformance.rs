//! The promises of `Music`, kept on the stores that need no browser. IndexedDB's are beside it.
// Where there are files and a tokio runtime.
#![cfg(any(unix, windows))]
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod common;

mod in_memory {
    use kadenza_services::{Services, store::MemoryStore};

    async fn stack() -> Services<MemoryStore> {
        super::common::in_memory().await
    }

    kadenza_api::conformance!(
        #[tokio::test]
        stack
    );
}

mod on_disk {
    use kadenza_services::{Services, store::disk::DiskStore};

    async fn stack() -> Services<DiskStore> {
        // Kept, for the stack outlives this function; `cargo clean` removes it.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap().keep();
        super::common::on_disk(&folder).await
    }

    kadenza_api::conformance!(
        #[tokio::test]
        stack
    );
}
