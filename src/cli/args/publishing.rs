//! The arguments of the commands that look after a built site.

use std::path::PathBuf;

use clap::Args;

use super::Judging;

/// `leidraad verify`
#[derive(Args, Debug)]
pub struct Verify {
    /// The built site
    #[arg(value_name = "DEST")]
    pub dest: PathBuf,
    /// The project it was built from: also say whether it has changed since
    #[arg(long, value_name = "DIR")]
    pub source: Option<PathBuf>,
    /// How content is judged, and how it is told.
    #[command(flatten)]
    pub judging: Judging,
}

/// `leidraad publish`
#[derive(Args, Debug)]
pub struct Publish {
    /// The folder that is served
    #[arg(value_name = "TARGET")]
    pub target: PathBuf,
    /// The project: what is published is its site, if it is whole and current
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub dir: PathBuf,
    /// The built site [default: build-dir of book.toml, else public]
    #[arg(short, long, value_name = "DEST")]
    pub dest: Option<PathBuf>,
    /// Allow up to this many files to be deleted, the start page among them
    #[arg(long, value_name = "N")]
    pub max_deletes: Option<usize>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// How content is judged, and how it is told.
    #[command(flatten)]
    pub judging: Judging,
}

/// `leidraad clean`
#[derive(Args, Debug)]
pub struct Clean {
    /// The project
    #[arg(default_value = ".", value_name = "DIR")]
    pub dir: PathBuf,
    /// The built site [default: build-dir of book.toml, else public]
    #[arg(short, long, value_name = "DEST")]
    pub dest: Option<PathBuf>,
}
