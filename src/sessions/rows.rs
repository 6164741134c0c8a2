//! A record as a row of columns: each operation of a SQL store as one statement, and reading the rows that it returns.
//! The SQL is in `statements`; connections are opened and used by `postgres` and `sqlite`.

use std::collections::HashMap;
use std::fmt::Display;
use std::str::FromStr;

use async_trait::async_trait;
use sqlx::{ColumnIndex, Decode, Row, SqlStr, Type};
use time::OffsetDateTime;
use tower_sessions::session_store::{Error, Result};

use super::statements::Statements;
use super::unreadable::{Found, readable_or_removed};
use crate::auth::{Id, Portion, Record};

/// How many records are read at once where all are read.
const PORTION: i64 = 500;

/// A value of one of a statement's parameters `$1`, `$2`, ….
#[derive(Debug, Clone)]
pub(super) enum Argument {
    Text(String),
    OptionalText(Option<String>),
    Texts(Vec<String>),
    Number(i64),
}

/// Whether a statement only reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// A database with a namespace's table.
#[async_trait]
pub(super) trait Database: Send + Sync {
    /// As [`Store::name`](crate::auth::Store::name).
    fn name(&self) -> &'static str;

    fn statements(&self) -> &Statements;

    /// Runs one statement, and once more if the connection breaks: a statement that runs twice has the same effect as
    /// one that runs once. (A record that `take` has removed is then lost with the broken connection, so no two callers
    /// receive it.) A row that cannot be read is an error in the list.
    async fn run(&self, access: Access, statement: &SqlStr, arguments: Vec<Argument>) -> Result<Vec<Result<Record>>>;

    async fn create(&self, record: &Record) -> Result<bool> {
        let arguments = vec![
            text(&record.id),
            Argument::OptionalText(record.owner.clone()),
            time(record.expires_at),
            Argument::Text(record.content.clone()),
            now(),
        ];
        let stored = self.run(Access::Write, &self.statements().insert, arguments).await?;
        Ok(!stored.is_empty())
    }

    async fn replace(&self, seen: &Record, content: &str) -> Result<bool> {
        let arguments =
            vec![text(&seen.id), Argument::Text(seen.content.clone()), Argument::Text(content.to_owned()), now()];
        let replaced = self.run(Access::Write, &self.statements().replace, arguments).await?;
        Ok(!replaced.is_empty())
    }

    /// A record, or why it cannot be read.
    async fn find(&self, id: &Id) -> Result<Option<Result<Record>>> {
        Ok(self.run(Access::Read, &self.statements().select, vec![text(id), now()]).await?.pop())
    }

    /// What one statement finds under each id. A row that cannot be read does not tell whose it is, so that any id
    /// without a row that can be read may be its id.
    async fn find_many(&self, ids: &[Id]) -> Result<Vec<Found>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.run(Access::Read, &self.statements().select_many, vec![texts(ids), now()]).await?;
        let number = rows.len();
        let records: HashMap<Id, Record> = rows.into_iter().flatten().map(|record| (record.id, record)).collect();
        let are_all_read = records.len() == number;
        let found = |id: &Id| match records.get(id) {
            Some(record) => Found::Record(record.clone()),
            None if are_all_read => Found::Nothing,
            None => Found::Unclear,
        };
        Ok(ids.iter().map(found).collect())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        readable_or_removed(self.find(id).await?, self.take(id)).await
    }

    async fn take(&self, id: &Id) -> Result<Option<Record>> {
        let taken = self.run(Access::Write, &self.statements().take, vec![text(id)]).await?;
        Ok(alive(taken).pop())
    }

    async fn touch(&self, ids: &[Id], expires_at: OffsetDateTime) -> Result<()> {
        self.run(Access::Write, &self.statements().touch, vec![texts(ids), time(expires_at), now()]).await.map(drop)
    }

    async fn owned_ids(&self, owner: &str) -> Result<Vec<Id>> {
        let arguments = vec![Argument::Text(owner.to_owned()), now()];
        let rows = self.run(Access::Read, &self.statements().select_owned, arguments).await?;
        Ok(rows.into_iter().filter_map(Result::ok).map(|record| record.id).collect())
    }

    async fn take_owned_by(&self, owner: &str) -> Result<Vec<Record>> {
        let arguments = vec![Argument::Text(owner.to_owned())];
        Ok(alive(self.run(Access::Write, &self.statements().take_owned, arguments).await?))
    }

    /// The records whose ids follow the one that is named, in the order of their ids.
    async fn portion(&self, after: Option<&str>) -> Result<Portion> {
        let arguments = vec![Argument::Text(after.unwrap_or_default().to_owned()), now(), Argument::Number(PORTION)];
        let rows = self.run(Access::Read, &self.statements().select_after, arguments).await?;
        let is_full = rows.len() == PORTION.unsigned_abs() as usize;
        let records: Vec<Record> = rows.into_iter().filter_map(Result::ok).collect();
        match records.last() {
            Some(last) => Ok(Portion { next: is_full.then(|| last.id.to_string()), records }),
            // Nobody knows where to go on.
            None if is_full => Err(Error::Decode(format!("{PORTION} rows in a row cannot be read"))),
            None => Ok(Portion { records, next: None }),
        }
    }

    /// Removes at most `limit` expired records, and returns their number.
    async fn remove_expired(&self, limit: i64) -> Result<u64> {
        let arguments = vec![now(), Argument::Number(limit)];
        let removed = self.run(Access::Write, &self.statements().sweep, arguments).await?;
        Ok(removed.len() as u64)
    }

    async fn ping(&self) -> Result<()> {
        let arguments = vec![Argument::Text(String::new()), now()];
        self.run(Access::Read, &self.statements().select, arguments).await.map(drop)
    }
}

/// Those of the removed rows that can be read and have not expired.
fn alive(removed: Vec<Result<Record>>) -> Vec<Record> {
    let now = OffsetDateTime::now_utc();
    removed.into_iter().filter_map(Result::ok).filter(|record| record.expires_at > now).collect()
}

fn text(id: &Id) -> Argument {
    Argument::Text(id.to_string())
}

fn texts(ids: &[Id]) -> Argument {
    Argument::Texts(ids.iter().map(Id::to_string).collect())
}

fn time(time: OffsetDateTime) -> Argument {
    Argument::Number(time.unix_timestamp())
}

fn now() -> Argument {
    time(OffsetDateTime::now_utc())
}

/// Reads a row of `id, owner, expires_at, data`.
pub(super) fn read<R: Row>(row: &R) -> Result<Record>
where
    for<'r> String: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> Option<String>: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> i64: Decode<'r, R::Database> + Type<R::Database>,
    for<'a> &'a str: ColumnIndex<R>,
{
    let decode = |error: &dyn Display| Error::Decode(error.to_string());
    let id: String = row.try_get("id").map_err(|error| decode(&error))?;
    let expires_at: i64 = row.try_get("expires_at").map_err(|error| decode(&error))?;
    Ok(Record {
        id: Id::from_str(&id).map_err(|error| decode(&error))?,
        owner: row.try_get("owner").map_err(|error| decode(&error))?,
        content: row.try_get("data").map_err(|error| decode(&error))?,
        expires_at: OffsetDateTime::from_unix_timestamp(expires_at).map_err(|error| decode(&error))?,
    })
}
