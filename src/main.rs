//! The `leidraad` program: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(leidraad::cli::run().code())
}
