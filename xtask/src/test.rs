//! `cargo xtask test`: every check there is, one stage after the other.

mod counts;
mod stages;

use std::time::Instant;

pub(crate) use counts::Counts;
pub(crate) use stages::STAGES;

use crate::setup;
use crate::shell::{Failure, Result, say};

/// Runs the stages with these names, or all of them. A failing stage does not keep the next from running.
pub(crate) fn test(names: &[&str]) -> Result<()> {
    if let Some(unknown) = names.iter().find(|name| STAGES.iter().all(|stage| stage.name != **name)) {
        let known: Vec<_> = STAGES.iter().map(|stage| stage.name).collect();
        return Err(Failure::new(format!("There is no stage `{unknown}`; there are: {}.", known.join(", "))));
    }
    let tools = setup::for_testing()?;
    let mut lines = Vec::new();
    let mut all = Counts::default();
    for stage in STAGES.iter().filter(|stage| names.is_empty() || names.contains(&stage.name)) {
        say(format!("Stage {}: {}", stage.name, stage.about));
        let begun = Instant::now();
        let counts = (stage.run)(&tools).unwrap_or_else(|failure| {
            eprintln!("{failure}");
            Counts::one_failed()
        });
        all += counts;
        let seconds = begun.elapsed().as_secs();
        lines.push(format!("{:<14} {:>5} s  {counts}", stage.name, seconds));
        say(format!("Stage {}: {counts} in {seconds} s", stage.name));
    }
    println!("\n{}\n{all}", lines.join("\n"));
    // The line above is the last one, so there is nothing to add to a failure but the exit code.
    std::process::exit(i32::from(all.failed > 0));
}
