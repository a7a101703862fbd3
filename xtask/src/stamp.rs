//! Whether something was built since its sources changed, for what Cargo does not build by itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::shell::{Result, not_written, repository, target};

/// A file whose time is that of the last build.
#[derive(Debug)]
pub(crate) struct Stamp(PathBuf);

/// A build under way.
#[derive(Debug)]
pub(crate) struct Begun {
    stamp: PathBuf,
    begun: PathBuf,
}

impl Stamp {
    /// The stamp of what is called `name`.
    pub(crate) fn of(name: &str) -> Self {
        Self(target().join(format!("{name}.stamp")))
    }

    /// Whether it was built, and since any of the repository's `sources` changed.
    pub(crate) fn is_newer_than(&self, sources: &[&str]) -> bool {
        let built = self.0.metadata().and_then(|file| file.modified()).ok();
        let sources = sources.iter().filter_map(|source| newest(&repository().join(source)));
        built.is_some() && sources.max() < built
    }

    /// Begins to build. The stamp's time will be that of now, so that an edit during the build counts as newer.
    pub(crate) fn begin(self) -> Result<Begun> {
        let begun = self.0.with_extension("stamp.begun");
        fs::write(&begun, "").map_err(|error| not_written(&begun, &error))?;
        Ok(Begun { stamp: self.0, begun })
    }
}

impl Begun {
    /// It is built.
    pub(crate) fn done(self) -> Result<()> {
        fs::rename(&self.begun, &self.stamp).map_err(|error| not_written(&self.stamp, &error))
    }
}

/// When the youngest file in `path` was changed.
fn newest(path: &Path) -> Option<SystemTime> {
    let own = path.metadata().ok()?.modified().ok();
    let Ok(entries) = fs::read_dir(path) else { return own };
    entries.flatten().filter_map(|entry| newest(&entry.path())).chain(own).max()
}
