//! How many tests passed and failed, read from what each test program prints.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::ops::AddAssign;
use std::process::{Command, Stdio};

use crate::shell::{Result, not_started, spelled};

/// Tests counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Counts {
    /// A check without tests of its own, or a stage that could not begin.
    pub(crate) fn one_failed() -> Self {
        Self { passed: 0, failed: 1 }
    }

    /// A check that is one test by itself.
    pub(crate) fn of_check(succeeded: bool) -> Self {
        Self { passed: u64::from(succeeded), failed: u64::from(!succeeded) }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// Runs a test program, shows what it prints and counts its tests. One that ran no test has failed, and so has
/// one that ended badly without naming a failed test.
pub(crate) fn count(command: &mut Command) -> Result<Counts> {
    eprintln!("    $ {}", spelled(command));
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| not_started(command, &error))?;
    let mut counts = Counts::default();
    for line in child.stdout.take().into_iter().flat_map(|stdout| BufReader::new(stdout).split(b'\n')) {
        let Ok(line) = line else { break };
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        counts += of_line(&line);
    }
    let succeeded = child.wait().map_err(|error| not_started(command, &error))?.success();
    if counts == Counts::default() {
        eprintln!("No test ran.");
    }
    if counts.failed == 0 && (!succeeded || counts.passed == 0) {
        counts += Counts::one_failed();
    }
    Ok(counts)
}

/// The tests a line sums up: `test result: ok. 3 passed; 1 failed; …` (cargo test, wasm-bindgen's runner),
/// `ℹ pass 3` and `ℹ fail 1` (Node.js's runner).
fn of_line(line: &str) -> Counts {
    let words: Vec<&str> = line.split_whitespace().collect();
    let number = |word: &str| word.parse().unwrap_or(0);
    let before = |name: &str| {
        words.windows(2).find(|pair| pair[1].trim_end_matches(';') == name).map_or(0, |pair| number(pair[0]))
    };
    match words[..] {
        ["test", "result:", ..] => Counts { passed: before("passed"), failed: before("failed") },
        ["ℹ" | "#", "pass", passed] => Counts { passed: number(passed), failed: 0 },
        ["ℹ" | "#", "fail" | "cancelled", failed] => Counts { passed: 0, failed: number(failed) },
        _ => Counts::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64) -> Counts {
        Counts { passed, failed }
    }

    #[test]
    fn each_test_program_is_understood() {
        let cargo = "test result: FAILED. 31 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.52s";
        assert_eq!(of_line(cargo), counts(31, 2));
        assert_eq!(of_line("ℹ pass 12"), counts(12, 0));
        assert_eq!(of_line("# fail 3"), counts(0, 3));
        assert_eq!(of_line("ℹ cancelled 1"), counts(0, 1));
        assert_eq!(of_line("test a_song_passed ... ok"), counts(0, 0));
    }

    #[test]
    fn a_program_that_runs_no_test_has_failed() {
        assert_eq!(count(&mut Command::new("true")).unwrap(), counts(0, 1));
        assert_eq!(count(Command::new("echo").arg("# pass 2")).unwrap(), counts(2, 0));
        let crash = "echo '# pass 2'; exit 1";
        assert_eq!(count(Command::new("sh").args(["-c", crash])).unwrap(), counts(2, 1));
    }
}
