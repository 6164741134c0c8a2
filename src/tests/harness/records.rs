//! `Records`: the session store's file as SQLite sees it, to count, watch and spoil records behind the app's back.
//! It knows the table's name and columns, and nothing of what a record means.

use std::path::Path;
use std::time::{Duration, Instant};

use kinde_leptos::auth::Store;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, SqlSafeStr};
use time::OffsetDateTime;
use tower_sessions::session::{Id, Record};

const DEADLINE: Duration = Duration::from_secs(10);

/// A connection of its own to a session file.
pub struct Records(SqliteConnection);

impl Records {
    pub async fn open(file: &Path) -> Self {
        Self(SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file)).await.unwrap())
    }

    /// How many records there are, expired ones included.
    pub async fn count(&mut self) -> i64 {
        sqlx::query_scalar("select count(*) from kinde_sessions").fetch_one(&mut self.0).await.unwrap()
    }

    /// A number that changes whenever somebody else has written.
    pub async fn version(&mut self) -> i64 {
        sqlx::query_scalar("pragma data_version").fetch_one(&mut self.0).await.unwrap()
    }

    /// The tokens of the one session there is.
    pub async fn tokens(&mut self) -> serde_json::Value {
        let data = "select data from kinde_sessions where json_extract(data, '$.tokens') is not null";
        let data: String = sqlx::query_scalar(data).fetch_one(&mut self.0).await.unwrap();
        serde_json::from_str::<serde_json::Value>(&data).unwrap()["tokens"].clone()
    }

    /// Runs one statement.
    pub async fn run(&mut self, statement: impl SqlSafeStr) {
        sqlx::query(statement).execute(&mut self.0).await.unwrap();
    }

    /// Runs one statement, and waits until a store on this file no longer answers from what it read before.
    pub async fn run_and_be_noticed(&mut self, store: &dyn Store, statement: impl SqlSafeStr) {
        let (sign, expiry_date) = (Id::default(), OffsetDateTime::now_utc() + time::Duration::hours(1));
        store.create(&mut Record { id: sign, data: [].into(), expiry_date }).await.unwrap();
        // From now on the store has a copy of it.
        assert!(store.load(&sign).await.unwrap().is_some());
        self.run(statement).await;
        sqlx::query("delete from kinde_sessions where id = ?")
            .bind(sign.to_string())
            .execute(&mut self.0)
            .await
            .unwrap();
        let deadline = Instant::now() + DEADLINE;
        while store.load(&sign).await.unwrap().is_some() {
            assert!(Instant::now() < deadline, "the store has noticed nothing");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
