//! The agent's side: what runs when its shell calls `apt`, `apt-get`, `dpkg` or `sudo`.

use std::io::{self, Read as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use super::message::{Answer, Request, send};
use super::sudo::{self, Sudo};
use super::{PROFILE_VARIABLE, SOCKET_VARIABLE, is_package_program};

/// What a shim ends with when it could not do what was asked, as `sudo` does.
const FAILED: u8 = 1;

/// Does what a command line that begins with `sudo` or a package program asks for: package programs run as
/// the container's root, everything else as the caller. Gives the exit code.
pub fn as_root(words: &[String]) -> ExitCode {
    let Some((called, arguments)) = words.split_first() else {
        return fail("say which command to run");
    };
    if called != "sudo" {
        return ask(called, arguments);
    }
    match sudo::parse(arguments) {
        Sudo::Run { program, arguments, .. } if is_package_program(&program) => ask(&program, &arguments),
        Sudo::Run { variables, program, arguments } => run_as_caller(&variables, &program, &arguments),
        Sudo::Allowed => ExitCode::SUCCESS,
        Sudo::Refused(reason) => fail(&format!(
            "sudo: {reason}. In this sandbox sudo runs package programs (apt-get, apt, dpkg) as root and \
             everything else as you."
        )),
    }
}

fn ask(program: &str, arguments: &[String]) -> ExitCode {
    let Some(path) = std::env::var_os(SOCKET_VARIABLE) else {
        if std::env::var_os(PROFILE_VARIABLE).is_some_and(|profile| profile == "strict") {
            return fail(&format!(
                "{program} cannot run as root: this sandbox has the strict profile, in which there is no root and \
                 no system packages can be installed. Install into the workspace or your home instead (pip, npm, \
                 cargo), or ask the person to choose the installable profile (slipway up --profile installable)."
            ));
        }
        return fail(&format!(
            "{program} cannot run as root: system packages are not allowed in this sandbox. Install into the \
             workspace or your home instead (pip, npm, cargo), or ask the person to allow system packages."
        ));
    };
    let program = program.rsplit('/').next().unwrap_or(program);
    let asked = (|| {
        let mut stream = UnixStream::connect(&path)?;
        let request = Request {
            program: program.to_owned(),
            arguments: arguments.to_vec(),
            directory: std::env::current_dir()?,
        };
        send(&stream, &request, [io::stdout().as_fd(), io::stderr().as_fd()])?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        serde_json::from_str(&answer).map_err(io::Error::from)
    })();
    match asked {
        Ok(Answer::Exited(code)) => ExitCode::from(u8::try_from(code).unwrap_or(FAILED)),
        Ok(Answer::Refused(reason)) => fail(&format!("{program} was not run: {reason}")),
        Err(error) => fail(&format!("{program} was not run: the tool host does not answer ({error})")),
    }
}

fn run_as_caller(variables: &[String], program: &str, arguments: &[String]) -> ExitCode {
    let variables = variables.iter().filter_map(|variable| variable.split_once('='));
    let error = Command::new(program).args(arguments).envs(variables).exec();
    fail(&format!("sudo: cannot run {program}: {error}"))
}

#[expect(clippy::print_stderr, reason = "the shim speaks to whoever called it, in a terminal")]
fn fail(reason: &str) -> ExitCode {
    eprintln!("{reason}");
    ExitCode::from(FAILED)
}
