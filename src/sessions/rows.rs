//! A record as a row of columns: the statements both SQL stores have in common, and reading and binding their rows.
//! It opens no connection; each store runs the statements its own way.

use std::fmt::Display;
use std::str::FromStr;

use async_trait::async_trait;
use sqlx::{ColumnIndex, Decode, Row, Type};
use time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

use super::data;
use crate::auth::owner_of;

/// Gives a row when the record stands there now. The very same record may stand there already: then an earlier try
/// succeeded whose answer was lost.
const INSERT: &str = "insert into kinde_sessions (id, owner, expires_at, data) values ($1, $2, $3, $4) on conflict (id) do update set expires_at = excluded.expires_at where kinde_sessions.expires_at = excluded.expires_at and kinde_sessions.data = excluded.data returning id, expires_at, data";
const UPDATE: &str = "update kinde_sessions set expires_at = $2, data = $3 where id = $1 and expires_at > $4";
const SELECT: &str = "select id, expires_at, data from kinde_sessions where id = $1 and expires_at > $2";
const SELECT_OWNED: &str = "select id, expires_at, data from kinde_sessions where owner = $1 and expires_at > $2";
const DELETE: &str = "delete from kinde_sessions where id = $1";
const TAKE: &str = "delete from kinde_sessions where id = $1 returning id, expires_at, data";
const TOUCH: &str = "update kinde_sessions set expires_at = $2 where id = $1 and expires_at > $3";

/// A value in place of `$1`, `$2`, ….
#[derive(Debug, Clone)]
pub(super) enum Argument {
    Text(String),
    OptionalText(Option<String>),
    Number(i64),
}

/// Whether a statement only reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// A database with the table `kinde_sessions`.
#[async_trait]
pub(super) trait Database: Send + Sync {
    /// Removes at most `$2` records that have expired at `$1`, and returns a row for each.
    const SWEEP: &'static str;

    /// Runs one statement, and once more when the connection breaks: each statement changes as much when run twice as
    /// when run once. (What `take` has removed is then lost with the broken connection, so nobody gets it twice.) A row
    /// that cannot be read is an error in its place.
    async fn run(
        &self,
        access: Access,
        statement: &'static str,
        arguments: Vec<Argument>,
    ) -> Result<Vec<Result<Record>>>;

    async fn create(&self, record: &mut Record) -> Result<()> {
        let data = data::encode(record)?;
        loop {
            let arguments = vec![
                text(&record.id),
                Argument::OptionalText(owner_of(record).map(str::to_owned)),
                time(record.expiry_date),
                Argument::Text(data.clone()),
            ];
            if !self.run(Access::Write, INSERT, arguments).await?.is_empty() {
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let arguments = vec![text(&record.id), time(record.expiry_date), Argument::Text(data::encode(record)?), now()];
        self.run(Access::Write, UPDATE, arguments).await.map(drop)
    }

    /// A row that cannot be read is as good as none: it is removed, so that this is logged once.
    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        match self.run(Access::Read, SELECT, vec![text(id), now()]).await?.pop() {
            None => Ok(None),
            Some(Ok(record)) => Ok(Some(record)),
            Some(Err(error)) => {
                tracing::warn!(%error, "a session record cannot be read and is removed");
                self.delete(id).await?;
                Ok(None)
            }
        }
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.run(Access::Write, DELETE, vec![text(id)]).await.map(drop)
    }

    async fn take(&self, id: &Id) -> Result<Option<Record>> {
        let taken = self.run(Access::Write, TAKE, vec![text(id)]).await?.pop();
        Ok(taken.and_then(Result::ok).filter(|record| record.expiry_date > OffsetDateTime::now_utc()))
    }

    async fn touch(&self, id: &Id, expiry: OffsetDateTime) -> Result<()> {
        self.run(Access::Write, TOUCH, vec![text(id), time(expiry), now()]).await.map(drop)
    }

    async fn owned_by(&self, owner: &str) -> Result<Vec<Record>> {
        let rows = self.run(Access::Read, SELECT_OWNED, vec![Argument::Text(owner.to_owned()), now()]).await?;
        Ok(rows.into_iter().filter_map(Result::ok).collect())
    }

    /// Removes at most so many expired records. Gives how many it were.
    async fn remove_expired(&self, limit: i64) -> Result<u64> {
        let removed = self.run(Access::Write, Self::SWEEP, vec![now(), Argument::Number(limit)]).await?;
        Ok(removed.len() as u64)
    }

    async fn ping(&self) -> Result<()> {
        self.run(Access::Read, SELECT, vec![Argument::Text(String::new()), now()]).await.map(drop)
    }
}

fn text(id: &Id) -> Argument {
    Argument::Text(id.to_string())
}

fn time(time: OffsetDateTime) -> Argument {
    Argument::Number(time.unix_timestamp())
}

fn now() -> Argument {
    time(OffsetDateTime::now_utc())
}

/// Reads a row of `id, expires_at, data`.
pub(super) fn read<R: Row>(row: &R) -> Result<Record>
where
    for<'r> String: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> i64: Decode<'r, R::Database> + Type<R::Database>,
    for<'a> &'a str: ColumnIndex<R>,
{
    let decode = |error: &dyn Display| Error::Decode(error.to_string());
    let id: String = row.try_get("id").map_err(|error| decode(&error))?;
    let expires_at: i64 = row.try_get("expires_at").map_err(|error| decode(&error))?;
    let data: String = row.try_get("data").map_err(|error| decode(&error))?;
    Ok(Record {
        id: Id::from_str(&id).map_err(|error| decode(&error))?,
        data: data::decode(data.as_bytes())?,
        expiry_date: OffsetDateTime::from_unix_timestamp(expires_at).map_err(|error| decode(&error))?,
    })
}
