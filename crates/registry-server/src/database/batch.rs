//! Many questions by one query.
//!
//! One query at a time answers all who ask while the one before runs. Each begins after those it answers have asked, so
//! nobody is told of a state older than his question, and a thousand questions cost the database a few dozen queries.
//! Does not own: what is asked.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe};
use tokio::sync::oneshot;

use super::connection::Connections;
use crate::RegistryError;

/// Keys of one query.
const MOST: usize = 64;

/// What is asked by a key, and how rows answer it.
pub(super) trait Question: Send + Sync + 'static {
    type Key: Eq + Hash + Clone + Send + Sync + 'static;
    type Answer: Clone + Send + Sync + 'static;

    /// The query up to the list of keys, which is put into parentheses, and what follows it.
    const QUERY: (&'static str, &'static str);

    /// The key as rows have it.
    fn text(key: &Self::Key) -> &str;

    /// The key of a row, and what it says of it.
    fn read(row: &AnyRow) -> Result<(String, Self::Answer), RegistryError>;
}

/// The open questions of one kind in a process; a clone is a handle to the same ones.
pub(super) struct Batch<Q: Question>(Arc<Mutex<Open<Q>>>);

type Waiting<Q> = HashMap<<Q as Question>::Key, Vec<oneshot::Sender<Option<<Q as Question>::Answer>>>>;

struct Open<Q: Question> {
    waiting: Waiting<Q>,
    is_asking: bool,
}

impl<Q: Question> Default for Batch<Q> {
    fn default() -> Self {
        Batch(Arc::new(Mutex::new(Open { waiting: HashMap::new(), is_asking: false })))
    }
}

impl<Q: Question> Clone for Batch<Q> {
    fn clone(&self) -> Self {
        Batch(self.0.clone())
    }
}

impl<Q: Question> Batch<Q> {
    /// What the database has by that key.
    pub async fn ask(
        &self,
        key: &Q::Key,
        database: &Connections,
    ) -> Result<Option<Q::Answer>, RegistryError> {
        let (answer, answered) = oneshot::channel();
        let begins = {
            let mut open = self.open();
            open.waiting.entry(key.clone()).or_default().push(answer);
            !std::mem::replace(&mut open.is_asking, true)
        };
        if begins {
            tokio::spawn(self.clone().run(database.clone()));
        }
        match answered.await {
            Ok(answer) => Ok(answer),
            // a query that failed tells nobody: each finds his own error, or an answer after all
            Err(_) => Ok(query::<Q>(database, std::slice::from_ref(key)).await?.remove(Q::text(key))),
        }
    }

    fn open(&self) -> MutexGuard<'_, Open<Q>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks until there is no question left.
    async fn run(self, database: Connections) {
        loop {
            let waiting = self.take();
            if waiting.is_empty() {
                return;
            }
            let keys: Vec<Q::Key> = waiting.keys().cloned().collect();
            let Ok(found) = query::<Q>(&database, &keys).await else { continue };
            for (key, waiting) in waiting {
                let found = found.get(Q::text(&key));
                for answer in waiting {
                    // who went away meanwhile does not want to know
                    let _ = answer.send(found.cloned());
                }
            }
        }
    }

    /// Those of the next query; where there are none, nobody asks any longer.
    fn take(&self) -> Waiting<Q> {
        let mut open = self.open();
        open.is_asking = !open.waiting.is_empty();
        if open.waiting.len() <= MOST {
            return std::mem::take(&mut open.waiting);
        }
        let keys: Vec<Q::Key> = open.waiting.keys().take(MOST).cloned().collect();
        keys.into_iter().filter_map(|key| open.waiting.remove_entry(&key)).collect()
    }
}

async fn query<Q: Question>(
    database: &Connections,
    keys: &[Q::Key],
) -> Result<HashMap<String, Q::Answer>, RegistryError> {
    let Some(last) = keys.last() else { return Ok(HashMap::new()) };
    // few forms of one query, each prepared once per connection: the last key fills up the rest
    let places = keys.len().next_power_of_two();
    let (before, after) = Q::QUERY;
    let text = format!("{before} ({}) {after}", super::parameters(places));
    let mut query: Query<'_, Any, AnyArguments> = sqlx::query(AssertSqlSafe(text));
    for key in keys.iter().chain(std::iter::repeat_n(last, places - keys.len())) {
        query = query.bind(Q::text(key));
    }
    query.fetch_all(database).await?.iter().map(Q::read).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Database, create};
    use super::MOST;
    use crate::settings::DatabaseLocation;
    use crate::{PackageName, RegistryError};

    fn name(index: usize) -> PackageName {
        PackageName::parse(&format!("@acme/tool-{index}")).expect("a name")
    }

    /// More than one query takes, every third of them not there.
    async fn asked_at_once(database: &Database) -> Result<(), RegistryError> {
        let mut writing = database.write().await?;
        for index in (0..3 * MOST).filter(|index| index % 3 != 0) {
            create(&mut writing, &name(index), "public", 0).await?;
        }
        writing.commit().await?;
        let questions = (0..6 * MOST).map(|question| {
            let database = database.clone();
            let index = question % (3 * MOST);
            tokio::spawn(async move { (index, database.revision(&name(index)).await) })
        });
        for question in questions.collect::<Vec<_>>() {
            let (index, revision) = question.await.expect("an answer");
            assert_eq!(revision?, (index % 3 != 0).then_some(0), "{index}");
        }
        Ok(())
    }

    #[test]
    fn each_of_many_gets_the_answer_to_his_own_question() {
        let folder = tempfile::tempdir().expect("a folder");
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let location = DatabaseLocation::Sqlite(folder.path().join("registry.db"));
            let database = Database::open(&location).await.expect("a database");
            asked_at_once(&database).await.expect("answers");
            database.close().await;
            // nobody waits for ever: the error is everybody's own
            assert!(database.revision(&name(1)).await.is_err());
        });
    }
}
