//! `leidraad publish TARGET`

use serde_json::json;

use crate::cli::args::{Format, Publish};
use crate::cli::interrupt::Interrupt;
use crate::cli::plan::say;
use crate::cli::project::{self, complain, failed};
use crate::cli::report::{Voice, count};
use crate::cli::{Exit, verify};
use crate::load::handbook::Drafts;
use crate::publish::{self, Plan};
use crate::write::{self, Request, System};

/// Brings a site that is whole and current to a folder that is served.
pub fn run(command: &Publish, voice: Voice, interrupt: &Interrupt) -> Result<Exit, Exit> {
    let site = project::request(&command.dir, command.dest.as_deref())?;
    verify::is_there(&site.dest)?;
    let mut target = Request::new(&command.dir, &command.target);
    target.inputs = site.inputs;
    target.inputs.push(site.dest.clone());
    write::judge(&target).map_err(|error| failed(&error))?;

    let reading = command.judging.reading(Drafts::Left);
    let project = project::open(&command.dir, reading, std::slice::from_ref(&site.dest))?;
    let source = project.composed.handbook.source_digest;
    let problems = write::verify(&site.dest, Some(source)).map_err(|error| failed(&error))?;
    if let Some(first) = problems.first() {
        let more = if problems.len() > 1 { format!(", and {} more", problems.len() - 1) } else { String::new() };
        complain(&format!(
            "{} is not what `leidraad build` makes of these sources: {} is {}{more}; build it first",
            site.dest.display(),
            first.path,
            first.kind.as_str()
        ));
        return Err(Exit::Content);
    }
    let plan =
        publish::plan(&System, (&site.dest, &command.target), command.max_deletes).map_err(|error| failed(&error))?;
    if command.dry_run || command.judging.format == Format::Json {
        match super::print(announced(&plan, command.judging.format).as_bytes()) {
            Exit::Done => {}
            failed => return Err(failed),
        }
    }
    if command.dry_run {
        return Ok(Exit::Done);
    }
    publish::carry_out(&System, &plan, Some(interrupt.hold())).map_err(|error| failed(&error))?;
    let (put, gone) = (count(plan.put.len(), "file"), plan.delete.len());
    say(voice, &format!("{}: {put} put there, {gone} deleted", command.target.display()));
    Ok(Exit::Done)
}

/// What is done, in its order.
fn announced(plan: &Plan, format: Format) -> String {
    let put = plan.put.iter().map(|(path, _)| ("put", path));
    let all = put.chain(plan.delete.iter().map(|path| ("delete", path)));
    match format {
        Format::Json => {
            let list: Vec<serde_json::Value> =
                all.map(|(action, path)| json!({ "action": action, "path": &**path })).collect();
            format!("{}\n", serde_json::Value::Array(list))
        }
        Format::Text | Format::Github => {
            all.map(|(action, path)| format!("{action:<6} {}\n", crate::diagnostic::escaped(path))).collect()
        }
    }
}
