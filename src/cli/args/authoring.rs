//! The arguments of the commands that write into a project.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Judging;

/// `leidraad init`
#[derive(Args, Debug)]
pub struct Init {
    /// The new project
    #[arg(default_value = ".", value_name = "DIR")]
    pub dir: PathBuf,
}

/// `leidraad new`
#[derive(Debug, Subcommand)]
pub enum New {
    /// Start a page, and name it in SUMMARY.md
    Page(NewPage),
    /// Start an organisation's layer, with what must be filled in
    Organisation(NewOrganisation),
}

/// `leidraad new page`
#[derive(Args, Debug)]
pub struct NewPage {
    /// The page's id: practice/video
    #[arg(value_name = "PATH")]
    pub page: String,
    /// The project
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub dir: PathBuf,
    /// How content is judged, and how it is told.
    #[command(flatten)]
    pub judging: Judging,
}

/// `leidraad new organisation`
#[derive(Args, Debug)]
pub struct NewOrganisation {
    /// Its id, the name of its file and its folder in the site
    #[arg(value_name = "ID")]
    pub id: String,
    /// The layer that it builds on
    #[arg(long, value_name = "LAYER")]
    pub extends: Option<String>,
    /// The project
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub dir: PathBuf,
    /// How content is judged, and how it is told.
    #[command(flatten)]
    pub judging: Judging,
}

/// `leidraad override`
#[derive(Args, Debug)]
pub struct Override {
    /// The organisation, or another layer
    #[arg(value_name = "ORG")]
    pub organisation: String,
    /// The address: page, or page#section
    #[arg(value_name = "ADDR")]
    pub address: String,
    /// The project
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub dir: PathBuf,
    /// How content is judged, and how it is told.
    #[command(flatten)]
    pub judging: Judging,
}

/// `leidraad rename`
#[derive(Args, Debug)]
pub struct Rename {
    /// The address now: page, or page#section
    #[arg(value_name = "OLD")]
    pub old: String,
    /// The new one: page, or page#section
    #[arg(value_name = "NEW")]
    pub new: String,
    /// The project
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub dir: PathBuf,
    /// How content is judged, and how it is told.
    #[command(flatten)]
    pub judging: Judging,
}

/// `leidraad schema`
#[derive(Args, Debug)]
pub struct Schema {
    /// The kind of file [default with --write: all]
    #[arg(value_name = "FILE", required_unless_present = "write")]
    pub file: Option<SchemaFile>,
    /// Write it where editors look for it: .leidraad/FILE.schema.json
    #[arg(long)]
    pub write: bool,
    /// The project
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub dir: PathBuf,
}

/// The files that have a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaFile {
    /// organisations/ID.yaml
    Organisation,
    /// handbook.yaml
    Handbook,
    /// book.toml
    Book,
}
