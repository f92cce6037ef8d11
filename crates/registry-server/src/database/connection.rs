//! Connections that answer in time, or are given up.
//!
//! A database that is cut off may leave its connections open and say nothing for as long as TCP is patient, which is a
//! quarter of an hour. So every statement has a time limit, and a connection whose statement did not end, because of the
//! limit or because nobody waits for it any more, is closed instead of being used again.

use std::io;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt, TryStreamExt};
use sqlx::any::{Any, AnyQueryResult, AnyRow, AnyStatement, AnyTypeInfo};
use sqlx::pool::PoolConnection;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, Either, Error, Execute, Executor, SqlStr};
use tokio::time::timeout;

/// Connections to one database; a statement runs on any of them.
#[derive(Clone, Debug)]
pub(crate) struct Connections {
    pool: AnyPool,
    /// How long a statement may take.
    limit: Duration,
}

impl Connections {
    pub fn new(pool: AnyPool, limit: Duration) -> Connections {
        Connections { pool, limit }
    }

    /// What the tables are brought up to date by, which may take its time.
    pub fn unlimited(&self) -> &AnyPool {
        &self.pool
    }

    /// Begins a transaction with this statement; it is undone unless committed.
    pub async fn begin(&self, statement: &'static str) -> Result<Writing, Error> {
        let mut connection = self.acquire().await?;
        (&mut connection).execute(AssertSqlSafe(statement)).await?;
        Ok(Writing { connection: Some(connection) })
    }

    /// Closes them, when nothing is asked any more.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// One for several statements.
    ///
    /// # Errors
    /// A database that cannot be reached, or has no connection left for a while.
    pub async fn acquire(&self) -> Result<Connection, Error> {
        Ok(Connection {
            pooled: self.pool.acquire().await?,
            limit: self.limit,
            is_busy: false,
            has_failed: false,
        })
    }
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Connection {
    pooled: PoolConnection<Any>,
    limit: Duration,
    /// Whether a statement has begun and not ended.
    is_busy: bool,
    /// Whether one has failed: PostgreSQL answers to the COMMIT of its transaction as if all were well.
    has_failed: bool,
}

impl Connection {
    /// For what reads whole tables, which may take its time.
    pub fn unlimited(&mut self) -> &mut AnyConnection {
        &mut self.pooled
    }

    async fn all<'q>(
        &mut self,
        query: impl Execute<'q, Any> + 'q,
    ) -> Result<Vec<Either<AnyQueryResult, AnyRow>>, Error> {
        self.is_busy = true;
        let connection: &mut AnyConnection = &mut self.pooled;
        let all = timeout(self.limit, connection.fetch_many(query).try_collect()).await;
        self.ended(all)
    }

    async fn first<'q>(&mut self, query: impl Execute<'q, Any> + 'q) -> Result<Option<AnyRow>, Error> {
        self.is_busy = true;
        let connection: &mut AnyConnection = &mut self.pooled;
        let first = timeout(self.limit, connection.fetch_optional(query)).await;
        self.ended(first)
    }

    fn ended<T>(
        &mut self,
        outcome: Result<Result<T, Error>, tokio::time::error::Elapsed>,
    ) -> Result<T, Error> {
        match outcome {
            Ok(answer) => {
                self.is_busy = false;
                self.has_failed |= answer.is_err();
                answer
            }
            Err(_) => Err(Error::Io(io::Error::new(io::ErrorKind::TimedOut, "the database says nothing"))),
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.is_busy {
            self.pooled.close_on_drop();
        }
    }
}

/// Steps of an answer as a stream of them.
fn steps<'e>(
    all: impl Future<Output = Result<Vec<Either<AnyQueryResult, AnyRow>>, Error>> + Send + 'e,
) -> BoxStream<'e, Result<Either<AnyQueryResult, AnyRow>, Error>> {
    stream::once(all).map_ok(|steps| stream::iter(steps.into_iter().map(Ok))).try_flatten().boxed()
}

impl<'c> Executor<'c> for &'c mut Connection {
    type Database = Any;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<AnyQueryResult, AnyRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        steps(self.all(query))
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<AnyRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        self.first(query).boxed()
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [AnyTypeInfo],
    ) -> BoxFuture<'e, Result<AnyStatement, Error>>
    where
        'c: 'e,
    {
        let connection: &mut AnyConnection = &mut self.pooled;
        connection.prepare_with(sql, parameters)
    }
}

impl<'c> Executor<'c> for &'c Connections {
    type Database = Any;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<AnyQueryResult, AnyRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        steps(async move { self.acquire().await?.all(query).await })
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<AnyRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        async move { self.acquire().await?.first(query).await }.boxed()
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [AnyTypeInfo],
    ) -> BoxFuture<'e, Result<AnyStatement, Error>>
    where
        'c: 'e,
    {
        self.pool.prepare_with(sql, parameters)
    }
}

/// A transaction; undone unless it is committed.
#[derive(Debug)]
pub(crate) struct Writing {
    /// Some until the transaction ends.
    connection: Option<Connection>,
}

/// Of what ends only with the transaction.
const OPEN: &str = "a transaction has a connection until it ends";

impl Writing {
    /// Ends it. What fails now may have been done all the same: the answer may be what is lost.
    ///
    /// # Errors
    /// A database that does not answer, and where a statement failed before, which undoes everything.
    pub async fn commit(mut self) -> Result<(), Error> {
        if self.has_failed {
            return Err(Error::AnyDriverError("a statement of the transaction has failed".into()));
        }
        self.execute("COMMIT").await?;
        // nothing is left to be undone
        self.connection = None;
        Ok(())
    }

    /// Undoes it.
    ///
    /// # Errors
    /// A database that does not answer, which undoes it as well.
    pub async fn rollback(mut self) -> Result<(), Error> {
        self.execute("ROLLBACK").await?;
        self.connection = None;
        Ok(())
    }
}

impl Deref for Writing {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect(OPEN)
    }
}

impl DerefMut for Writing {
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection.as_mut().expect(OPEN)
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        if connection.is_busy {
            // closed, which undoes it
            return;
        }
        tokio::spawn(async move {
            if (&mut connection).execute("ROLLBACK").await.is_err() {
                connection.pooled.close_on_drop();
            }
        });
    }
}
