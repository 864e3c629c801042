//! What `write` and `serve` get: a table of outputs, each made when it is asked for.

use std::fmt;
use std::sync::Arc;

use crate::book::{Digest, LayerId};

/// A whole site as a table: path → bytes, made on demand. Nothing is stored per page and
/// organisation; the bytes of an output are a pure function of what the site was made from.
pub trait Site: Sync {
    /// How many outputs there are.
    fn count(&self) -> usize;

    /// The output at `index`, from 0 to [`Site::count`]; the same bytes at every call, on any thread.
    fn output(&self, index: usize) -> Output;

    /// The output at a path, for a server.
    fn find(&self, path: &str) -> Option<Output>;

    /// The organisations' editions and the base, in order.
    fn editions(&self) -> Vec<EditionId>;

    /// The shared files (`assets/…`) that an edition's pages need.
    fn assets(&self, edition: &EditionId) -> Vec<Arc<str>>;

    /// The digest of the sources behind the site.
    fn source(&self) -> Digest;
}

/// The base handbook, or an organisation's edition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EditionId {
    /// The base.
    Base,
    /// An organisation's.
    Organisation(LayerId),
}

impl EditionId {
    /// The organisation, if it is one.
    pub fn organisation(&self) -> Option<&LayerId> {
        match self {
            EditionId::Base => None,
            EditionId::Organisation(id) => Some(id),
        }
    }
}

impl fmt::Display for EditionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EditionId::Base => f.write_str("base"),
            EditionId::Organisation(id) => f.write_str(id),
        }
    }
}

/// One file of the site.
#[derive(Clone, Debug)]
pub struct Output {
    /// Its path below the output folder, with forward slashes.
    pub path: Arc<str>,
    /// The edition that it belongs to; absent for what all share.
    pub edition: Option<EditionId>,
    /// What it holds.
    pub body: Body,
}

/// The bytes of an output.
#[derive(Clone, Debug)]
pub enum Body {
    /// In memory.
    Bytes(Arc<Vec<u8>>),
    /// A file of the project that is copied as it is, by its path in the project, with the digest
    /// that it had when it was read.
    File(Arc<str>, Digest),
}
