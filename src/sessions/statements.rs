//! The SQL of the session table, in the dialects of SQLite and PostgreSQL side by side. The operations that run it are
//! in `rows`. What concerns one database and does not name the table (pragmas, PostgreSQL's advisory lock) is in the
//! file of that database.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use super::namespace::Namespace;

/// The parts of the statements that differ between databases.
pub(super) struct Dialect {
    /// The type of whole numbers of 64 bits.
    integer: &'static str,
    /// Follows the columns of a new table.
    table_options: &'static str,
    /// Follows the name of a column: true when the column is one of the texts in `$1`.
    is_one_of: &'static str,
    /// Ends a subquery whose rows are locked before they are changed. All statements lock in the same order, so that no
    /// two of them wait for each other.
    locking_in_order: &'static str,
    /// Ends a subquery that leaves out the rows that another statement has locked.
    skipping_locked: &'static str,
}

/// SQLite takes several texts as one JSON array, and locks the whole file for each statement that writes.
pub(super) const SQLITE: Dialect = Dialect {
    integer: "integer",
    table_options: " strict, without rowid",
    is_one_of: "in (select value from json_each($1))",
    locking_in_order: "",
    skipping_locked: "",
};

/// PostgreSQL takes several texts as an array, and locks rows one by one.
pub(super) const POSTGRES: Dialect = Dialect {
    integer: "bigint",
    table_options: "",
    is_one_of: "= any($1)",
    locking_in_order: " order by id for update",
    skipping_locked: " for update skip locked",
};

/// Whether the table `$1` exists. Only for PostgreSQL, where an account may use the table without the right to make it.
pub(super) const TABLE_EXISTS: &str = "select to_regclass($1) is not null";

/// The columns of the table. `rows` reads them by name.
const COLUMNS: &str = "id, owner, expires_at, data";

/// The statements on the table of one namespace, made once for a store.
#[derive(Debug)]
pub(super) struct Statements {
    /// The name of the table.
    pub(super) table: String,
    /// Creates the table and its indexes if they are missing.
    pub(super) schema: SqlStr,
    /// Returns a row if the record is stored now. An expired record is replaced. If the same record is stored already,
    /// an earlier try succeeded but its response was lost, and the record keeps its expiry.
    pub(super) insert: SqlStr,
    /// Returns a row if the record holds the content `$3` now: it held `$2`, or `$3` already.
    pub(super) replace: SqlStr,
    pub(super) select: SqlStr,
    pub(super) select_many: SqlStr,
    /// Returns an owner's records without their content.
    pub(super) select_owned: SqlStr,
    /// Returns at most `$3` records whose ids follow `$1`, in the order of their ids.
    pub(super) select_after: SqlStr,
    pub(super) take: SqlStr,
    pub(super) take_owned: SqlStr,
    pub(super) touch: SqlStr,
    /// Removes at most `$2` records that have expired at `$1`, and returns a row for each.
    pub(super) sweep: SqlStr,
}

impl Statements {
    pub(super) fn new(namespace: &Namespace, dialect: &Dialect) -> Self {
        let Dialect { integer, table_options, is_one_of, locking_in_order, skipping_locked } = dialect;
        let table = format!("{namespace}_sessions");
        Self {
            schema: statement(format!(
                "create table if not exists {table} (id text primary key, owner text, expires_at {integer} not null, data text not null){table_options};
                create index if not exists {table}_by_expiry on {table} (expires_at);
                create index if not exists {table}_by_owner on {table} (owner) where owner is not null;"
            )),
            insert: statement(format!(
                "insert into {table} ({COLUMNS}) values ($1, $2, $3, $4)
                on conflict (id) do update set owner = excluded.owner, data = excluded.data,
                    expires_at = case when {table}.expires_at > $5 then {table}.expires_at else excluded.expires_at end
                where {table}.expires_at <= $5
                    or ({table}.data = excluded.data and {table}.owner is not distinct from excluded.owner)
                returning {COLUMNS}"
            )),
            replace: statement(format!(
                "update {table} set data = $3 where id = $1 and data in ($2, $3) and expires_at > $4
                returning id, owner, expires_at, '' as data"
            )),
            select: statement(format!("select {COLUMNS} from {table} where id = $1 and expires_at > $2")),
            select_many: statement(format!("select {COLUMNS} from {table} where id {is_one_of} and expires_at > $2")),
            select_owned: statement(format!(
                "select id, owner, expires_at, '' as data from {table} where owner = $1 and expires_at > $2"
            )),
            select_after: statement(format!(
                "select {COLUMNS} from {table} where id > $1 and expires_at > $2 order by id limit $3"
            )),
            take: statement(format!("delete from {table} where id = $1 returning {COLUMNS}")),
            take_owned: statement(format!(
                "delete from {table} where id in (select id from {table} where owner = $1{locking_in_order}) returning {COLUMNS}"
            )),
            touch: statement(format!(
                "update {table} set expires_at = $2
                where id in (select id from {table} where id {is_one_of} and expires_at > $3{locking_in_order})"
            )),
            sweep: statement(format!(
                "delete from {table} where id in (select id from {table} where expires_at <= $1 limit $2{skipping_locked})
                returning id, owner, expires_at, '' as data"
            )),
            table,
        }
    }
}

/// It is safe: apart from the namespace, whose characters [`Namespace::parse`] has checked, it consists of constants.
fn statement(text: String) -> SqlStr {
    AssertSqlSafe(Arc::<str>::from(text)).into_sql_str()
}
