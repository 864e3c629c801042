//! `leidraad diff ORG [ADDR]`

use crate::cli::Exit;
use crate::cli::args::{Diff, Format};
use crate::cli::pinned::{self, Pin};
use crate::cli::project;
use crate::load::handbook::Drafts;

/// Shows the accepted, today's and the own text, of everything that is not accepted as it is today or
/// of one address.
pub fn run(command: &Diff) -> Exit {
    let project = match project::open(&command.dir, command.judging.reading(Drafts::Shown), &[]) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    let pins = pinned::holder(&project, &command.organisation).map(|holder| pinned::pins(&project, &holder));
    let chosen = pins.and_then(|pins| match &command.address {
        Some(address) => pinned::at(&project, pins, std::slice::from_ref(address)),
        // Translations need no pin: those without one are no news.
        None => Ok(pins.into_iter().filter(wants_a_look).collect()),
    });
    let chosen = match chosen {
        Ok(chosen) => chosen,
        Err(exit) => return exit,
    };
    print(&chosen, command.judging.format)
}

/// Prints pins as `diff` does.
pub fn print(pins: &[Pin], format: Format) -> Exit {
    match format {
        Format::Json => {
            let objects: Vec<serde_json::Value> = pins.iter().map(Pin::object).collect();
            super::print(format!("{}\n", serde_json::Value::Array(objects)).as_bytes())
        }
        Format::Text | Format::Github => {
            super::print_styled(&pins.iter().map(Pin::text).collect::<Vec<_>>().join("\n"))
        }
    }
}

fn wants_a_look(pin: &Pin) -> bool {
    match pin.state() {
        "stale" => true,
        "unpinned" => pin.op == "replace",
        _ => false,
    }
}
