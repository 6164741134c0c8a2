//! The records in a store, behind the program's back: single ones to read and to change, and large numbers of them.
//! It depends on keys, tables and columns, and not on the content of records.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::store::{Kind, Store};

/// How many records are added in one request.
const PORTION: usize = 10_000;
/// In seconds since 1970: the year 2100.
const FAR_FUTURE: i64 = 4_102_444_800;

impl Store {
    /// A record's content.
    pub async fn read_record(&self, id: &str) -> Option<String> {
        let select = "select data from kinde_sessions where id = $1";
        match self.kind {
            Kind::Sqlite => {
                let mut connection = self.connect_to_file().await;
                sqlx::query_scalar(select).bind(id).fetch_optional(&mut connection).await.unwrap()
            }
            Kind::Postgres => {
                let mut connection = PgConnection::connect(self.url()).await.unwrap();
                sqlx::query_scalar(select).bind(id).fetch_optional(&mut connection).await.unwrap()
            }
            Kind::Redis => {
                let mut connection = self.connect_to_redis().await;
                let value: Option<String> =
                    redis::cmd("GET").arg(record_key(id)).query_async(&mut connection).await.unwrap();
                value.map(|value| value.split_once('\n').unwrap().1.to_owned())
            }
        }
    }

    /// Replaces a record's content, and keeps its owner and its expiry.
    pub async fn write_record(&self, id: &str, data: &str) {
        let update = "update kinde_sessions set data = $1 where id = $2";
        match self.kind {
            Kind::Sqlite => {
                let mut connection = self.connect_to_file().await;
                sqlx::query(update).bind(data).bind(id).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
            Kind::Postgres => {
                let mut connection = PgConnection::connect(self.url()).await.unwrap();
                sqlx::query(update).bind(data).bind(id).execute(&mut connection).await.unwrap();
            }
            Kind::Redis => {
                let mut connection = self.connect_to_redis().await;
                let former: String = redis::cmd("GET").arg(record_key(id)).query_async(&mut connection).await.unwrap();
                let owner = former.split_once('\n').unwrap().0;
                let value = format!("{owner}\n{data}");
                let set = redis::cmd("SET").arg(record_key(id)).arg(value).arg("KEEPTTL").to_owned();
                set.exec_async(&mut connection).await.unwrap();
            }
        }
    }

    /// Removes a record's owner, and keeps everything else.
    pub async fn disown_record(&self, id: &str) {
        let update = "update kinde_sessions set owner = null where id = $1";
        match self.kind {
            Kind::Sqlite => {
                let mut connection = self.connect_to_file().await;
                sqlx::query(update).bind(id).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
            Kind::Postgres => {
                let mut connection = PgConnection::connect(self.url()).await.unwrap();
                sqlx::query(update).bind(id).execute(&mut connection).await.unwrap();
            }
            Kind::Redis => {
                let content = self.read_record(id).await.unwrap();
                let set = redis::cmd("SET").arg(record_key(id)).arg(format!("\n{content}")).arg("KEEPTTL").to_owned();
                set.exec_async(&mut self.connect_to_redis().await).await.unwrap();
            }
        }
    }

    /// How many records there are; with Redis also the sets of owners.
    pub async fn count(&self) -> i64 {
        let count = "select count(*) from kinde_sessions";
        match self.kind {
            Kind::Sqlite => sqlx::query_scalar(count).fetch_one(&mut self.connect_to_file().await).await.unwrap(),
            Kind::Postgres => {
                let mut connection = PgConnection::connect(self.url()).await.unwrap();
                sqlx::query_scalar(count).fetch_one(&mut connection).await.unwrap()
            }
            Kind::Redis => redis::cmd("DBSIZE").query_async(&mut self.connect_to_redis().await).await.unwrap(),
        }
    }

    /// Adds records that expired long ago; with Redis, which accepts none, records that expire in a millisecond.
    pub async fn add_expired(&self, count: u32) {
        match self.kind {
            Kind::Sqlite => {
                let numbers = format!(
                    "with recursive number(n) as (select 1 union all select n + 1 from number where n < {count})"
                );
                self.administer(&format!(
                    "{numbers} insert into kinde_sessions select 'expired' || n, null, 1, '' from number"
                ))
                .await;
            }
            Kind::Postgres => {
                let numbers = format!("generate_series(1, {count}) n");
                self.administer(&format!(
                    "insert into kinde_sessions select 'expired' || n, null, 1, '' from {numbers}"
                ))
                .await;
            }
            Kind::Redis => {
                let mut commands = redis::pipe();
                for number in 0..count {
                    commands
                        .cmd("SET")
                        .arg(format!("kinde:record:expired{number}"))
                        .arg("\n")
                        .arg("PX")
                        .arg(1)
                        .ignore();
                }
                commands.exec_async(&mut self.connect_to_redis().await).await.unwrap();
            }
        }
    }

    /// Adds records with these ids and this content, each with an owner of its own.
    pub async fn add_sessions_like(&self, data: &str, ids: &[String]) {
        for ids in ids.chunks(PORTION) {
            self.add_portion(data, ids).await;
        }
    }

    /// The size of all records with their indexes, in megabytes: on disk, with Redis in memory.
    pub async fn megabytes(&self) -> i64 {
        match self.kind {
            Kind::Sqlite => i64::try_from(self.file().metadata().unwrap().len() / 1_000_000).unwrap(),
            Kind::Postgres => {
                let size = "select pg_total_relation_size('kinde_sessions') / 1000000";
                let mut connection = PgConnection::connect(self.url()).await.unwrap();
                sqlx::query_scalar(size).fetch_one(&mut connection).await.unwrap()
            }
            Kind::Redis => {
                let mut connection = self.connect_to_redis().await;
                let memory: String = redis::cmd("INFO").arg("memory").query_async(&mut connection).await.unwrap();
                let used = memory.lines().find_map(|line| line.strip_prefix("used_memory:")).unwrap();
                used.trim().parse::<i64>().unwrap() / 1_000_000
            }
        }
    }

    /// Waits until the store has written added records to disk and has finished its own upkeep.
    pub async fn settle(&self) {
        match self.kind {
            Kind::Sqlite => self.administer("pragma wal_checkpoint(truncate)").await,
            Kind::Postgres => self.administer("vacuum analyze kinde_sessions;checkpoint").await,
            Kind::Redis => {
                let mut connection = self.connect_to_redis().await;
                loop {
                    let state: String =
                        redis::cmd("INFO").arg("persistence").query_async(&mut connection).await.unwrap();
                    if !state.contains("_in_progress:1") {
                        return;
                    }
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                }
            }
        }
    }

    async fn add_portion(&self, data: &str, ids: &[String]) {
        match self.kind {
            Kind::Sqlite => {
                let mut connection = self.connect_to_file().await;
                let mut transaction = connection.begin().await.unwrap();
                let insert = format!("insert into kinde_sessions values (?, ?, {FAR_FUTURE}, ?)");
                for id in ids {
                    let query =
                        sqlx::query(AssertSqlSafe(insert.as_str())).bind(id).bind(format!("owner of {id}")).bind(data);
                    query.execute(&mut *transaction).await.unwrap();
                }
                transaction.commit().await.unwrap();
            }
            Kind::Postgres => {
                let insert = format!(
                    "insert into kinde_sessions select id, 'owner of ' || id, {FAR_FUTURE}, $2 from unnest($1::text[]) id"
                );
                let query = sqlx::query(AssertSqlSafe(insert)).bind(ids).bind(data);
                query.execute(&mut PgConnection::connect(self.url()).await.unwrap()).await.unwrap();
            }
            Kind::Redis => {
                let mut commands = redis::pipe();
                for id in ids {
                    let value = format!("owner of {id}\n{data}");
                    commands.cmd("SET").arg(record_key(id)).arg(value).arg("EXAT").arg(FAR_FUTURE).ignore();
                    commands.cmd("ZADD").arg(format!("kinde:owner:owner of {id}")).arg(FAR_FUTURE).arg(id).ignore();
                }
                commands.exec_async(&mut self.connect_to_redis().await).await.unwrap();
            }
        }
    }

    async fn connect_to_redis(&self) -> redis::aio::MultiplexedConnection {
        redis::Client::open(self.url()).unwrap().get_multiplexed_async_connection().await.unwrap()
    }
}

fn record_key(id: &str) -> String {
    format!("kinde:record:{id}")
}
