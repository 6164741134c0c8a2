//! `Records`: the session store's file as SQLite sees it, to count, watch and spoil records behind the app's back.
//! It knows the table's name and columns, and nothing of what a record means.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, SqlSafeStr};

/// A connection of its own to a session file.
pub struct Records(SqliteConnection);

impl Records {
    pub async fn open(file: &Path) -> Self {
        Self(SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file)).await.unwrap())
    }

    /// How many records there are, expired ones included.
    pub async fn count(&mut self) -> i64 {
        sqlx::query_scalar("select count(*) from sessions").fetch_one(&mut self.0).await.unwrap()
    }

    /// A number that changes whenever somebody else has written.
    pub async fn version(&mut self) -> i64 {
        sqlx::query_scalar("pragma data_version").fetch_one(&mut self.0).await.unwrap()
    }

    /// The tokens of the one session there is.
    pub async fn tokens(&mut self) -> serde_json::Value {
        let data = "select data from sessions where json_extract(data, '$.tokens') is not null";
        let data: String = sqlx::query_scalar(data).fetch_one(&mut self.0).await.unwrap();
        serde_json::from_str::<serde_json::Value>(&data).unwrap()["tokens"].clone()
    }

    /// Runs one statement.
    pub async fn run(&mut self, statement: impl SqlSafeStr) {
        sqlx::query(statement).execute(&mut self.0).await.unwrap();
    }
}
