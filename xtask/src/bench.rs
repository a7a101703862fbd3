//! `cargo xtask bench`: side by side with others, on this machine, in one run.

use crate::shell::{Failure, Result, run};
use crate::{page, setup, webrtc_peer};

/// Everything that can be measured, and the script that does it.
const BENCHES: [(&str, &str); 1] = [("webrtc", "bench/webrtc.mjs")];

/// Measures `name` and prints one JSON object as the last line.
pub(crate) fn bench(name: &str) -> Result<()> {
    let Some((_, script)) = BENCHES.iter().find(|(bench, _)| *bench == name) else {
        let known: Vec<_> = BENCHES.iter().map(|(bench, _)| *bench).collect();
        return Err(Failure::new(format!("There is no bench `{name}`; there is: {}.", known.join(", "))));
    };
    let tools = setup::for_testing()?;
    run(page::driven_by_node(&tools)?.env(webrtc_peer::FOLDER, webrtc_peer::build(&tools)?).arg(script))
}
