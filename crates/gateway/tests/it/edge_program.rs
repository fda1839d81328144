//! The program: what it prints, how it fails, how it stops.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

fn program(data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_slipway-gateway"));
    command.env_clear().arg("--data-dir").arg(data_dir);
    for flag in ["--listen", "--desktop-listen", "--engine-listen", "--tools-listen"] {
        command.arg(format!("{flag}=127.0.0.1:0"));
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn ready_line(child: &mut Child) -> Value {
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap()
}

#[test]
fn it_says_when_it_is_ready_and_stops_soon_when_told() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = program(directory.path()).spawn().unwrap();
    let ready = ready_line(&mut child);
    assert_eq!(ready["event"], "ready");
    assert_eq!(ready["version"], env!("CARGO_PKG_VERSION"));
    for field in ["url", "desktop_url"] {
        let url = ready[field].as_str().unwrap();
        let address = url.strip_prefix("http://").unwrap();
        std::net::TcpStream::connect(address).unwrap();
    }
    let stopped = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    assert!(child.wait().unwrap().success());
    assert!(!directory.path().join("sandbox.sock").exists());
}

#[test]
fn a_taken_port_is_named_with_the_flag_that_changes_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    for flag in ["--listen", "--desktop-listen", "--engine-listen", "--tools-listen"] {
        let directory = tempfile::tempdir().unwrap();
        let mut command = program(directory.path());
        // The last one wins only if it is given once, so the whole list is written anew.
        command = {
            let mut fresh = Command::new(command.get_program());
            fresh.env_clear().stdin(Stdio::null());
            fresh.args(
                command.get_args().filter(|given| !given.to_string_lossy().starts_with(&format!("{flag}="))),
            );
            fresh
        };
        let output = command.arg(format!("{flag}={address}")).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(&format!("port {} is in use", address.port())), "{error}");
        assert!(error.contains(flag), "{error}");
    }
}

#[test]
fn openapi_prints_the_document_and_touches_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let data_dir = directory.path().join("none");
    let output = program(&data_dir).arg("openapi").output().unwrap();
    assert!(output.status.success());
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed, slipway_gateway::openapi::document_json().unwrap());
    assert!(!data_dir.exists());
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("launcher.token"), "short").unwrap();
    let output = program(directory.path()).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("launcher.token") && error.contains("at least 16 characters"), "{error}");
    std::fs::remove_file(directory.path().join("launcher.token")).unwrap();

    std::fs::write(directory.path().join("secret.key"), "not hexadecimal").unwrap();
    let output = program(directory.path()).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("secret.key") && error.contains("64 hexadecimal digits"), "{error}");
}
