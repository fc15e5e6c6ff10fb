//! Promises on a real file, and what is said when a file cannot be used.

use std::sync::Arc;

use super::*;
use crate::queue::conformance;

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_keeps_every_promise() {
    let folder = tempfile::tempdir().unwrap();
    conformance(async |name: &str, config| {
        let path = folder.path().join(format!("{name}.sqlite"));
        Arc::new(SqliteQueue::open(path, config).await.unwrap()) as Arc<dyn Queue>
    })
    .await;
}
