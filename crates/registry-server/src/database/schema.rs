//! The tables themselves: which there are, their columns, and rows as plain values.
//!
//! What moves a whole registry goes by this, so that a new table is moved as soon as a migration makes it.

use std::sync::LazyLock;

use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::{Connection, Database, MIGRATIONS, Writing};
use crate::RegistryError;

/// Every table that a migration makes, in their order.
pub(crate) static TABLES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let made = |sql: &str| {
        let names = sql.lines().filter_map(|line| line.strip_prefix("CREATE TABLE "));
        names.filter_map(|rest| rest.split([' ', '(']).next()).map(str::to_owned).collect::<Vec<_>>()
    };
    MIGRATIONS.iter().flat_map(|(_, _, sql)| made(sql)).collect()
});

/// The number of the newest migration.
pub(crate) fn newest_migration() -> i64 {
    MIGRATIONS.iter().map(|(version, ..)| *version).max().unwrap_or(0)
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    Text,
    Integer,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub name: String,
    pub kind: ColumnKind,
}

impl Database {
    /// The columns of a table; none where there is no such table.
    ///
    /// # Errors
    /// A column of a type that this registry does not use.
    pub async fn columns(&self, table: &str) -> Result<Vec<Column>, RegistryError> {
        let query = if self.is_sqlite {
            "SELECT name, LOWER(type) FROM pragma_table_info($1) ORDER BY cid"
        } else {
            "SELECT CAST(column_name AS TEXT), CAST(data_type AS TEXT) FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position"
        };
        let found: Vec<(String, String)> = sqlx::query_as(query).bind(table).fetch_all(self.read()).await?;
        let read = |(name, kind): (String, String)| {
            let kind = match kind.as_str() {
                "text" => ColumnKind::Text,
                "bigint" => ColumnKind::Integer,
                _ => return Err(RegistryError::Row { table: "columns", key: format!("{table}.{name}") }),
            };
            Ok(Column { name, kind })
        };
        found.into_iter().map(read).collect()
    }

    /// Whether no table has a row in it.
    pub async fn is_empty(&self) -> Result<bool, RegistryError> {
        for table in TABLES.iter() {
            if self.columns(table).await?.is_empty() {
                continue;
            }
            let query = AssertSqlSafe(format!("SELECT 1 FROM {table} LIMIT 1"));
            if sqlx::query(query).fetch_optional(self.read()).await?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Takes all tables away, with what is in them and with the memory of migrations.
    pub async fn drop_tables(&self) -> Result<(), RegistryError> {
        let mut writing = self.write().await?;
        for table in TABLES.iter().map(String::as_str).chain(["_sqlx_migrations"]) {
            sqlx::query(AssertSqlSafe(format!("DROP TABLE IF EXISTS {table}")))
                .execute(&mut *writing)
                .await?;
        }
        writing.commit().await?;
        Ok(())
    }
}

/// The rows of a table, values in the order of the columns, in no order of their own.
pub(crate) fn rows<'a>(
    connection: &'a mut Connection,
    table: &str,
    columns: &'a [Column],
) -> BoxStream<'a, Result<Vec<Value>, RegistryError>> {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let query = AssertSqlSafe(format!("SELECT {} FROM {table}", names.join(", ")));
    let read = |row: AnyRow| {
        let values = columns.iter().enumerate().map(|(place, column)| {
            Ok::<_, RegistryError>(match column.kind {
                ColumnKind::Text => row.try_get::<Option<String>, _>(place)?.map_or(Value::Null, Value::from),
                ColumnKind::Integer => row.try_get::<Option<i64>, _>(place)?.map_or(Value::Null, Value::from),
            })
        });
        values.collect::<Result<Vec<_>, _>>()
    };
    let rows = sqlx::query(query).fetch(connection.unlimited());
    Box::pin(rows.map_err(RegistryError::from).and_then(move |row| std::future::ready(read(row))))
}

/// Adds a row with a value for each column.
///
/// # Errors
/// A value of another kind than its column's; a row that is there.
pub(crate) async fn insert(
    writing: &mut Writing,
    table: &str,
    columns: &[Column],
    values: Vec<Value>,
) -> Result<(), RegistryError> {
    let unfit = || RegistryError::Row { table: "backup", key: table.to_owned() };
    if values.len() != columns.len() {
        return Err(unfit());
    }
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let places: Vec<String> = (1..=columns.len()).map(|number| format!("${number}")).collect();
    let query = format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), places.join(", "));
    let mut query = sqlx::query(AssertSqlSafe(query));
    for (column, value) in columns.iter().zip(values) {
        query = match (column.kind, value) {
            (ColumnKind::Text, Value::Null) => query.bind(None::<String>),
            (ColumnKind::Text, Value::String(text)) => query.bind(text),
            (ColumnKind::Integer, Value::Null) => query.bind(None::<i64>),
            (ColumnKind::Integer, Value::Number(number)) => query.bind(number.as_i64().ok_or_else(unfit)?),
            _ => return Err(unfit()),
        };
    }
    query.execute(&mut **writing).await?;
    Ok(())
}
