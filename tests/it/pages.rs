//! The generated pages: register, glossary with its links in prose, print, placements, search data.

use crate::project::Project;

const BOOK: &str = "[book]\ntitle = \"Gids\"\nlanguage = \"nl\"\nversion = \"3\"\n";

fn built(project: &Project) -> std::collections::BTreeMap<String, Vec<u8>> {
    let run = project.run(&["build"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    project.output("public")
}
