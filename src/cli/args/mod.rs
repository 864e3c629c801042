//! The command line as it is typed.

mod authoring;
mod publishing;

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use authoring::{Init, New, NewOrganisation, NewPage, Override, Rename, Schema, SchemaFile};
pub use publishing::{Clean, Publish, Verify};

use crate::Reading;
use crate::diagnostic::Severity;
use crate::load::handbook::Drafts;

/// A handbook that holds in more than one organisation.
#[derive(Debug, Parser)]
#[command(name = "leidraad", version, about, propagate_version = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Say nothing but what is wrong
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more: how long each step took
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Makes the choice hold for all output.
    pub fn choose(self) {
        match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start a handbook: asks nothing, overwrites nothing
    Init(Init),
    /// Start a page or an organisation
    #[command(subcommand)]
    New(New),
    /// Show the handbook in the browser while it is written
    Serve(Serve),
    /// Build the handbook and every edition
    Build(Build),
    /// Check everything, write nothing
    Check(Check),
    /// Write into an organisation's layer what it takes to change an address
    Override(Override),
    /// Keep a built site up to date
    Watch(Watch),
    /// Say what every layer did to an address
    Explain(Explain),
    /// Rename a page or a section, with every link and address that names it
    Rename(Rename),
    /// Give editors the JSON Schema of a file
    Schema(Schema),
    /// Show what changed below the texts of an organisation or a translation
    Diff(Diff),
    /// Record today's base texts as seen and accepted
    Accept(Accept),
    /// Say per organisation and page how it differs from the base
    Coverage(Coverage),
    /// Prove that a built site is whole
    Verify(Verify),
    /// Bring a built site to where its readers find it
    Publish(Publish),
    /// Remove a built site
    Clean(Clean),
    /// Write a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual page
    Man,
}

/// How content is judged, and how it is told.
#[derive(Args, Clone, Debug)]
pub struct Judging {
    /// Take warnings for errors
    #[arg(long)]
    pub strict: bool,
    /// The day on which content is judged; no check depends on it yet
    #[arg(long, value_name = "DATE")]
    pub today: Option<jiff::civil::Date>,
    /// How it is reported
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
}

impl Judging {
    /// How sources are read.
    pub fn reading(&self, drafts: Drafts) -> Reading {
        Reading { drafts, warnings: self.warnings() }
    }

    /// What a warning weighs.
    pub fn warnings(&self) -> Severity {
        if self.strict { Severity::Error } else { Severity::Warning }
    }
}

/// How something is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people: findings on stderr.
    Text,
    /// JSON on stdout: findings as one array.
    Json,
    /// Findings as annotations for GitHub Actions.
    Github,
}

/// `leidraad build`
#[derive(Args, Debug)]
pub struct Build {
    /// The project
    #[arg(default_value = ".", value_name = "DIR")]
    pub dir: PathBuf,
    /// Where the site goes [default: build-dir of book.toml, else public]
    #[arg(short, long, value_name = "DEST")]
    pub dest: Option<PathBuf>,
    /// Open the site in the browser
    #[arg(short, long)]
    pub open: bool,
    /// Build this organisation only; one alone stands at the root
    #[arg(long, value_name = "ID")]
    pub organisation: Vec<String>,
    /// Build this language only
    #[arg(long, value_name = "L")]
    pub lang: Vec<String>,
    /// The address of the published site
    #[arg(long, value_name = "URL")]
    pub site_url: Option<Arc<str>>,
    /// Build drafts too
    #[arg(long)]
    pub drafts: bool,
    /// Build the editions that are right, and keep the earlier ones of those that are wrong
    #[arg(long)]
    pub keep_going: bool,
    /// How many threads work [default: as many as there are processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Say how long each step took
    #[arg(long)]
    pub timings: bool,
    /// How content is judged, and how it is told.
    #[command(flatten)]
    pub judging: Judging,
}

/// `leidraad check`
#[derive(Args, Debug)]
pub struct Check {
    /// The project
    #[arg(default_value = ".", value_name = "DIR")]
    pub dir: PathBuf,
    /// Take findings of this code for errors
    #[arg(long, value_name = "CODE")]
    pub deny: Vec<String>,
    /// Judge drafts too
    #[arg(long)]
    pub drafts: bool,
    /// First mend what can be mended safely: missing ids, old addresses, colours
    #[arg(long)]
    pub fix: bool,
    /// How content is judged, and how it is told.
    #[command(flatten)]
    pub judging: Judging,
}

/// `leidraad serve`
#[derive(Args, Debug)]
pub struct Serve {
    /// The project
    #[arg(default_value = ".", value_name = "DIR")]
    pub dir: PathBuf,
    /// Where to listen
    #[arg(short = 'n', long, value_name = "HOST", default_value = "127.0.0.1")]
    pub host: String,
    /// The port [default: 3000, or the next one that is free]
    #[arg(short, long, value_name = "PORT")]
    pub port: Option<u16>,
    /// Open the site in the browser
    #[arg(short, long)]
    pub open: bool,
    /// Look for changes instead of being told of them
    #[arg(long)]
    pub poll: bool,
    /// How content is judged, and how it is told.
    #[command(flatten)]
    pub judging: Judging,
}

/// `leidraad watch`
#[derive(Args, Debug)]
pub struct Watch {
    /// The project
    #[arg(default_value = ".", value_name = "DIR")]
    pub dir: PathBuf,
    /// Where the site goes [default: build-dir of book.toml, else public]
    #[arg(short, long, value_name = "DEST")]
    pub dest: Option<PathBuf>,
    /// Look for changes instead of being told of them
    #[arg(long)]
    pub poll: bool,
    /// How content is judged, and how it is told.
    #[command(flatten)]
    pub judging: Judging,
}

/// `leidraad explain`
#[derive(Args, Debug)]
pub struct Explain {
    /// The organisation
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

/// `leidraad diff`
#[derive(Args, Debug)]
pub struct Diff {
    /// The layer, or the language of a translation
    #[arg(value_name = "ORG")]
    pub organisation: String,
    /// The address: page, or page#section [default: all that is not accepted as it is today]
    #[arg(value_name = "ADDR")]
    pub address: Option<String>,
    /// The project
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub dir: PathBuf,
    /// How content is judged, and how it is told.
    #[command(flatten)]
    pub judging: Judging,
}

/// `leidraad accept`
#[derive(Args, Debug)]
pub struct Accept {
    /// The layer, or the language of a translation
    #[arg(value_name = "ORG")]
    pub organisation: String,
    /// The addresses: page, or page#section
    #[arg(value_name = "ADDR", required_unless_present = "all")]
    pub addresses: Vec<String>,
    /// Accept everything
    #[arg(long, conflicts_with = "addresses")]
    pub all: bool,
    /// The project
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub dir: PathBuf,
    /// How content is judged, and how it is told.
    #[command(flatten)]
    pub judging: Judging,
}

/// `leidraad coverage`
#[derive(Args, Debug)]
pub struct Coverage {
    /// What became of every operation of this organisation [default: all organisations and pages]
    #[arg(value_name = "ORG")]
    pub organisation: Option<String>,
    /// The project
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub dir: PathBuf,
    /// How content is judged, and how it is told.
    #[command(flatten)]
    pub judging: Judging,
}
