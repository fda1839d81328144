//! End-to-end tests against real containers, a real shell and a real browser; a scripted model stands in
//! for the paid one. Run by `./test`, which builds what they need and removes what they leave behind.
//!
//! One instance serves most cases, one after the other, because starting is slow and a desktop is shared.
//! An argument runs only the cases whose names contain it, or one of its parts between `|`.

mod abuse;
mod backup;
mod bad_input;
mod browser;
mod desktop;
mod exec;
mod image;
mod kills;
mod local;
mod packages;
mod preview;
mod questions;
mod recovery;
mod replay;
mod sandbox;
mod stack;
mod storage;
mod web;
mod work;

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context as _;
use futures::FutureExt as _;
use futures::future::BoxFuture;

use crate::stack::Stack;

/// A case: its name, and what it does with the shared instance.
type Case = (&'static str, for<'a> fn(&'a Stack) -> BoxFuture<'a, anyhow::Result<()>>);

const CASES: &[Case] = &[
    ("the browser uploads, edits and downloads files", |stack| browser::plays("files", stack).boxed()),
    ("a task makes and edits a file in the workspace", |stack| work::makes_and_edits(stack).boxed()),
    ("a reader that reconnects mid-stream loses and doubles nothing", |stack| {
        work::reconnects(stack).boxed()
    }),
    ("stop ends the running command within a second", |stack| work::stops(stack).boxed()),
    ("a run pauses at its limit and can be continued", |stack| work::reaches_the_limit(stack).boxed()),
    ("sending twice with one client id sends once", |stack| work::sends_once(stack).boxed()),
    ("a misbehaving model ends no run", |stack| bad_input::misbehaving_model(stack).boxed()),
    ("provider errors say what to do", |stack| bad_input::provider_errors(stack).boxed()),
    ("unknown ids and bad bodies are problems", |stack| bad_input::bad_requests(stack).boxed()),
    ("a port in use is said and avoided", |stack| bad_input::port_in_use(stack).boxed()),
    ("another's volume is neither used nor removed", |stack| bad_input::foreign_volume(stack).boxed()),
    ("docker stopped is said", |stack| bad_input::docker_stopped(stack).boxed()),
    ("the provider key is nowhere in the sandbox", |stack| sandbox::hides_keys(stack).boxed()),
    ("the sandbox has no way out but the proxy", |stack| sandbox::has_no_network(stack).boxed()),
    ("abuse: keys are in no log, event or export", |stack| {
        abuse::secrets::are_in_no_log_event_or_export(stack).boxed()
    }),
    ("abuse: keys are not in the shell", |stack| abuse::secrets::are_not_in_the_shell(stack).boxed()),
    ("abuse: system calls that lead out of the sandbox are refused", |stack| {
        abuse::escape::system_calls(stack).boxed()
    }),
    ("abuse: the agent's shell has no powers", |stack| abuse::escape::the_agent_has_no_powers(stack).boxed()),
    ("abuse: what files and devices promise is refused", |stack| {
        abuse::escape::what_files_and_devices_promise(stack).boxed()
    }),
    ("abuse: the host's files are not there", |stack| {
        abuse::escape::the_hosts_files_are_not_there(stack).boxed()
    }),
    ("abuse: files of others stay closed", |stack| abuse::files::of_others_stay_closed(stack).boxed()),
    ("abuse: swapping a parent gains nothing", |stack| {
        abuse::files::swapping_a_parent_gains_nothing(stack).boxed()
    }),
    ("abuse: the network leads nowhere", |stack| abuse::network::leads_nowhere(stack).boxed()),
    ("files belong to the host user", |stack| abuse::files::belong_to_the_host_user(stack).boxed()),
    ("the agent installs system packages", |stack| packages::are_installed(stack).boxed()),
    ("a server of the agent is previewed on a host name of its own", |stack| {
        preview::shows_a_server(stack).boxed()
    }),
    ("abuse: bombs of processes and memory stay in the sandbox", |stack| {
        abuse::resources::bombs(stack).boxed()
    }),
    ("abuse: limits hold, and the sandbox is renewed", |stack| tight(stack).boxed()),
    ("abuse: the strict profile has no power", |stack| abuse::strict::has_no_power(stack).boxed()),
    ("a window of the agent's shell is seen, clicked and typed into", |stack| {
        desktop::is_seen_and_used(stack).boxed()
    }),
    ("the model's input is refused while the person drives the desktop", |stack| {
        desktop::is_the_persons_while_they_drive(stack).boxed()
    }),
    ("who has not taken control only looks at the desktop", |stack| {
        desktop::is_only_looked_at_until_control_is_taken(stack).boxed()
    }),
    ("matplotlib, pygame, tkinter and Chromium are seen on the desktop", |_| {
        desktop::programs_are_seen().boxed()
    }),
    ("the web is read as far as it may be", |stack| web::reads_what_it_may(stack).boxed()),
    ("a second instance is isolated", |stack| sandbox::second_instance(stack).boxed()),
    ("the browser shows a task, its windows, plans and sub-agents", |stack| {
        browser::plays("workspace", stack).boxed()
    }),
    ("conversations are found and put in order", |stack| browser::plays("organise", stack).boxed()),
    ("the person works in shells of their own", |stack| browser::plays("terminal", stack).boxed()),
    ("a conversation works in a workspace of its own", |stack| browser::plays("workspaces", stack).boxed()),
    ("what is not committed is shown in the browser", |stack| browser::plays("uncommitted", stack).boxed()),
    ("calls are approved and denied in the browser", |stack| browser::plays("approvals", stack).boxed()),
    ("changes are shown, undone and restored in the browser", |stack| {
        browser::plays("changes", stack).boxed()
    }),
    ("changes are read, however many, and commented on in the browser", |stack| {
        browser::plays("review", stack).boxed()
    }),
    ("the side panel shows the desktop and previews, and keeps what was open", |stack| {
        browser::plays("panel", stack).boxed()
    }),
    ("what the model is shown can be seen, and drafts follow the person", |stack| {
        browser::plays("context", stack).boxed()
    }),
    ("costs are amounts or included, and of a budget nearly used up the person is told", |stack| {
        browser::plays("costs", stack).boxed()
    }),
    ("text is copied to the desktop and from there", |stack| browser::plays("clipboard", stack).boxed()),
    ("a new user is led to a working demo, and people log in with passwords", |stack| {
        browser::first_run(stack).boxed()
    }),
    ("a new user brings a repository and files, and starts a first task", |stack| {
        browser::first_task(stack).boxed()
    }),
    ("a browser elsewhere in the network works over plain HTTP", |stack| browser::plain_http(stack).boxed()),
    ("the sidebar holds many, runs, finds and gives back", |stack| browser::plays("sidebar", stack).boxed()),
    ("the shell around a conversation has branches, notices, a palette and panes", |stack| {
        browser::plays("shell", stack).boxed()
    }),
    ("a browser without Slipway or shared workers goes on", |stack| browser::plays("offline", stack).boxed()),
    ("the timeline stays, finds and leads anywhere", |stack| browser::plays("timeline", stack).boxed()),
    ("turns are put in other words, read and thought about", |stack| browser::plays("turns", stack).boxed()),
    ("cards of tools group, show all and stop", |stack| browser::plays("tools", stack).boxed()),
    ("the composer sends, queues and stops", |stack| browser::plays("composer", stack).boxed()),
    ("the build of the image is told step by step", |stack| image::build_is_told_step_by_step(stack).boxed()),
    ("exec streams and exits by outcome", |stack| exec::exits_by_outcome(stack).boxed()),
    ("exec tells what was used and what it cost", |stack| exec::tells_what_was_used(stack).boxed()),
    ("exec joins an instance that runs", |stack| exec::joins_what_runs(stack).boxed()),
    ("a recording is played again and differences are found", |stack| replay::plays_again(stack).boxed()),
    ("a recording is stopped where it was stopped", |stack| replay::plays_a_stop(stack).boxed()),
    ("local mode works and says that it is no container", |stack| local::works(stack).boxed()),
    ("local mode has a home of its own, follows settings, restarts and has nothing to reset", |stack| {
        local::restarts(stack).boxed()
    }),
    ("of what happens elsewhere the browser tells what was chosen", |stack| {
        browser::plays("notifications", stack).boxed()
    }),
    ("a browser that loses the gateway or the network catches up", |stack| {
        browser::plays("connection", stack).boxed()
    }),
    ("a question is answered after the gateway was killed", |stack| {
        questions::outlive_the_gateway(stack).boxed()
    }),
    ("a question is answered on the command line", |stack| {
        questions::are_answered_on_the_command_line(stack).boxed()
    }),
    ("exec says what is asked and how to answer", |stack| questions::end_exec(stack).boxed()),
    ("a backup of an instance that works is gone back to", |stack| backup::goes_back(stack).boxed()),
    ("the set-up says what is missing, and is opened again", |stack| browser::plays("setup", stack).boxed()),
    ("a full or read-only disk pauses runs until it is put right", |stack| {
        storage::pauses_runs(stack).boxed()
    }),
    ("killed containers lose and double nothing", |stack| kills::lose_and_double_nothing(stack).boxed()),
    ("a restart of the gateway leaves a resumable conversation", |stack| recovery::restart(stack).boxed()),
];

/// What needs an instance with limits that are reached quickly, and with a way to this machine.
async fn tight(_: &Stack) -> anyhow::Result<()> {
    let mut environment = abuse::resources::TIGHT.to_vec();
    environment.push(("SLIPWAY_EGRESS_EXEMPT", "172.16.0.0/12,10.0.0.0/8,192.168.0.0/16"));
    let stack = Stack::start_with(8, &environment, None).await?;
    abuse::resources::usage_is_told(&stack).await.context("usage")?;
    abuse::resources::limits(&stack).await.context("limits")?;
    abuse::resources::the_workspace_is_bounded(&stack).await.context("the workspace's bound")?;
    abuse::egress::restart_and_reset(&stack).await.context("restart and reset")?;
    abuse::egress::modes(&stack).await.context("egress modes")?;
    tokio::task::spawn_blocking(move || drop(stack.instance)).await?;
    Ok(())
}

fn main() -> anyhow::Result<ExitCode> {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let is_wanted = |name: &str| wanted.split('|').any(|part| name.contains(part));
    let cases: Vec<&Case> = CASES.iter().filter(|(name, _)| is_wanted(name)).collect();
    let runtime = tokio::runtime::Runtime::new()?;
    let failed = runtime.block_on(run(&cases))?;
    report(&format!("{} passed, {failed} failed", cases.len() - failed));
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs the cases and counts those that failed.
async fn run(cases: &[&Case]) -> anyhow::Result<usize> {
    let started = Instant::now();
    let stack = Stack::start(7).await?;
    report(&format!("instance 7 started in {:.1} s", started.elapsed().as_secs_f32()));
    let mut failed = 0;
    for (name, case) in cases {
        let started = Instant::now();
        let outcome = AssertUnwindSafe(case(&stack)).catch_unwind().await;
        let seconds = started.elapsed().as_secs_f32();
        match outcome {
            Ok(Ok(())) => report(&format!("ok      {name} ({seconds:.1} s)")),
            Ok(Err(error)) => {
                failed += 1;
                report(&format!("FAILED  {name} ({seconds:.1} s): {error:#}"));
            }
            // The panic's message has been printed by the panic hook.
            Err(_) => {
                failed += 1;
                report(&format!("FAILED  {name} ({seconds:.1} s): panicked"));
            }
        }
    }
    Ok(failed)
}

#[expect(clippy::print_stdout, reason = "this is the test runner's output")]
pub(crate) fn report(line: &str) {
    println!("{line}");
}
