//! The environment of a shell, built from nothing.

use std::ffi::OsString;
use std::path::Path;

use nix::unistd::{Uid, User};

use crate::workspace::Workspace;

/// Variables of the host that a shell may see, if the host chooses to pass them on: where programs are, and
/// how they reach the network.
const INHERITABLE: &[&str] = &[
    "PATH",
    "TZ",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "NODE_USE_ENV_PROXY",
    "SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
    "REQUESTS_CA_BUNDLE",
    "PIP_CERT",
    "CURL_CA_BUNDLE",
    "CARGO_HTTP_CAINFO",
];

const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Those of the host's own variables that a shell may see.
pub fn inheritable(variables: impl Iterator<Item = (OsString, OsString)>) -> Vec<(OsString, OsString)> {
    variables.filter(|(name, _)| INHERITABLE.iter().any(|allowed| name == allowed)).collect()
}

/// The whole environment of a shell: the user's, a terminal's, and `extra`, which wins.
pub(crate) fn build(
    workspace: &Workspace,
    display: Option<u16>,
    extra: &[(OsString, OsString)],
) -> Vec<(OsString, OsString)> {
    let uid = workspace.owner().map_or_else(Uid::current, |owner| Uid::from_raw(owner.uid));
    let user = User::from_uid(uid).ok().flatten();
    let name = user.as_ref().map_or_else(|| format!("user{uid}"), |user| user.name.clone());
    // A uid that the system does not know has no home; the workspace is at least writable.
    let home = user.map(|user| user.dir).filter(|home| home.is_dir() && home != Path::new("/"));
    let home = home.unwrap_or_else(|| workspace.root().to_owned());
    let mut variables: Vec<(OsString, OsString)> = vec![
        ("PATH".into(), DEFAULT_PATH.into()),
        ("HOME".into(), home.into()),
        ("USER".into(), name.clone().into()),
        ("LOGNAME".into(), name.into()),
        ("SHELL".into(), "/bin/bash".into()),
        ("LANG".into(), "C.UTF-8".into()),
        ("TERM".into(), "xterm-256color".into()),
        // A pager would wait for a key.
        ("PAGER".into(), "cat".into()),
        ("GIT_PAGER".into(), "cat".into()),
    ];
    if let Some(display) = display {
        variables.push(("DISPLAY".into(), format!(":{display}").into()));
    }
    variables.retain(|(name, _)| !extra.iter().any(|(other, _)| other == name));
    variables.extend_from_slice(extra);
    variables
}
