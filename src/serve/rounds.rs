//! One state of the project as a site: what is asked for is made first, the rest behind it.
//!
//! Takes sources; gives outputs by path. An edition is composed and judged when one of its pages is asked
//! for. An edition that is wrong is shown as it last was right; if the base is wrong, everything is. Where
//! nothing was right yet, what could be made is shown.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rayon::prelude::*;

use crate::book::{Edition, EditionId, Handbook, LayerId, Output, PageId, Site, Sources};
use crate::diagnostic::{Code, Findings, Severity, any_error, sort};
use crate::load::handbook::Drafts;
use crate::memo::Memo;
use crate::render::{self, Options, Room, Table};
use crate::{Judged, Prepared, Reading};

/// For whom rounds are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Eyes {
    /// The author's, who looks at a preview: drafts are shown, and a value that is missing is a blank (spec §5).
    Author,
    /// The readers', for whom a site is written.
    Readers,
}

impl Eyes {
    fn drafts(self) -> Drafts {
        match self {
            Eyes::Author => Drafts::Shown,
            Eyes::Readers => Drafts::Left,
        }
    }

    /// The errors with which an edition is shown all the same.
    fn tolerated(self) -> &'static [Code] {
        match self {
            Eyes::Author => &[Code::E115, Code::E117],
            Eyes::Readers => &[],
        }
    }
}

/// Makes rounds, each knowing what was right before it.
pub struct Rounds {
    eyes: Eyes,
    warnings: Severity,
    memo: Arc<Memo>,
    number: u64,
}

impl Rounds {
    /// No round yet.
    pub fn new(eyes: Eyes, warnings: Severity) -> Rounds {
        Rounds { eyes, warnings, memo: Arc::default(), number: 0 }
    }

    /// A round of these sources after another.
    pub fn next(&mut self, sources: &Arc<Sources>, before: Option<&Arc<Round>>) -> Round {
        let reading = Reading { drafts: self.eyes.drafts(), warnings: self.warnings };
        // Within the pool: its threads wake once, not for every step.
        let prepared = rayon::scope(|_| Prepared::new(sources, reading, &self.memo));
        self.memo.end_round();
        self.number += 1;
        let wings = prepared
            .handbook()
            .layers
            .iter()
            .map(|(id, layer)| (id.clone(), Wing { is_abstract: layer.is_abstract, ..Wing::default() }))
            .collect();
        Round {
            number: self.number,
            eyes: self.eyes,
            sources: Arc::clone(sources),
            memo: Arc::clone(&self.memo),
            prepared,
            wings,
            base: OnceLock::new(),
            whole: OnceLock::new(),
            past: Mutex::new(match before {
                None => Past::Judged(Arc::default()),
                Some(round) if round.is_whole() => Past::Judged(Arc::clone(&round.whole().good)),
                Some(round) => Past::Round(Arc::clone(round)),
            }),
            took: Duration::ZERO,
        }
    }
}

/// Where someone looks.
pub struct Here {
    /// The edition.
    pub edition: Arc<Edition>,
    /// The index of the language among the handbook's.
    pub at: usize,
    /// The page; nothing for a generated one.
    pub page: Option<PageId>,
}

/// What was last right.
#[derive(Default)]
struct Good {
    editions: BTreeMap<LayerId, Arc<Edition>>,
    /// The whole site; nothing where the base was never right.
    table: Option<Arc<Table>>,
}

/// What a round falls back on: a round before it, or what that came to. Judging a round lets go of all
/// before it, so that there are never more of them than were made meanwhile.
#[derive(Clone)]
enum Past {
    Judged(Arc<Good>),
    Round(Arc<Round>),
}

/// One state of the project.
pub struct Round {
    /// Its number, from 1.
    pub number: u64,
    /// What was read.
    pub sources: Arc<Sources>,
    /// How long it took from the change until pages could be asked for.
    pub took: Duration,
    eyes: Eyes,
    memo: Arc<Memo>,
    prepared: Prepared,
    wings: BTreeMap<LayerId, Wing>,
    base: OnceLock<Option<Table>>,
    whole: OnceLock<Whole>,
    past: Mutex<Past>,
}

/// A layer's edition, once it was asked for.
#[derive(Default)]
struct Wing {
    is_abstract: bool,
    judged: OnceLock<Judged>,
    pages: OnceLock<Option<Table>>,
}

/// Everything, judged.
pub struct Whole {
    /// The whole site.
    pub table: Arc<Table>,
    /// What is wrong, sorted.
    pub findings: Findings,
    /// The organisations whose edition is wrong.
    pub broken: Vec<LayerId>,
    /// Whether the base or the theme is wrong, so that the whole site is as it last was right.
    pub base_broken: bool,
    good: Arc<Good>,
}

impl Round {
    /// The handbook of this state, right or wrong.
    pub fn handbook(&self) -> &Arc<Handbook> {
        self.prepared.handbook()
    }

    /// The output at a path, before everything is judged if need be.
    pub fn find(&self, path: &str) -> Option<Output> {
        match self.whole.get() {
            Some(whole) => whole.table.find(path),
            None => self.page(path).or_else(|| self.whole().table.find(path)),
        }
    }

    /// Whether everything was judged.
    pub fn is_whole(&self) -> bool {
        self.whole.get().is_some()
    }

    /// Everything, judged now if it was not.
    pub fn whole(&self) -> &Whole {
        self.whole.get_or_init(|| self.judge_all())
    }

    /// The page at a path, from its own edition alone.
    fn page(&self, path: &str) -> Option<Output> {
        if self.prepared.base_broken
            && let Some(table) = &self.past_good().table
        {
            return table.find(path);
        }
        let first = path.split('/').next().unwrap_or_default();
        let table = match self.wings.get(first) {
            Some(wing) => wing.pages.get_or_init(|| self.pages(self.shown(first)?)).as_ref(),
            None => self.base.get_or_init(|| self.pages(Arc::clone(&self.prepared.base))).as_ref(),
        }?;
        let (room, page) = table.locate(path)?;
        Some(table.output(table.index(room, page)))
    }

    /// The pages of one edition; nothing where the theme is wrong.
    fn pages(&self, edition: Arc<Edition>) -> Option<Table> {
        let made = render::pages(self.handbook(), vec![edition], &self.memo);
        (!any_error(&made.findings)).then_some(made.value)
    }

    /// An organisation's edition: this round's if it is right, else as it last was.
    fn shown(&self, id: &str) -> Option<Arc<Edition>> {
        let (id, wing) = self.wings.get_key_value(id).filter(|(_, wing)| !wing.is_abstract)?;
        let judged = wing.judged.get_or_init(|| self.prepared.edition(id, self.eyes.tolerated()));
        match judged.wrong {
            false => judged.edition.clone(),
            true => self.past_edition(id).or_else(|| judged.edition.clone()),
        }
    }

    /// An organisation's edition as it was last right before this round.
    fn past_edition(&self, id: &LayerId) -> Option<Arc<Edition>> {
        let round = match self.past() {
            Past::Judged(good) => return good.editions.get(id).cloned(),
            Past::Round(round) => round,
        };
        let wing = round.wings.get(id).filter(|wing| !wing.is_abstract)?;
        let judged = wing.judged.get_or_init(|| round.prepared.edition(id, round.eyes.tolerated()));
        if judged.wrong { round.past_edition(id) } else { judged.edition.clone() }
    }

    /// Everything that was last right before this round.
    fn past_good(&self) -> Arc<Good> {
        match self.past() {
            Past::Judged(good) => good,
            Past::Round(round) => Arc::clone(&round.whole().good),
        }
    }

    fn past(&self) -> Past {
        self.past.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn judge_all(&self) -> Whole {
        self.wings.par_iter().for_each(|(id, wing)| {
            wing.judged.get_or_init(|| self.prepared.edition(id, self.eyes.tolerated()));
        });
        let is_right = |wing: &Wing| wing.judged.get().is_some_and(|judged| !judged.wrong);
        let ids = || self.wings.iter().filter(|(_, wing)| !wing.is_abstract);
        let broken: Vec<LayerId> = ids().filter(|(_, wing)| !is_right(wing)).map(|(id, _)| id.clone()).collect();
        let shown: BTreeMap<LayerId, Arc<Edition>> =
            ids().filter_map(|(id, _)| Some((id.clone(), self.shown(id)?))).collect();
        let all = std::iter::once(Arc::clone(&self.prepared.base)).chain(shown.values().cloned()).collect();
        let made = render::site(self.handbook(), all, &Options::default(), &self.memo);
        let judged = self.wings.values().filter_map(|wing| wing.judged.get());
        let mut findings = self.prepared.findings(judged);
        findings.extend(made.findings.iter().cloned());
        sort(&mut findings);
        let base_broken = self.prepared.base_broken || any_error(&made.findings);
        let made = Arc::new(made.value);
        let (table, good) = if base_broken {
            let good = self.past_good();
            (good.table.clone().unwrap_or(made), good)
        } else {
            let right = shown.iter().filter(|(id, _)| !broken.contains(id));
            let right = right.map(|(id, edition)| (id.clone(), Arc::clone(edition)));
            // What is shown only because nothing better is there was never right.
            let kept = broken.iter().filter_map(|id| Some((id.clone(), self.past_edition(id)?)));
            let good = Good { editions: right.chain(kept).collect(), table: Some(Arc::clone(&made)) };
            (made, Arc::new(good))
        };
        *self.past.lock().unwrap_or_else(PoisonError::into_inner) = Past::Judged(Arc::clone(&good));
        Whole { table, findings, broken, base_broken, good }
    }

    /// The edition and language that a path belongs to, and the page behind it.
    pub fn locate(&self, path: &str) -> Option<Here> {
        let table = &self.whole().table;
        if let Some((room, page)) = table.locate(path) {
            let page = table.pages_of(room).get(page)?.clone();
            let room = &table.rooms()[room];
            return Some(Here { edition: Arc::clone(&room.edition), at: room.at, page: Some(page) });
        }
        // A generated page, or one that is not there: the room that it would be in, else the first of its organisation.
        let is_in = |folder: &str| path.starts_with(folder);
        let organisation = path.split_inclusive('/').next().filter(|first| first.ends_with('/'));
        let rooms = || table.rooms().iter();
        let inside = rooms().filter(|room| is_in(&room.folder)).max_by_key(|room| room.folder.len());
        let room = inside.filter(|room| !room.folder.is_empty() || organisation.is_none());
        let is_of = |room: &&Room| organisation.is_some_and(|first| room.folder.starts_with(first));
        let room = room.or_else(|| rooms().find(is_of));
        room.or(inside).map(|room| Here { edition: Arc::clone(&room.edition), at: room.at, page: None })
    }

    /// The folder of an edition in a language, if it is shown there.
    pub fn folder(&self, edition: &Edition, at: usize) -> Option<Arc<str>> {
        let rooms = self.whole().table.rooms().iter();
        let room = rooms.into_iter().find(|room| room.edition.id == edition.id && room.at == at)?;
        Some(Arc::clone(&room.folder))
    }

    /// Whether something is written to a path.
    pub fn holds(&self, path: &str) -> bool {
        self.whole().table.holds(path)
    }

    /// The editions that are shown, the base first.
    pub fn editions(&self) -> Vec<Arc<Edition>> {
        let mut editions: Vec<Arc<Edition>> = Vec::new();
        for room in self.whole().table.rooms() {
            if editions.last().is_none_or(|last| last.id != room.edition.id) {
                editions.push(Arc::clone(&room.edition));
            }
        }
        editions
    }

    /// The edition of an organisation as it is shown.
    pub fn edition(&self, id: &str) -> Option<Arc<Edition>> {
        self.editions().into_iter().find(|edition| matches!(&edition.id, EditionId::Organisation(own) if **own == *id))
    }
}
