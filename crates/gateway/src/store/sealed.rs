//! Everything in the database that is encrypted, wherever it lies. What is kept encrypted anew belongs here too: a
//! test replaces the key and reads each kind.

use slipway_protocol::UserId;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::settings::{SEARCH, SavedSearch};
use super::{StoreError, Write, settings};
use crate::secrets::owner;

/// An encrypted value.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// What its encryption is bound to.
    pub owner: String,
    /// The value, in base64.
    pub value: String,
    place: Place,
}

/// Where it lies.
#[derive(Debug, Clone)]
enum Place {
    /// This column of the row of this table with these keys.
    Column(&'static Table, Vec<String>),
    /// The settings of web search.
    Search,
}

/// A table with an encrypted column.
#[derive(Debug)]
struct Table {
    name: &'static str,
    column: &'static str,
    keys: &'static [&'static str],
    owner: fn(&[String]) -> String,
}

fn first(keys: &[String]) -> String {
    keys.concat()
}

static TABLES: [Table; 5] = [
    Table { name: "providers", column: "api_key", keys: &["id"], owner: first },
    Table { name: "webhooks", column: "secret", keys: &["id"], owner: first },
    Table { name: "webhooks", column: "earlier_secret", keys: &["id"], owner: first },
    Table {
        name: "own_keys",
        column: "api_key",
        keys: &["user_id", "provider_id"],
        owner: |keys| match keys {
            [user, provider] => owner::own_key(&UserId(user.clone()), &provider.as_str().into()),
            _ => String::new(),
        },
    },
    Table {
        name: "answers",
        column: "body",
        keys: &["user_id", "name"],
        owner: |keys| match keys {
            [user, name] => owner::answer(&UserId(user.clone()), name),
            _ => String::new(),
        },
    },
];

/// All of them.
///
/// # Errors
/// When the database fails.
pub async fn all(connection: &mut AnyConnection) -> Result<Vec<Sealed>, StoreError> {
    let mut found = Vec::new();
    for table in &TABLES {
        let Table { name, column, keys, .. } = table;
        // Only names from above are formatted into the statement.
        let sql = format!(
            "SELECT {column}, {} FROM {name} WHERE {column} IS NOT NULL AND {column} <> ''",
            keys.join(", ")
        );
        for row in sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut *connection).await? {
            let keys: Result<Vec<String>, _> = keys.iter().map(|key| row.try_get(*key)).collect();
            let keys = keys?;
            let owner = (table.owner)(&keys);
            found.push(Sealed { owner, value: row.try_get(*column)?, place: Place::Column(table, keys) });
        }
    }
    let search: Option<SavedSearch> = settings::saved(connection, SEARCH).await?;
    if let Some(SavedSearch { engine, key: Some(value), .. }) = search {
        found.push(Sealed { owner: owner::search(engine), value, place: Place::Search });
    }
    Ok(found)
}

/// Puts another value in its place.
///
/// # Errors
/// When the database fails.
pub async fn replace(write: &mut Write, sealed: &Sealed, value: &str) -> Result<(), StoreError> {
    match &sealed.place {
        Place::Column(Table { name, column, keys, .. }, values) => {
            let named = keys.iter().enumerate().map(|(n, key)| format!("{key} = ${}", n + 2));
            let condition = named.collect::<Vec<_>>().join(" AND ");
            let sql = format!("UPDATE {name} SET {column} = $1 WHERE {condition}");
            let mut query = sqlx::query(AssertSqlSafe(sql)).bind(value.to_owned());
            for key in values {
                query = query.bind(key.clone());
            }
            query.execute(write.connection()).await?;
        }
        Place::Search => {
            let search: Option<SavedSearch> = settings::saved(write.connection(), SEARCH).await?;
            if let Some(search) = search {
                let search = SavedSearch { key: Some(value.to_owned()), ..search };
                settings::save(write.connection(), SEARCH, &search).await?;
            }
        }
    }
    Ok(())
}
