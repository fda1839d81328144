//! Arguments of `user`.

use clap::Subcommand;
use slipway_protocol::api::Role;

/// What to do with the people of an instance.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// List everybody
    List,
    /// Add a person; a password is made and shown, unless one is given
    Add {
        /// The name to log in with
        name: String,
        /// What the person may do: viewer, member or admin
        #[arg(long, default_value = "member")]
        role: Role,
        /// Read the password from the first line of the standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Give a person another password and end their sessions
    Reset {
        /// The name
        name: String,
        /// Read the password from the first line of the standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Change what a person may do
    Role {
        /// The name
        name: String,
        /// viewer, member or admin
        role: Role,
    },
    /// Let a person in no more; what belongs to them stays
    Disable {
        /// The name
        name: String,
    },
    /// Let a person in again
    Enable {
        /// The name
        name: String,
    },
}
