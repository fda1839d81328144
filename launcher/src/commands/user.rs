//! `slipway user`: the people of a running instance.

use std::io::BufRead as _;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use slipway_protocol::api::{Account, CreatePerson, PasswordGiven, ResetPassword, UpdatePerson};

use super::Context;
use crate::cli::UserCommand;
use crate::gateway::Gateway;
use crate::plain::line;
use crate::terminal;

/// Does what is asked of them.
pub(super) async fn user(context: &Context, command: &UserCommand) -> anyhow::Result<ExitCode> {
    let state = context.state()?;
    let Some((gateway, _)) = super::running(context.instance, &state).await? else {
        bail!("instance {} does not run; start it with: slipway up", context.instance);
    };
    match command {
        UserCommand::List => {
            for person in gateway.people().await? {
                terminal::result(row(&person));
            }
        }
        UserCommand::Add { name, role, password_stdin } => {
            let password = given(*password_stdin)?;
            let wanted = CreatePerson { name: name.clone(), role: *role, password };
            told(&gateway.create_person(&wanted).await?);
        }
        UserCommand::Reset { name, password_stdin } => {
            let person = named(&gateway, name).await?;
            let wanted = ResetPassword { password: given(*password_stdin)? };
            told(&gateway.reset_password(&person.id, &wanted).await?);
        }
        UserCommand::Role { name, role } => {
            let change = UpdatePerson { role: Some(*role), disabled: None };
            change_person(&gateway, name, &change).await?;
        }
        UserCommand::Disable { name } => {
            change_person(&gateway, name, &UpdatePerson { role: None, disabled: Some(true) }).await?;
        }
        UserCommand::Enable { name } => {
            change_person(&gateway, name, &UpdatePerson { role: None, disabled: Some(false) }).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn change_person(gateway: &Gateway, name: &str, change: &UpdatePerson) -> anyhow::Result<()> {
    let person = named(gateway, name).await?;
    terminal::result(row(&gateway.update_person(&person.id, change).await?));
    Ok(())
}

async fn named(gateway: &Gateway, name: &str) -> anyhow::Result<Account> {
    let people = gateway.people().await?;
    let found = people.into_iter().find(|person| person.name.eq_ignore_ascii_case(name.trim()));
    found.with_context(|| format!("nobody has the name {name}; `slipway user list` shows who there is"))
}

fn row(person: &Account) -> String {
    let notes = [
        (person.owner, "runs this instance"),
        (!person.has_password, "no password: only `slipway open` leads in"),
        (person.disabled, "disabled"),
    ];
    let notes: Vec<_> = notes.into_iter().filter_map(|(holds, note)| holds.then_some(note)).collect();
    let text = format!("{:<24} {:<8} {}", line(&person.name), person.role.name(), notes.join("; "));
    text.trim_end().to_owned()
}

fn told(given: &PasswordGiven) {
    terminal::result(row(&given.account));
    if let Some(password) = &given.password {
        terminal::result(format_args!("The password, told this once: {password}"));
    }
}

fn given(from_stdin: bool) -> anyhow::Result<Option<String>> {
    if !from_stdin {
        return Ok(None);
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("cannot read the password")?;
    Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
}
