//! The schema, as numbered steps forward. A step that was released is never changed.

use sqlx::AnyPool;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};

use super::StoreError;

const STEPS: &[(i64, &str, &str)] = &[
    (1, "conversations", include_str!("../../migrations/0001_conversations.sql")),
    (2, "access", include_str!("../../migrations/0002_access.sql")),
    (3, "budgets", include_str!("../../migrations/0003_budgets.sql")),
    (4, "plans and questions", include_str!("../../migrations/0004_plans_and_questions.sql")),
    (5, "images", include_str!("../../migrations/0005_images.sql")),
    (6, "subagents", include_str!("../../migrations/0006_subagents.sql")),
    (7, "setting rows", include_str!("../../migrations/0007_setting_rows.sql")),
    (8, "organising", include_str!("../../migrations/0008_organising.sql")),
    (9, "checkpoints", include_str!("../../migrations/0009_checkpoints.sql")),
    (10, "provider sees", include_str!("../../migrations/0010_provider_sees.sql")),
    (11, "event log pruned", include_str!("../../migrations/0011_event_log_pruned.sql")),
    (13, "people", include_str!("../../migrations/0013_people.sql")),
    (15, "webhooks", include_str!("../../migrations/0015_webhooks.sql")),
    (17, "gateways", include_str!("../../migrations/0017_gateways.sql")),
    (19, "branches", include_str!("../../migrations/0019_branches.sql")),
    (20, "deletions", include_str!("../../migrations/0020_deletions.sql")),
    (21, "interrupted requests", include_str!("../../migrations/0021_interrupted_requests.sql")),
    (22, "workspaces", include_str!("../../migrations/0022_workspaces.sql")),
    (24, "secrets", include_str!("../../migrations/0024_secrets.sql")),
    (25, "approvals", include_str!("../../migrations/0025_approvals.sql")),
    (28, "drafts", include_str!("../../migrations/0028_drafts.sql")),
    (29, "call stops", include_str!("../../migrations/0029_call_stops.sql")),
    (31, "flat plans", include_str!("../../migrations/0031_flat_plans.sql")),
    (32, "budgets near", include_str!("../../migrations/0032_budgets_near.sql")),
    (33, "pin wishes", include_str!("../../migrations/0033_pin_wishes.sql")),
];

/// Brings the schema up to date.
///
/// # Errors
/// When a step fails, or the database has steps that this program does not know.
pub(super) async fn run(pool: &AnyPool) -> Result<(), StoreError> {
    take(pool, STEPS).await
}

async fn take(pool: &AnyPool, steps: &[(i64, &'static str, &'static str)]) -> Result<(), StoreError> {
    let steps = steps.iter().map(|(number, name, sql)| {
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

#[cfg(test)]
mod tests {
    use sqlx::Row;

    use super::super::{Location, pool};
    use super::*;

    #[tokio::test]
    async fn conversations_from_before_there_were_budgets_get_a_purse() {
        let directory = tempfile::tempdir().expect("a directory");
        let pool = pool::open(&Location::in_data_dir(directory.path()), pool::Trust::default())
            .await
            .expect("opens");
        take(&pool, STEPS.get(..2).expect("two steps")).await.expect("the first steps");
        sqlx::query(
            "INSERT INTO conversations VALUES ('c', '', 'idle', NULL, NULL, NULL, 'p', 'm', 0, '{}', 0, NULL, \
             '[]', 0, 0, 0, 0)",
        )
        .execute(&pool)
        .await
        .expect("a row of old");
        run(&pool).await.expect("the other steps");
        let sql = "SELECT own, tokens FROM purses JOIN conversations ON purse_id = purses.id \
                   WHERE conversations.id = 'c' AND prompt IS NULL";
        let row = sqlx::query(sql).fetch_one(&pool).await.expect("its purse");
        assert_eq!((row.get::<String, _>("own"), row.get::<i64, _>("tokens")), ("{}".to_owned(), 0));
    }

    #[tokio::test]
    async fn the_sandboxs_settings_leave_the_row_of_web_search() {
        for (body, row) in [(r#"{"memory_mib":512}"#, 3), (r#"{"engine":"brave"}"#, 2)] {
            let directory = tempfile::tempdir().expect("a directory");
            let pool = pool::open(&Location::in_data_dir(directory.path()), pool::Trust::default())
                .await
                .expect("opens");
            take(&pool, STEPS.get(..6).expect("six steps")).await.expect("the first steps");
            sqlx::query("INSERT INTO settings VALUES (2, $1)")
                .bind(body)
                .execute(&pool)
                .await
                .expect("a row");
            run(&pool).await.expect("the other steps");
            let found = sqlx::query("SELECT id FROM settings").fetch_one(&pool).await.expect("the row");
            assert_eq!(found.get::<i64, _>("id"), row, "{body}");
        }
    }
}
