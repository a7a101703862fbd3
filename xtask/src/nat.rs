//! `cargo xtask test-nat`: two tabs, each behind a home router of its own, and a relay, on a pretend internet.

use serde_json::Value;

use crate::lab::Lab;
use crate::page;
use crate::setup;
use crate::shell::Result;
use crate::test::Counts;

/// The exit code of a run that could not begin.
const CANNOT_RUN: i32 = 2;

/// Runs the cases with these names, or all of them.
pub(crate) fn test_nat(cases: &[&str]) -> Result<()> {
    let tools = Lab::is_possible("test-nat").and_then(|()| setup::for_nat()).unwrap_or_else(|failure| {
        eprintln!("\n{failure}");
        std::process::exit(CANNOT_RUN);
    });
    page::build(&tools)?;
    let relay = page::relay(&tools)?;
    let lab = Lab::up()?;
    let mut counts = Counts::default();
    let script: Vec<&str> = ["tests/nat/main.mjs"].iter().chain(cases).copied().collect();
    let succeeded = lab.drive(&tools, &relay, &script, |said: &Value| {
        if let Some(passed) = said["passed"].as_bool() {
            counts += Counts::of_check(passed);
        }
    });
    drop(lab);
    if counts.failed == 0 && (!succeeded? || counts.passed == 0) {
        counts += Counts::one_failed();
    }
    println!("{counts}");
    // The line above is the last one, so there is nothing to add to a failure but the exit code.
    std::process::exit(i32::from(counts.failed > 0));
}
