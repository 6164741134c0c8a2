//! Tells every process that rights changed: a user's, everybody's, or that a user may not use the application any more.
//! The application calls it when it learns of the change. What a mark is is explained in `session::marks`.

use time::OffsetDateTime;

use super::Client;
use super::token_times::CLOCK_TOLERANCE;
use crate::auth::error::Error;
use crate::auth::metrics::EndCause;

impl Client {
    /// A user's rights changed: what tokens and earlier responses say of them decides nothing from now on, in every
    /// process on the same store, until the issuer has been asked again. (A bearer token is decided by the former rights
    /// for a second more in other processes.) Nobody is signed out.
    ///
    /// # Errors
    /// [`Error::Store`] (503).
    pub async fn invalidate_rights_of(&self, subject: &str) -> Result<(), Error> {
        self.move_user_mark(subject, None).await
    }

    /// Rights of any user may have changed, as by the permissions of a role. As [`Self::invalidate_rights_of`], for
    /// everybody. At Kinde the rights in tokens decide nothing until the longest session that exists now has ended:
    /// Kinde caches them, also for tokens that it issues later, so its account API is asked once for each token.
    ///
    /// # Errors
    /// [`Error::Store`] (503).
    pub async fn invalidate_all_rights(&self) -> Result<(), Error> {
        let (client, now) = (self.clone(), self.now());
        let work = async move {
            client.0.sessions.move_everybodys_mark(now).await?;
            client.0.bearer.forget_marks();
            Ok(())
        };
        self.run_to_end(work).await?
    }

    /// A user may not use the application any more, since this time by the issuer's clock: ends the sessions that began
    /// until then, revokes their tokens, and refuses the bearer tokens that were issued until then. Returns how many
    /// sessions there were. A user who signs in a minute later (clocks differ) is let in, if the issuer does so; such a
    /// session stays also when this is called late, or again.
    ///
    /// # Errors
    /// [`Error::Store`] (503); then it is to be called again.
    pub async fn end_access_of(&self, subject: &str, since: OffsetDateTime) -> Result<usize, Error> {
        let (client, subject) = (self.clone(), subject.to_owned());
        let work = async move {
            // The mark comes first: a sign-in under way writes its session first, and then reads the mark.
            client.move_user_mark(&subject, Some(since)).await?;
            let (limit, now) = (since.saturating_add(CLOCK_TOLERANCE), client.now());
            if now <= limit {
                return client.end_all_of(&subject, EndCause::AccessEnded).await;
            }
            let (ended, done) = client.0.sessions.end_begun_until(limit, &subject, now).await;
            let count = client.follow_ends(&ended, EndCause::AccessEnded, None);
            done?;
            Ok(count)
        };
        self.run_to_end(work).await?
    }

    async fn move_user_mark(&self, subject: &str, ended_at: Option<OffsetDateTime>) -> Result<(), Error> {
        let (client, subject, now) = (self.clone(), subject.to_owned(), self.now());
        let work = async move {
            client.0.sessions.move_user_mark(&subject, ended_at, now).await?;
            client.0.bearer.forget_marks_of(&subject);
            Ok(())
        };
        self.run_to_end(work).await?
    }
}
