//! What the engine of a stopped run is told: nothing.

use std::time::Duration;

use slipway_protocol::event::RunStatus;

use crate::core_client::Setup;

/// Whether the gateway stays silent for a while. An engine that hears of the end of anything would ask the model
/// once more.
pub(crate) async fn hears_nothing<T>(question: impl Future<Output = T>) -> bool {
    tokio::time::timeout(Duration::from_millis(300), question).await.is_err()
}

#[tokio::test]
async fn the_engine_of_a_stopped_run_hears_nothing_to_go_on_with() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.answer(&id, "", &["call_1"]);
    let mut at_work = run.call_tool("inv_1", "call_1").await;
    assert!(at_work.chunk().await.unwrap().is_some());
    // Two more questions that are not answered yet: for a call that no answer of the model holds, and for views.
    let mut fenced = Box::pin(run.call_tool("inv_2", "call_2"));
    let mut views = Box::pin(run.refresh_views());
    while setup.host.asked().len() < 2 {
        assert!(futures::poll!(&mut fenced).is_pending() && futures::poll!(&mut views).is_pending());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(setup.host.asked(), ["call inv_1", "views"]);

    assert_eq!(setup.post("/stop").await.0, 202);
    follower.until_status(RunStatus::Stopped).await;
    setup.host.views.notify_one();
    let silent = tokio::join!(hears_nothing(at_work.chunk()), hears_nothing(fenced), hears_nothing(views));
    assert_eq!(silent, (true, true, true), "of the call at work, the call to come, the views");
}
