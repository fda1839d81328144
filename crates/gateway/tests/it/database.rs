//! The database that gateways under test use: SQLite in their directories, or a schema of its own for each directory
//! in the PostgreSQL database that `SLIPWAY_TEST_POSTGRES` names.

use std::path::Path;

use slipway_gateway::store::Backend;
use sqlx::{AssertSqlSafe, Connection, Executor, Row};

use crate::harness::TestGateway;

/// The variable that names it.
const VARIABLE: &str = "SLIPWAY_TEST_POSTGRES";
/// The file in a gateway's directory that names its schema, so that the next gateway there finds its data.
const FILE: &str = "schema-of-the-test";

/// What `DATABASE_URL` is for a gateway in this directory; `None` for SQLite.
pub(crate) async fn url(directory: &Path) -> Option<String> {
    let server = std::env::var(VARIABLE).ok().filter(|url| !url.is_empty())?;
    let file = directory.join(FILE);
    let schema = match std::fs::read_to_string(&file) {
        Ok(schema) => schema,
        Err(_) => {
            let schema = make_schema(&server).await;
            std::fs::write(&file, &schema).unwrap();
            schema
        }
    };
    let separator = if server.contains('?') { '&' } else { '?' };
    Some(format!("{server}{separator}options[search_path]={schema}"))
}

async fn make_schema(server: &str) -> String {
    sqlx::any::install_default_drivers();
    let schema = format!("test_{}", uuid::Uuid::now_v7().simple());
    let mut connection = sqlx::AnyConnection::connect(server).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("CREATE SCHEMA {schema}"))).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    schema
}

/// From now on the database has no space for anything more, or has again.
pub(crate) async fn set_full(gateway: &TestGateway, full: bool) {
    let pool = gateway.app().store.pool();
    if gateway.app().store.backend() == Backend::Postgres {
        let sql = if full {
            "CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full'; END $$; \
             CREATE TRIGGER is_full BEFORE INSERT ON events EXECUTE FUNCTION is_full(); \
             CREATE TRIGGER is_full BEFORE INSERT ON images EXECUTE FUNCTION is_full()"
        } else {
            "DROP FUNCTION is_full CASCADE"
        };
        pool.execute(sql).await.unwrap();
        return;
    }
    let mut connections = Vec::new();
    for _ in 0..pool.options().get_max_connections() {
        connections.push(pool.acquire().await.unwrap());
    }
    for connection in &mut connections {
        // SQLite takes one page as "no more than what is there".
        let sql = format!("PRAGMA max_page_count = {}", if full { 1 } else { 1_000_000 });
        connection.execute(AssertSqlSafe(sql)).await.unwrap();
    }
}

/// Makes the gateway's present connections read-only, and leaves them so: as those are that were opened while the file
/// could not be written.
pub(crate) async fn make_connections_read_only(gateway: &TestGateway) {
    let store = &gateway.app().store;
    let sql = match store.backend() {
        Backend::Sqlite => "PRAGMA query_only = 1",
        Backend::Postgres => "SET default_transaction_read_only = on",
    };
    let mut connections = Vec::new();
    for _ in 0..store.pool().options().get_max_connections() {
        connections.push(store.pool().acquire().await.unwrap());
    }
    for connection in &mut connections {
        connection.execute(sql).await.unwrap();
    }
}

/// The contents of the files in a gateway's directory, and of all tables that are not among them.
pub(crate) async fn everything_kept(gateway: &TestGateway) -> Vec<u8> {
    let files = std::fs::read_dir(gateway.directory.path()).unwrap().map(|file| file.unwrap().path());
    let mut bytes = Vec::new();
    for file in files.filter(|file| file.is_file()) {
        bytes.extend(std::fs::read(&file).unwrap());
    }
    let store = &gateway.app().store;
    if store.backend() == Backend::Postgres {
        let names =
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()";
        for name in sqlx::query(names).fetch_all(store.pool()).await.unwrap() {
            let rows = format!("SELECT t::text FROM {} t", name.get::<String, _>(0));
            for row in sqlx::query(AssertSqlSafe(rows)).fetch_all(store.pool()).await.unwrap() {
                // As it is in JSON: within a row quotation marks are doubled.
                bytes.extend(row.get::<String, _>(0).replace("\"\"", "\"").into_bytes());
            }
        }
    }
    bytes
}
