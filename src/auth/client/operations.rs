//! What operators do while the site runs: a user's sessions listed and ended and, portion by portion, all sessions ended
//! and all records sealed with a new key. An application's command line calls it.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tracing::Instrument;

use super::Client;
use super::sign_out::MAX_REVOCATIONS;
use crate::auth::error::Error;
use crate::auth::metrics::EndCause;
use crate::auth::session::{Ended, EndedPortion, ListedSessions, ReSealing, SessionError, TokenSet};

/// How many ended sessions' tokens wait for their revocation at most. Sessions end first: where the issuer is slow, a
/// token that finds no place is left to expire.
const MAX_WAITING: usize = 50_000;
const MAX_FAILURES: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The end of a user's sessions, or of all, so far or whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndedSessions {
    /// How many sessions have ended.
    pub ended: u64,
    /// How many of their tokens the issuer has revoked.
    pub revoked: u64,
    /// How many tokens it did not revoke, or open with none of the keys: they live there until they expire.
    pub not_revoked: u64,
    /// How many sessions stay, because they open with none of the keys, or are another application's. Where one user's
    /// sessions are ended, these end too.
    pub unreadable: u64,
}

/// How often the same portion may fail. Among a million records some operation meets a store that is busy for a moment.
#[derive(Default)]
struct Patience {
    failures: u32,
}

impl Patience {
    /// Waits before another try, each time for longer, in all for three seconds.
    ///
    /// # Errors
    /// The failure, when it was one too many.
    async fn wait_after(&mut self, failure: SessionError) -> Result<(), Error> {
        if self.failures == MAX_FAILURES {
            return Err(failure.into());
        }
        tokio::time::sleep(FIRST_PAUSE * 2_u32.pow(self.failures)).await;
        self.failures += 1;
        Ok(())
    }
}

impl Client {
    /// A user's sessions as the user may see them, and how many do not open. It costs two operations of the store, and
    /// one more for each hundred of them.
    ///
    /// # Errors
    /// [`Error::Store`] (503).
    pub async fn list_sessions_of(&self, subject: &str) -> Result<ListedSessions, Error> {
        Ok(self.0.sessions.listed(subject, None, self.now()).await?)
    }

    /// As [`Self::end_sessions_of`], for an operator, who waits until the tokens are revoked too. A store that is busy
    /// for a moment is asked again.
    ///
    /// # Errors
    /// [`Error::Store`] (503). It can be called again.
    pub async fn end_sessions_and_tokens_of(&self, subject: &str) -> Result<EndedSessions, Error> {
        let mut patience = Patience::default();
        let all = loop {
            match self.0.sessions.end_all_of(subject).await {
                Ok(all) => break all,
                Err(error) => patience.wait_after(error).await?,
            }
        };
        let (waiting, tokens) = mpsc::channel(MAX_WAITING);
        let mut counts = EndedSessions::default();
        for ended in all {
            self.count_end(ended, &waiting, &mut counts);
        }
        drop(waiting);
        let (revoked, failed) = self.clone().revoke_all(tokens).await;
        counts.revoked = revoked;
        counts.not_revoked += failed;
        Ok(counts)
    }

    /// Counts and logs an ended session, and lets its tokens wait for their revocation.
    fn count_end(&self, ended: Ended, waiting: &mpsc::Sender<TokenSet>, counts: &mut EndedSessions) {
        counts.ended += u64::from(ended.subject.is_some());
        self.note_end(&ended, EndCause::Application, None);
        let has_place = ended.tokens.is_none_or(|tokens| waiting.try_send(tokens).is_ok());
        counts.not_revoked += u64::from(!has_place || ended.has_unopened_tokens);
    }

    /// Ends all sessions of this application, here and in every process on the store, and revokes their tokens. Sign-ins
    /// that were begun before end without a session (400), wherever they are: users begin them anew. A session that
    /// begins meanwhile stays, unless its user had another one. What is kept in memory does not grow with the number of
    /// sessions. `progress` is told after each portion.
    ///
    /// # Errors
    /// [`Error::Store`] (503): what was ended until then is ended, and no sign-in that was begun before completes. It
    /// is to be called again.
    pub async fn end_all_sessions(
        &self,
        mut progress: impl FnMut(&EndedSessions) + Send,
    ) -> Result<EndedSessions, Error> {
        // The mark comes first: a sign-in under way writes its session first, and then reads the mark.
        self.0.sessions.move_end_of_all(self.now()).await?;
        let (waiting, tokens) = mpsc::channel(MAX_WAITING);
        let revoking = tokio::spawn(self.clone().revoke_all(tokens).in_current_span());
        let mut counts = EndedSessions::default();
        let done = self.end_every_portion(&waiting, &mut counts, &mut progress).await;
        drop(waiting);
        let (revoked, failed) = revoking.await.map_err(|error| Error::Internal(format!("revocations: {error}")))?;
        counts.revoked = revoked;
        counts.not_revoked += failed;
        progress(&counts);
        done.map(|()| counts)
    }

    async fn end_every_portion(
        &self,
        waiting: &mpsc::Sender<TokenSet>,
        counts: &mut EndedSessions,
        progress: &mut (impl FnMut(&EndedSessions) + Send),
    ) -> Result<(), Error> {
        let (mut after, mut patience): (Option<String>, _) = (None, Patience::default());
        loop {
            let EndedPortion { ended, unreadable, next, done } =
                match self.0.sessions.end_portion(after.as_deref()).await {
                    Ok(portion) => portion,
                    Err(error) => {
                        patience.wait_after(error).await?;
                        continue;
                    }
                };
            for ended in ended {
                self.count_end(ended, waiting, counts);
            }
            progress(counts);
            if let Err(error) = done {
                patience.wait_after(error).await?;
                continue;
            }
            patience = Patience::default();
            counts.unreadable += unreadable;
            after = next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// Revokes tokens as they come, some at a time. Returns how many were revoked, and how many were not.
    async fn revoke_all(self, mut tokens: mpsc::Receiver<TokenSet>) -> (u64, u64) {
        let (mut under_way, mut revoked, mut failed) = (JoinSet::new(), 0, 0);
        loop {
            tokio::select! {
                Some(done) = under_way.join_next(), if !under_way.is_empty() => match done {
                    Ok(Ok(())) => revoked += 1,
                    Ok(Err(error)) => {
                        tracing::debug!(%error, "a token was not revoked");
                        failed += 1;
                    }
                    Err(_) => failed += 1,
                },
                Some(tokens) = tokens.recv(), if under_way.len() < MAX_REVOCATIONS => {
                    let client = self.clone();
                    under_way.spawn(async move { client.revoke_now(&tokens).await }.in_current_span());
                }
                else => return (revoked, failed),
            }
        }
    }

    /// Seals every record of this application with the newest of its keys, while the application runs: afterwards the
    /// older keys can go. A record is replaced only if it is as it was seen, so nothing that has ended comes back, and
    /// no change is lost. `progress` is told after each portion. Without keys nothing is rewritten.
    ///
    /// # Errors
    /// [`Error::Store`] (503): what was rewritten until then is. It can be called again.
    pub async fn re_seal(&self, mut progress: impl FnMut(&ReSealing) + Send) -> Result<ReSealing, Error> {
        let (mut counts, mut patience) = (ReSealing::default(), Patience::default());
        let mut after: Option<String> = None;
        loop {
            match self.0.sessions.re_seal_portion(after.as_deref(), &mut counts).await {
                Ok(next) => (after, patience) = (next, Patience::default()),
                Err(error) => {
                    patience.wait_after(error).await?;
                    continue;
                }
            }
            progress(&counts);
            if after.is_none() {
                return Ok(counts);
            }
        }
    }
}
