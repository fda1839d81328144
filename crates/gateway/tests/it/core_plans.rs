//! The model's plan is state of the conversation: events, snapshot, hand-over, restart.

use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::plan::{Plan, PlanStatus, PlanStep};
use slipway_protocol::run::{EngineEvent, RunOutcome};
use slipway_protocol::transcript::{Entry, PlanOrigin, PlanUpdate};

use crate::core_client::Setup;
use crate::harness::TestGateway;

fn plan(status: PlanStatus) -> Plan {
    Plan { steps: vec![PlanStep { text: "build it".to_owned(), status }] }
}

fn update(status: PlanStatus) -> EngineEvent {
    let update = PlanUpdate { plan: plan(status), origin: PlanOrigin::Call };
    EngineEvent::Entry { entry: Box::new(Entry::Plan(update)) }
}

#[tokio::test]
async fn the_newest_plan_is_told_and_kept_over_a_restart() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    assert_eq!(setup.snapshot().await.plan, None);
    setup.say("go").await;
    let run = setup.engine.run().await;
    run.tell(update(PlanStatus::InProgress));
    run.tell(update(PlanStatus::Done));
    let wanted = plan(PlanStatus::Done);
    follower.until(|body| matches!(body, EventBody::PlanUpdated { plan } if *plan == wanted)).await;
    assert_eq!(setup.snapshot().await.plan, Some(wanted.clone()));
    run.reply("done");
    follower.until_status(RunStatus::Done).await;

    let directory = setup.gateway.stop().await;
    setup.gateway = TestGateway::start_in(directory, |_| {}).await;
    assert_eq!(setup.snapshot().await.plan, Some(wanted));
}

#[tokio::test]
async fn a_new_conversation_starts_with_the_plan_of_the_one_before() {
    let mut setup = Setup::new().await;
    setup.say("go").await;
    let run = setup.engine.run().await;
    run.tell(update(PlanStatus::InProgress));
    run.finish(RunOutcome::HandedOver { prompt: "Build the rest.".to_owned() });
    let next = setup.engine.run().await;
    let [Entry::Handover(_), Entry::User(_), Entry::Plan(carried)] = next.request.transcript.as_slice()
    else {
        panic!("{:?}", next.request.transcript)
    };
    assert_eq!((&carried.plan, carried.origin), (&plan(PlanStatus::InProgress), PlanOrigin::Handover));
    setup.conversation = next.request.conversation_id.clone();
    assert_eq!(setup.snapshot().await.plan, Some(plan(PlanStatus::InProgress)));
    next.reply("done");
}
