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
mod interrupt;
mod new;
mod overriding;
mod pinned;
mod plan;
mod project;
mod publish;
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
use interrupt::Interrupt;
use report::Voice;

use crate::write::WriteError;

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
    let interrupt = Interrupt::listen();
    let ended = match arguments.command {
        Command::Init(command) => init::run(&command, voice),
        Command::New(command) => new::run(&command, voice),
        Command::Build(command) => build::run(&command, voice, &interrupt),
        Command::Check(command) => check::run(&command, voice),
        Command::Override(command) => Ok(overriding::run(&command, voice)),
        Command::Rename(command) => Ok(rename::run(&command, voice)),
        Command::Schema(command) => schema::run(&command, voice),
        Command::Serve(command) => serve::run(&command, voice, &interrupt),
        Command::Watch(command) => watch::run(&command, voice, &interrupt),
        Command::Explain(command) => Ok(explain::run(&command)),
        Command::Diff(command) => Ok(diff::run(&command)),
        Command::Accept(command) => Ok(accept::run(&command, voice)),
        Command::Coverage(command) => Ok(coverage::run(&command)),
        Command::Verify(command) => verify::verify(&command),
        Command::Publish(command) => publish::run(&command, voice, &interrupt),
        Command::Clean(command) => verify::clean(&command, &interrupt),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(
                shell,
                &mut <Arguments as clap::CommandFactory>::command(),
                "leidraad",
                &mut script,
            );
            Ok(print(&script))
        }
        Command::Man => match manual() {
            Ok(page) => Ok(print(&page)),
            Err(_) => Err(Exit::Environment),
        },
    };
    match ended {
        Ok(exit) | Err(exit) => exit,
    }
}

/// The manual as one page: the program, then every command with its arguments.
fn manual() -> std::io::Result<Vec<u8>> {
    let mut program = <Arguments as clap::CommandFactory>::command();
    program.build();
    let mut page = Vec::new();
    let whole = clap_mangen::Man::new(program.clone());
    whole.render_title(&mut page)?;
    whole.render_name_section(&mut page)?;
    whole.render_synopsis_section(&mut page)?;
    whole.render_description_section(&mut page)?;
    whole.render_options_section(&mut page)?;
    let groups = program.get_subcommands().filter(|command| command.get_name() != "help");
    for command in groups.flat_map(|command| std::iter::once(command).chain(command.get_subcommands())) {
        let command = command.clone();
        let name = command.get_bin_name().unwrap_or_else(|| command.get_name()).to_uppercase();
        writeln!(page, ".SH \"{name}\"")?;
        let mut section = Vec::new();
        let command = clap_mangen::Man::new(command);
        command.render_description_section(&mut section)?;
        command.render_synopsis_section(&mut section)?;
        command.render_options_section(&mut section)?;
        // Sections of one command are parts of its own section.
        page.extend(String::from_utf8_lossy(&section).replace(".SH ", ".SS ").into_bytes());
    }
    whole.render_version_section(&mut page)?;
    Ok(page)
}

impl From<&WriteError> for Exit {
    fn from(error: &WriteError) -> Exit {
        match error.exit_code() {
            2 => Exit::Usage,
            130 => Exit::Interrupted,
            _ => Exit::Environment,
        }
    }
}

/// Writes to stdout; a reader that went away is no fault of ours.
fn print(bytes: &[u8]) -> Exit {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
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
