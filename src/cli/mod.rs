//! Arguments as typed → commands as meant; one file per command.

mod accept;
mod args;
mod build;
mod check;
mod coverage;
mod diff;
mod explain;
mod fix;
mod init;
mod new;
mod overriding;
mod pinned;
mod plan;
mod project;
mod rename;
mod repin;
mod report;
mod schema;
mod serve;
mod verify;
mod watch;

use std::io::Write;

use clap::Parser;

use args::{Arguments, Command};
use report::Voice;

/// How a command ended; the number is the process's exit code (spec §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// The content is wrong.
    Content = 1,
    /// The command line is wrong, or the destination is refused.
    Usage = 2,
    /// The environment failed: disk, permission, port.
    Environment = 3,
    /// Interrupted.
    Interrupted = 130,
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        self as u8
    }
}

/// Runs the program with the process's arguments.
pub fn run() -> Exit {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // `--help` and `--version` arrive here too, and are no fault.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            let _ = error.print();
            return exit;
        }
    };
    arguments.color.choose();
    let voice = match (arguments.quiet, arguments.verbose) {
        (true, _) => Voice::Quiet,
        (false, 0) => Voice::Usual,
        (false, _) => Voice::More,
    };
    match arguments.command {
        Command::Init(command) => init::run(&command, voice),
        Command::New(command) => new::run(&command, voice),
        Command::Build(command) => build::run(&command, voice),
        Command::Check(command) => check::run(&command, voice),
        Command::Override(command) => overriding::run(&command, voice),
        Command::Rename(command) => rename::run(&command, voice),
        Command::Schema(command) => schema::run(&command, voice),
        Command::Serve(command) => serve::run(&command, voice),
        Command::Watch(command) => watch::run(&command, voice),
        Command::Explain(command) => explain::run(&command),
        Command::Diff(command) => diff::run(&command),
        Command::Accept(command) => accept::run(&command, voice),
        Command::Coverage(command) => coverage::run(&command),
        Command::Verify(command) => verify::verify(&command),
        Command::Clean(command) => verify::clean(&command),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(
                shell,
                &mut <Arguments as clap::CommandFactory>::command(),
                "leidraad",
                &mut script,
            );
            print(&script)
        }
        Command::Man => {
            let mut page = Vec::new();
            match clap_mangen::Man::new(<Arguments as clap::CommandFactory>::command()).render(&mut page) {
                Ok(()) => print(&page),
                Err(_) => Exit::Environment,
            }
        }
    }
}

/// Writes to stdout; a reader that went away is no fault of ours.
fn print(bytes: &[u8]) -> Exit {
    match std::io::stdout().write_all(bytes) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Exit::Environment,
        _ => Exit::Done,
    }
}

/// The same for text with colours, which a pipe does not get.
fn print_styled(text: &str) -> Exit {
    match anstream::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Exit::Environment,
        _ => Exit::Done,
    }
}
