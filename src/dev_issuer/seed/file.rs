//! The seed in a file: read when the tenant starts, and again whenever the file changes.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::application::apply;
use super::document::{Seed, SeedProblems};
use crate::dev_issuer::basics::random::Random;
use crate::dev_issuer::state::{settings::Settings, tenant::EmulatedTenant};

/// How often the file is looked at.
const INTERVAL: Duration = Duration::from_millis(250);

/// The reason for which a file is no seed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SeedFileError {
    /// The file cannot be read.
    #[error("the seed {path} cannot be read: {source} (DEV_ISSUER_SEED; --seed of dev-issuer)")]
    Read {
        /// The file.
        path: String,
        /// The error of the system.
        source: io::Error,
    },
    /// The file can be read, and something in it is wrong.
    #[error("the seed {path} cannot be used:\n{}", .problems.0.iter().map(|problem| format!("  - {problem}")).collect::<Vec<_>>().join("\n"))]
    Problems {
        /// The file.
        path: String,
        /// Everything that is wrong.
        problems: SeedProblems,
    },
}

/// A file with a seed.
pub(crate) struct SeedFile {
    path: PathBuf,
    /// Its content, as it was read last.
    pub(crate) text: String,
}

impl SeedFile {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`SeedFileError`]
    pub(crate) fn read(path: &Path, settings: &Settings, random: &Random) -> Result<(Self, Seed), SeedFileError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| SeedFileError::Read { path: path.display().to_string(), source })?;
        let seed = Seed::read(&text, settings, random)
            .map_err(|problems| SeedFileError::Problems { path: path.display().to_string(), problems })?;
        Ok((Self { path: path.to_owned(), text }, seed))
    }

    /// Reads the file again whenever it changes, while the tenant exists. A file that cannot be used is named in the log,
    /// and everything stays as it is.
    pub(crate) async fn watch(mut self, tenant: Weak<EmulatedTenant>) {
        loop {
            tokio::time::sleep(INTERVAL).await;
            let Some(tenant) = tenant.upgrade() else { return };
            // An editor may be about to replace it.
            let Ok(text) = std::fs::read_to_string(&self.path) else { continue };
            if text != self.text {
                self.text = text;
                self.changed(&tenant);
            }
        }
    }

    fn changed(&self, tenant: &Arc<EmulatedTenant>) {
        let mut state = tenant.state();
        match Seed::read(&self.text, &state.first_settings, &tenant.random) {
            Ok(seed) => {
                apply(tenant, &mut state, &seed);
                tracing::info!(people = state.people.all().len(), "the seed has changed and was read again");
                state.seed = Some(self.text.clone());
            }
            Err(problems) => {
                tracing::warn!("the seed has changed and cannot be used, so everything stays as it was: {problems}");
            }
        }
    }
}
