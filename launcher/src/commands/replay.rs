//! `slipway replay`: an instance of its own, for this replay alone, and nothing left of it afterwards.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use slipway_protocol::export::{ConversationExport, WORKSPACE};
use tempfile::TempDir;

use super::{Context, local as local_commands, start};
use crate::cli::ReplayArgs;
use crate::docker::{self, Engine};
use crate::gateway::Gateway;
use crate::local::{LocalInstance, LocalRequest};
use crate::replay::{self, Report};
use crate::state::{InstanceNumber, InstanceState, Ports};
use crate::terminal::{self, Progress};
use crate::{environment, ports};

/// Exit code when something differs.
const DIFFERS: u8 = 1;
/// Exit code when it could not be tried.
const TROUBLE: u8 = 2;
/// Exit code when the person stopped it.
const STOPPED: u8 = 130;
/// Throw-away instances have numbers from here on, so that they do not take those that people choose.
const FIRST_NUMBER: u32 = 501;
const LAST_NUMBER: u32 = 1000;

/// Plays a recording and reports.
pub(super) async fn replay(context: &Context, arguments: &ReplayArgs) -> ExitCode {
    match try_replay(context, arguments).await {
        Ok(Some(report)) if report.is_as_recorded() => ExitCode::SUCCESS,
        Ok(Some(_)) => ExitCode::from(DIFFERS),
        Ok(None) => ExitCode::from(STOPPED),
        Err(error) => {
            terminal::error(format_args!("{error:#}"));
            ExitCode::from(TROUBLE)
        }
    }
}

/// `None` when the person stopped it.
async fn try_replay(context: &Context, arguments: &ReplayArgs) -> anyhow::Result<Option<Report>> {
    let recorded = replay::read(&arguments.file)?;
    let place = Place::prepare(arguments.workspace.as_deref()).await?;
    let mut instance = Instance::Absent;
    let outcome = tokio::select! {
        outcome = play(context, arguments, &recorded, &place, &mut instance) => outcome.map(Some),
        _ = tokio::signal::ctrl_c() => Ok(None),
    };
    // Before an instance is kept, which may last for as long as the person looks at it.
    match &outcome {
        Ok(Some(report)) if arguments.json => report.print_json(),
        Ok(Some(report)) => report.print(),
        Ok(None) | Err(_) => {}
    }
    if arguments.keep && matches!(outcome, Ok(Some(_))) {
        keep(instance, place).await?;
        return outcome;
    }
    instance.remove().await?;
    place.remove();
    outcome
}

async fn play(
    context: &Context,
    arguments: &ReplayArgs,
    recorded: &ConversationExport,
    place: &Place,
    instance: &mut Instance,
) -> anyhow::Result<Report> {
    let gateway = match arguments.local {
        true => Instance::on_this_machine(instance, recorded, place).await?,
        false => Instance::in_containers(instance, context, recorded, place).await?,
    };
    let played = replay::conduct(&gateway, recorded).await?;
    let mut report = replay::compare(recorded, &played.export);
    for note in played.notes {
        report.note(note);
    }
    if arguments.workspace.is_none() && !report.is_as_recorded() {
        report.note(
            "it began with an empty workspace; if there were files at the start, give them with --workspace",
        );
    }
    Ok(report)
}

/// A directory of its own, laid out like a data directory, so that a kept instance can be used by setting
/// XDG_DATA_HOME to it.
struct Place {
    directory: TempDir,
    workspace: PathBuf,
}

impl Place {
    /// With an empty workspace, or a copy of `original`.
    async fn prepare(original: Option<&Path>) -> anyhow::Result<Self> {
        let directory = tempfile::Builder::new().prefix("slipway-replay-").tempdir()?;
        let workspace = directory.path().canonicalize()?.join("workspace");
        std::fs::create_dir(&workspace)?;
        if let Some(original) = original {
            if !original.is_dir() {
                bail!("the workspace {} is not a directory", original.display());
            }
            let progress = Progress::start(format!("copying {}", original.display()));
            let (from, to) = (original.to_owned(), workspace.clone());
            tokio::task::spawn_blocking(move || replay::copy_tree(&from, &to)).await??;
            drop(progress);
        }
        Ok(Self { directory, workspace })
    }

    fn state(&self, number: InstanceNumber) -> anyhow::Result<InstanceState> {
        Ok(InstanceState::at(&self.directory.path().join("slipway").join(number.to_string()))?)
    }

    /// What programs in containers made may belong to others, so this can fail.
    fn remove(self) {
        let path = self.directory.path().to_owned();
        if let Err(error) = self.directory.close() {
            terminal::warning(format_args!("cannot remove {}: {error}; remove it yourself", path.display()));
        }
    }
}

/// The instance in which a recording is played.
enum Instance {
    /// Not started yet.
    Absent,
    /// As processes of this machine.
    Local(Box<LocalInstance>),
    /// In containers. Set before anything is created, so that a half-made one is removed too.
    Containers { engine: Box<Engine>, number: InstanceNumber, state: InstanceState },
}

impl Instance {
    async fn on_this_machine(
        slot: &mut Self,
        recorded: &ConversationExport,
        place: &Place,
    ) -> anyhow::Result<Gateway> {
        let progress = Progress::start("starting on this machine");
        let number = parsed(LAST_NUMBER)?;
        let state = place.state(number)?;
        let recording = state.path("recording.json");
        let workspace = place.workspace.to_str().context("the temporary directory's path is not Unicode")?;
        std::fs::write(&recording, serde_json::to_vec(&replay::translated(recorded, workspace))?)?;
        let programs = local_commands::programs()?;
        let environment = own_environment();
        let request = LocalRequest {
            instance: number,
            state: &state,
            programs: &programs,
            workspace: Some(place.workspace.clone()),
            ports: Ports { ui: 0, desktop: 0 },
            environment: &environment,
            recording: Some(&recording),
        };
        let instance = LocalInstance::start(request).await?;
        drop(progress);
        terminal::warning("the recorded commands run on this machine as you, not in a container");
        let gateway = instance.gateway.clone();
        *slot = Self::Local(Box::new(instance));
        Ok(gateway)
    }

    async fn in_containers(
        slot: &mut Self,
        context: &Context,
        recorded: &ConversationExport,
        place: &Place,
    ) -> anyhow::Result<Gateway> {
        let engine = docker::connect().await?;
        let image = docker::ensure_image(&engine, &start::find_payload()?, &context.labels).await?;
        let progress = Progress::start("starting the containers");
        let number = free_number(&engine).await?;
        let state = place.state(number)?;
        *slot = Self::Containers { engine: Box::new(engine.clone()), number, state: state.clone() };
        let request = docker::Request {
            instance: number,
            state: &state,
            workspace: Some(place.workspace.clone()),
            environment: environment::written(environment::for_gateway(own_environment())),
            bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            sandbox: environment::for_sandbox(&own_environment())?,
            labels: context.labels.clone(),
            recording: Some(serde_json::to_string(&replay::translated(recorded, WORKSPACE))?),
        };
        let started = docker::up(&engine, &image, request).await?;
        drop(progress);
        Ok(started.gateway)
    }

    async fn remove(self) -> anyhow::Result<()> {
        match self {
            Self::Absent => {}
            Self::Local(instance) => instance.stop().await,
            Self::Containers { engine, number, state } => {
                docker::down(&engine, number, &state, true).await?;
            }
        }
        Ok(())
    }
}

/// Says how to look at what became of it. Local programs end with this one, so it waits for the person.
async fn keep(instance: Instance, place: Place) -> anyhow::Result<()> {
    match instance {
        Instance::Absent => place.remove(),
        Instance::Local(instance) => {
            let url = instance.gateway.login_url(instance.ports.ui).await?;
            terminal::note(format_args!(
                "kept until Ctrl-C\n  open   {url}\n  files  {}",
                place.workspace.display()
            ));
            tokio::signal::ctrl_c().await?;
            instance.stop().await;
            place.remove();
        }
        Instance::Containers { number, .. } => {
            let path = place.directory.keep();
            let command = format!("XDG_DATA_HOME={} slipway -n {number}", path.display());
            terminal::note(format_args!(
                "kept\n  open    {command} open\n  files   {}\n  remove  {command} down --volumes && rm -r {}",
                place.workspace.display(),
                path.display()
            ));
        }
    }
    Ok(())
}

fn own_environment() -> BTreeMap<String, String> {
    environment::without_the_persons_own(environment::of_this_process())
}

/// A number that no instance has anything under, in Docker or on disk. One of many, because another replay
/// may be looking at the same moment.
async fn free_number(engine: &Engine) -> anyhow::Result<InstanceNumber> {
    let mut used = docker::numbers_in_use(engine).await?;
    used.extend(InstanceState::all()?.into_iter().map(|(number, _)| number.get()));
    let free: Vec<u32> = (FIRST_NUMBER..=LAST_NUMBER)
        .filter(|number| !used.contains(number))
        .filter(|number| parsed(*number).is_ok_and(|number| !ports::is_taken(ports::usual(number).ui)))
        .collect();
    let chosen = usize::try_from(rand::random::<u32>())?.checked_rem(free.len());
    match chosen.and_then(|index| free.get(index)) {
        Some(number) => parsed(*number),
        None => bail!("all instance numbers from {FIRST_NUMBER} to {LAST_NUMBER} are in use"),
    }
}

fn parsed(number: u32) -> anyhow::Result<InstanceNumber> {
    number.to_string().parse().map_err(anyhow::Error::msg)
}
