//! The schema, as numbered steps forward. A step that was released is never changed.

use sqlx::AnyPool;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};

use super::StoreError;

const STEPS: &[(i64, &str, &str)] = &[
    (1, "conversations", include_str!("../../migrations/0001_conversations.sql")),
    (2, "access", include_str!("../../migrations/0002_access.sql")),
    (3, "budgets", include_str!("../../migrations/0003_budgets.sql")),
];

/// Brings the schema up to date.
///
/// # Errors
/// When a step fails, or the database has steps that this program does not know.
pub(super) async fn run(pool: &AnyPool) -> Result<(), StoreError> {
    let steps = STEPS.iter().map(|(number, name, sql)| {
        Migration::new(
            *number,
            (*name).into(),
            MigrationType::Simple,
            AssertSqlSafe(*sql).into_sql_str(),
            false,
        )
    });
    Migrator::with_migrations(steps.collect())
        .run(pool)
        .await
        .map_err(|error| StoreError::Open { location: "schema".to_owned(), source: error.into() })
}
