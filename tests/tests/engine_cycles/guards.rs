//! What a guard holds back stays held, whoever edits the document.

use trib_runtime::progress::Silent;
use trib_tests::corp::Corp;

use crate::{creates, deployment, users};

#[tokio::test]
async fn an_edited_document_does_not_open_a_guard() {
    let tenant = deployment().await;
    let mut corp = Corp::of(40);
    corp.expect(&tenant, creates(40), "the first cycle").await;
    for number in 1..=20 {
        corp.set(number, "adminDescription", "User_x");
    }
    corp.write(&tenant);
    let mut plan = tenant.plan().await.unwrap();
    assert_eq!(plan.counts.delete, 20);
    assert!(plan.guards.iter().any(|guard| guard.tripped));

    for guard in &mut plan.guards {
        guard.tripped = false;
        guard.limit = 1_000;
    }
    plan.counts.delete = 0;
    let mut engine = tenant.engine().unwrap();
    let applied = engine.apply(&plan, None, &Silent).await.unwrap();
    assert_eq!((applied.written.delete, applied.waiting.delete), (0, 20));
    assert_eq!(users(&tenant).await.len(), 40);
}
