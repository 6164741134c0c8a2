//! `Records`: a connection to the session store's file, to count, watch and spoil records behind the app's back.
//! It depends on the table's name and columns, and on the word that the content of a token record begins with.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use kinde_leptos::auth::{ChangeObserver, Id, Store};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, SqlSafeStr};

const DEADLINE: Duration = Duration::from_secs(10);

/// A connection of its own to a session file.
pub struct Records(SqliteConnection);

/// An observer that remembers whether the store has noticed a write of another connection.
#[derive(Default)]
struct Noticed(AtomicBool);

impl ChangeObserver for Noticed {
    fn changed(&self, _: &Id) {}

    fn all_changed(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Records {
    pub async fn open(file: &Path) -> Self {
        Self(SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file)).await.unwrap())
    }

    /// How many records there are, expired ones included.
    pub async fn count(&mut self) -> i64 {
        sqlx::query_scalar("select count(*) from kinde_sessions").fetch_one(&mut self.0).await.unwrap()
    }

    /// Begins to count the records that are created, changed and removed.
    pub async fn count_writes(&mut self) {
        sqlx::raw_sql(
            "create table writes (number integer not null);
            insert into writes values (0);
            create trigger created after insert on kinde_sessions begin update writes set number = number + 1; end;
            create trigger changed after update on kinde_sessions begin update writes set number = number + 1; end;
            create trigger removed after delete on kinde_sessions begin update writes set number = number + 1; end;",
        )
        .execute(&mut self.0)
        .await
        .unwrap();
    }

    /// The number of writes since [`Self::count_writes`].
    pub async fn writes(&mut self) -> i64 {
        sqlx::query_scalar("select number from writes").fetch_one(&mut self.0).await.unwrap()
    }

    /// The tokens of the only session.
    pub async fn tokens(&mut self) -> serde_json::Value {
        let data = "select data from kinde_sessions where data like 'tokens %'";
        let data: String = sqlx::query_scalar(data).fetch_one(&mut self.0).await.unwrap();
        serde_json::from_str(data.strip_prefix("tokens ").unwrap()).unwrap()
    }

    /// Runs one statement.
    pub async fn run(&mut self, statement: impl SqlSafeStr) {
        sqlx::query(statement).execute(&mut self.0).await.unwrap();
    }

    /// Runs one statement, and waits until the observers of a store on this file are informed.
    pub async fn run_and_be_noticed(&mut self, store: &dyn Store, statement: impl SqlSafeStr) {
        let noticed = Arc::new(Noticed::default());
        let observer: Arc<dyn ChangeObserver> = noticed.clone();
        // Observers are informed in order: when this one is, those before it have been.
        let is_observed = store.observe(Arc::downgrade(&observer) as Weak<dyn ChangeObserver>);
        self.run(statement).await;
        noticed.0.store(false, Ordering::SeqCst);
        let deadline = Instant::now() + DEADLINE;
        while is_observed && !noticed.0.load(Ordering::SeqCst) {
            assert!(Instant::now() < deadline, "the store has noticed nothing");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
