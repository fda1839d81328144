//! Brings one container from whatever it is now to what it should be.

use std::collections::{BTreeMap, HashMap};

use bollard::body_full;
use bollard::errors::Error as DockerError;
use bollard::models::ContainerCreateBody;
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, RemoveContainerOptionsBuilder, StartContainerOptions,
    StopContainerOptionsBuilder, UploadToContainerOptionsBuilder,
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::connection::Engine;
use super::{PART_LABEL, SPEC_LABEL, STATE_LABEL};
use crate::cli::PartName;
use crate::payload::hex;

/// Seconds that a container has to end by itself.
const STOP_SECONDS: i32 = 5;

/// What a container should be.
#[derive(Debug)]
pub(super) struct ContainerSpec {
    /// Its name.
    pub(super) name: String,
    /// The part that it plays.
    pub(super) part: PartName,
    /// How to create it.
    pub(super) body: ContainerCreateBody,
    /// Files to put in before it starts.
    pub(super) files: Vec<SecretFile>,
}

/// A file that only its owner in the container can read, and that no inspection of the container shows.
pub(super) struct SecretFile {
    /// Directory in the container, absolute.
    pub(super) directory: &'static str,
    /// Name in it.
    pub(super) name: &'static str,
    /// Owner, by number; also the group.
    pub(super) owner: u64,
    /// Who may read it.
    pub(super) mode: u32,
    /// What to write.
    pub(super) contents: String,
}

impl std::fmt::Debug for SecretFile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SecretFile").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Why a container is not what it should be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ContainerError {
    /// Its name is in use by somebody else's instance.
    #[error(
        "the container {name} belongs to the Slipway data in {state}, not to yours; \
         choose another instance with -n"
    )]
    Foreign {
        /// The container.
        name: String,
        /// The other instance's directory.
        state: String,
    },
    /// A host port was taken in the meantime.
    #[error("a port was taken by another program: {reason}")]
    PortTaken {
        /// Docker's message.
        reason: String,
    },
    /// Docker refused.
    #[error("Docker could not {action} the container {name}: {source}")]
    Docker {
        /// What was tried.
        action: &'static str,
        /// With what.
        name: String,
        /// Why not.
        source: DockerError,
    },
    /// A file could not be packed for it.
    #[error("cannot pack the file {name} for a container: {source}")]
    Pack {
        /// Which.
        name: &'static str,
        /// Why not.
        source: std::io::Error,
    },
}

/// Makes the container run as specified: keeps it when it does, starts it when it only has to be started,
/// and replaces it otherwise.
pub(super) async fn reconcile(engine: &Engine, mut spec: ContainerSpec) -> Result<(), ContainerError> {
    let digest = digest(&spec);
    let labels = spec.body.labels.get_or_insert_default();
    labels.insert(SPEC_LABEL.to_owned(), digest.clone());
    labels.insert(PART_LABEL.to_owned(), part_label(spec.part).to_owned());
    let own_state = labels.get(STATE_LABEL).cloned();

    let present = match engine.docker.inspect_container(&spec.name, None).await {
        Ok(found) => Some(found),
        Err(DockerError::DockerResponseServerError { status_code: 404, .. }) => None,
        Err(source) => return Err(failed("inspect", &spec.name)(source)),
    };
    if let Some(found) = present {
        let labels = found.config.and_then(|config| config.labels).unwrap_or_default();
        let state = labels.get(STATE_LABEL).cloned();
        if state != own_state {
            let state = state.unwrap_or_else(|| "another place".to_owned());
            return Err(ContainerError::Foreign { name: spec.name, state });
        }
        if labels.get(SPEC_LABEL) == Some(&digest) {
            return match found.state.and_then(|state| state.running) {
                Some(true) => Ok(()),
                _ => start(engine, &spec.name).await,
            };
        }
        remove(engine, &spec.name).await?;
    }
    create(engine, &spec).await?;
    let started = start(engine, &spec.name).await;
    if started.is_err() {
        // A half-made container would only be in the way.
        let _ = remove(engine, &spec.name).await;
    }
    started
}

/// Stops and removes a container. One that is gone already is no error.
pub(super) async fn remove(engine: &Engine, name: &str) -> Result<(), ContainerError> {
    let stop = StopContainerOptionsBuilder::default().t(STOP_SECONDS).build();
    // What cannot be stopped is killed by the removal.
    let _ = engine.docker.stop_container(name, Some(stop)).await;
    let options = RemoveContainerOptionsBuilder::default().force(true).build();
    match engine.docker.remove_container(name, Some(options)).await {
        Ok(()) | Err(DockerError::DockerResponseServerError { status_code: 404, .. }) => Ok(()),
        Err(source) => Err(failed("remove", name)(source)),
    }
}

/// The value of the part's label, which is also the end of its container's name.
pub(super) fn part_label(part: PartName) -> &'static str {
    match part {
        PartName::Control => "control",
        PartName::Sandbox => "sandbox",
    }
}

async fn create(engine: &Engine, spec: &ContainerSpec) -> Result<(), ContainerError> {
    let options = CreateContainerOptionsBuilder::default().name(&spec.name).build();
    engine
        .docker
        .create_container(Some(options), spec.body.clone())
        .await
        .map_err(failed("create", &spec.name))?;
    for file in &spec.files {
        let archive = packed(file).map_err(|source| ContainerError::Pack { name: file.name, source })?;
        let options = UploadToContainerOptionsBuilder::default().path(file.directory).build();
        engine
            .docker
            .upload_to_container(&spec.name, Some(options), body_full(archive.into()))
            .await
            .map_err(failed("put a file into", &spec.name))?;
    }
    Ok(())
}

async fn start(engine: &Engine, name: &str) -> Result<(), ContainerError> {
    match engine.docker.start_container(name, None::<StartContainerOptions>).await {
        Ok(()) => Ok(()),
        Err(DockerError::DockerResponseServerError { message, .. })
            if message.contains("port is already allocated")
                || message.contains("address already in use") =>
        {
            Err(ContainerError::PortTaken { reason: message })
        }
        Err(source) => Err(failed("start", name)(source)),
    }
}

fn packed(file: &SecretFile) -> std::io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(file.contents.len() as u64);
    header.set_mode(file.mode);
    header.set_uid(file.owner);
    header.set_gid(file.owner);
    archive.append_data(&mut header, file.name, file.contents.as_bytes())?;
    archive.into_inner()
}

/// Changes when anything that the container is made from changes.
fn digest(spec: &ContainerSpec) -> String {
    let mut hash = Sha256::new();
    // A body is plain data: it always becomes JSON.
    hash.update(sorted(&serde_json::to_value(&spec.body).unwrap_or_default()).to_string());
    for file in &spec.files {
        hash.update(format!("{}/{} {} {}\n", file.directory, file.name, file.owner, file.contents));
    }
    hex(&hash.finalize())
}

/// The same value with the keys of its objects in order: Docker's bodies hold hash maps.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        Value::Object(map) => {
            let ordered: BTreeMap<&String, Value> =
                map.iter().map(|(key, value)| (key, sorted(value))).collect();
            Value::Object(ordered.into_iter().map(|(key, value)| (key.clone(), value)).collect())
        }
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => plain.clone(),
    }
}

fn failed(action: &'static str, name: &str) -> impl FnOnce(DockerError) -> ContainerError {
    let name = name.to_owned();
    move |source| ContainerError::Docker { action, name, source }
}

/// Pairs of strings as the map that Docker's bodies want.
pub(super) fn string_map<const N: usize>(pairs: [(&str, &str); N]) -> HashMap<String, String> {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(environment: &str, token: &str) -> ContainerSpec {
        let labels = (0..20).map(|index| (format!("label-{index}"), index.to_string())).collect();
        ContainerSpec {
            name: "slipway-1-control".to_owned(),
            part: PartName::Control,
            body: ContainerCreateBody {
                env: Some(vec![environment.to_owned()]),
                labels: Some(labels),
                ..ContainerCreateBody::default()
            },
            files: vec![SecretFile {
                directory: "/data",
                name: "launcher.token",
                owner: 999,
                mode: 0o400,
                contents: token.to_owned(),
            }],
        }
    }

    #[test]
    fn the_digest_depends_on_contents_and_not_on_map_order() {
        let reference = digest(&spec("A=1", "token"));
        for _ in 0..20 {
            assert_eq!(digest(&spec("A=1", "token")), reference);
        }
        assert_ne!(digest(&spec("A=2", "token")), reference);
        assert_ne!(digest(&spec("A=1", "other")), reference);
    }

    #[test]
    fn secret_files_are_packed_for_their_owner_only() {
        let spec = spec("A=1", "token");
        let bytes = packed(&spec.files[0]).unwrap();
        let mut archive = tar::Archive::new(bytes.as_slice());
        let entry = archive.entries().unwrap().next().unwrap().unwrap();
        assert_eq!(entry.header().mode().unwrap(), 0o400);
        assert_eq!(entry.header().uid().unwrap(), 999);
    }
}
