//! `cargo xtask screenshots`: what the page looks like in each of its main states.

use crate::shell::{Result, run};
use crate::{page, setup};

/// Takes the pictures, with the songs of `folder` where one is named.
pub(crate) fn screenshots(folder: Option<&str>) -> Result<()> {
    let tools = setup::for_testing()?;
    run(page::driven_by_node(&tools)?.arg("tests/screenshot.mjs").args(folder))
}
