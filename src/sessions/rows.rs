//! A record as a row of columns: the statements that both SQL stores have in common, and reading their rows.
//! It opens no connection; each store runs the statements its own way.

use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use async_trait::async_trait;
use sqlx::{AssertSqlSafe, ColumnIndex, Decode, Row, SqlSafeStr, SqlStr, Type};
use time::OffsetDateTime;
use tower_sessions::session_store::{Error, Result};

use super::namespace::Namespace;
use super::unreadable::readable_or_removed;
use crate::auth::{Id, Record};

/// What one database writes differently from another.
pub(super) struct Dialect {
    /// The type of whole numbers of 64 bits.
    pub(super) integer: &'static str,
    /// What follows the columns of a new table.
    pub(super) table_options: &'static str,
    /// Follows a column: whether it is one of the texts in `$1`.
    pub(super) is_one_of: &'static str,
    /// Ends a subquery whose rows are locked one after the other: in one order, so that no two statements wait for each
    /// other.
    pub(super) locking_in_order: &'static str,
    /// Ends a subquery that leaves out the rows that another statement has locked.
    pub(super) skipping_locked: &'static str,
}

/// The statements on the table of one namespace, made once for a store.
#[derive(Debug)]
pub(super) struct Statements {
    /// Makes the table and its indexes where they are missing.
    pub(super) schema: SqlStr,
    /// Returns a row when the record is stored now. An expired record is replaced. The very same record may be stored
    /// already: then an earlier try succeeded whose response was lost, and the record keeps its expiry.
    insert: SqlStr,
    select: SqlStr,
    select_owned: SqlStr,
    take: SqlStr,
    take_owned: SqlStr,
    touch: SqlStr,
    /// Removes at most `$2` records that have expired at `$1`, and returns a row for each.
    sweep: SqlStr,
}

impl Statements {
    pub(super) fn new(namespace: &Namespace, dialect: &Dialect) -> Self {
        let Dialect { integer, table_options, is_one_of, locking_in_order, skipping_locked } = dialect;
        let table = table_of(namespace);
        let columns = "id, owner, expires_at, data";
        Self {
            schema: statement(format!(
                "create table if not exists {table} (id text primary key, owner text, expires_at {integer} not null, data text not null){table_options};
                create index if not exists {table}_by_expiry on {table} (expires_at);
                create index if not exists {table}_by_owner on {table} (owner) where owner is not null;"
            )),
            insert: statement(format!(
                "insert into {table} ({columns}) values ($1, $2, $3, $4)
                on conflict (id) do update set owner = excluded.owner, data = excluded.data,
                    expires_at = case when {table}.expires_at > $5 then {table}.expires_at else excluded.expires_at end
                where {table}.expires_at <= $5
                    or ({table}.data = excluded.data and {table}.owner is not distinct from excluded.owner)
                returning {columns}"
            )),
            select: statement(format!("select {columns} from {table} where id = $1 and expires_at > $2")),
            select_owned: statement(format!("select {columns} from {table} where owner = $1 and expires_at > $2")),
            take: statement(format!("delete from {table} where id = $1 returning {columns}")),
            take_owned: statement(format!(
                "delete from {table} where id in (select id from {table} where owner = $1{locking_in_order}) returning {columns}"
            )),
            touch: statement(format!(
                "update {table} set expires_at = $2
                where id in (select id from {table} where id {is_one_of} and expires_at > $3{locking_in_order})"
            )),
            sweep: statement(format!(
                "delete from {table} where id in (select id from {table} where expires_at <= $1 limit $2{skipping_locked})
                returning id, owner, expires_at, '' as data"
            )),
        }
    }
}

/// The name of a namespace's table.
pub(super) fn table_of(namespace: &Namespace) -> String {
    format!("{namespace}_sessions")
}

/// Safe because a namespace is all that statements are put together from.
fn statement(text: String) -> SqlStr {
    AssertSqlSafe(Arc::<str>::from(text)).into_sql_str()
}

/// A value in place of `$1`, `$2`, ….
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
    fn statements(&self) -> &Statements;

    /// Runs one statement, and once more when the connection breaks: each statement changes as much when run twice as
    /// when run once. (What `take` has removed is then lost with the broken connection, so nobody receives it twice.) A
    /// row that cannot be read is an error in its place.
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

    /// A record, or why it cannot be read.
    async fn find(&self, id: &Id) -> Result<Option<Result<Record>>> {
        Ok(self.run(Access::Read, &self.statements().select, vec![text(id), now()]).await?.pop())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        readable_or_removed(self.find(id).await?, self.take(id)).await
    }

    async fn take(&self, id: &Id) -> Result<Option<Record>> {
        let taken = self.run(Access::Write, &self.statements().take, vec![text(id)]).await?;
        Ok(alive(taken).pop())
    }

    async fn touch(&self, ids: &[Id], expires_at: OffsetDateTime) -> Result<()> {
        let ids = Argument::Texts(ids.iter().map(Id::to_string).collect());
        self.run(Access::Write, &self.statements().touch, vec![ids, time(expires_at), now()]).await.map(drop)
    }

    async fn owned_by(&self, owner: &str) -> Result<Vec<Record>> {
        let arguments = vec![Argument::Text(owner.to_owned()), now()];
        let rows = self.run(Access::Read, &self.statements().select_owned, arguments).await?;
        Ok(rows.into_iter().filter_map(Result::ok).collect())
    }

    async fn take_owned_by(&self, owner: &str) -> Result<Vec<Record>> {
        let arguments = vec![Argument::Text(owner.to_owned())];
        Ok(alive(self.run(Access::Write, &self.statements().take_owned, arguments).await?))
    }

    /// Removes at most so many expired records. Returns how many it were.
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
