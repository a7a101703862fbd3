//! `cargo xtask figures`: what a first visit costs, measured in headless Chromium.

use crate::shell::{Result, run};
use crate::{page, setup};

/// Prints sizes, requests and times of a first visit as one JSON object.
pub(crate) fn figures() -> Result<()> {
    let tools = setup::for_testing()?;
    run(page::driven_by_node(&tools)?.arg("tests/figures.mjs"))
}
