//! The loop: waits for a change, reads it, and gives a round.
//!
//! Events make it quick and the look at everything makes it right. What cannot be read is said, and the
//! loop goes on with what it has.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::diagnostic::Severity;
use crate::load::sources::{self, ReadError, Snapshot};
use crate::serve::bell::{Bell, Key, Rung, Written};
use crate::serve::pace::{self, Pace, Step};
use crate::serve::rounds::{Eyes, Round, Rounds};
use crate::serve::watcher::Watching;

/// The longest wait, so that an interrupt is noticed.
const BREATH: Duration = Duration::from_millis(200);

/// How long a notice may take.
const GRACE: Duration = Duration::from_millis(20);

/// How changes are noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notices {
    /// The system tells.
    System,
    /// By looking.
    Looking,
}

/// A project that someone works on.
pub struct Author {
    project: PathBuf,
    outputs: Vec<PathBuf>,
    bell: Arc<Bell>,
    watching: Watching,
    pace: Pace,
    snapshot: Snapshot,
    rounds: Rounds,
    /// The round before the next.
    last: Option<Arc<Round>>,
    /// What was heard and not acted on.
    heard: Rung,
    news: VecDeque<News>,
    /// The trouble that reading had last time, and whether it was said.
    trouble: Option<(String, bool)>,
    /// Whether files were seen to be missing: they are looked for once more before they are believed gone.
    missing: bool,
}

/// What the loop gives.
pub enum News {
    /// The project is in a new state; these files differ from the state before.
    Round(Arc<Round>, Vec<Arc<str>>),
    /// Someone pressed a key.
    Pressed(Key),
    /// Something that the author should know.
    Said(String),
    /// Nothing, for a while.
    Quiet,
    /// The process was asked to end.
    Interrupted,
}

impl Author {
    /// Reads a project for the first time. `outputs` are folders that are no inputs.
    pub fn begin(
        project: &Path,
        outputs: Vec<PathBuf>,
        (eyes, warnings): (Eyes, Severity),
        (notices, bell): (Notices, Arc<Bell>),
    ) -> Result<(Author, Arc<Round>), ReadError> {
        let began = Instant::now();
        let snapshot = sources::read(project, &Snapshot::default(), &outputs)?;
        let mut watching = match notices {
            Notices::System => Watching::by_notices(project, Arc::clone(&bell)),
            Notices::Looking => Watching::by_looking(Arc::clone(&bell)),
        };
        watching.follow(&snapshot.folders);
        // What changed between reading and watching.
        bell.sweep();
        let every = if watching.is_blind() { pace::OFTEN } else { pace::SOMETIMES };
        let mut author = Author {
            project: project.to_owned(),
            outputs,
            bell,
            watching,
            pace: Pace::new(Instant::now(), every),
            snapshot,
            rounds: Rounds::new(eyes, warnings),
            last: None,
            heard: Rung::default(),
            news: VecDeque::new(),
            trouble: None,
            missing: false,
        };
        let round = author.round(began);
        Ok((author, round))
    }

    /// Waits for the next thing that happens.
    pub fn next(&mut self, interrupt: &AtomicBool) -> News {
        let quiet = Instant::now() + Duration::from_secs(15);
        loop {
            if interrupt.load(Ordering::Relaxed) {
                return News::Interrupted;
            }
            if let Some(news) = self.news.pop_front() {
                return news;
            }
            let now = Instant::now();
            match self.pace.step(now) {
                Step::Wait(time) => {
                    let rung = self.bell.wait(time.min(BREATH));
                    self.hear(rung);
                }
                Step::Rebuild => {
                    if let Some(news) = self.rebuild(now) {
                        return news;
                    }
                }
                Step::Sweep => {
                    if let Some(news) = self.sweep(now) {
                        return news;
                    }
                }
            }
            if now >= quiet {
                return News::Quiet;
            }
        }
    }

    fn hear(&mut self, rung: Rung) {
        if rung.is_change() {
            self.pace.changed(Instant::now());
        }
        self.heard.add(rung);
        self.news.extend(self.heard.keys.drain(..).map(News::Pressed));
        self.news.extend(self.heard.messages.drain(..).map(News::Said));
    }

    /// Acts on the files that were heard of.
    fn rebuild(&mut self, began: Instant) -> Option<News> {
        // A writer that has begun is given a moment to end: half a page is no state anyone meant.
        for _ in 0..3 {
            let begun = |written: &Written| *written == Written::Perhaps;
            if self.heard.sweep || !self.heard.paths.values().any(begun) {
                break;
            }
            let rung = self.bell.wait(Duration::from_millis(1));
            self.hear(rung);
        }
        let heard = std::mem::take(&mut self.heard);
        if heard.sweep {
            return self.sweep(began);
        }
        match sources::reread(&self.project, &self.snapshot, heard.paths.keys().map(PathBuf::as_path)) {
            Some(Ok(snapshot)) => {
                self.pace.unchanged();
                self.adopt(snapshot, began)
            }
            Some(Err(_)) | None => self.sweep(began),
        }
    }

    /// Looks at everything.
    fn sweep(&mut self, began: Instant) -> Option<News> {
        let was_told = self.pace.heard_of_a_change();
        self.heard.sweep = false;
        self.heard.paths.clear();
        let swept = sources::sweep(&self.project, &self.snapshot, &self.outputs);
        let took = began.elapsed();
        let snapshot = match swept {
            Ok(snapshot) => snapshot,
            Err(error) => {
                self.complain(&error, took);
                return None;
            }
        };
        self.trouble = None;
        let was_blind = self.watching.is_blind();
        if !was_told && !sources::changed(&self.snapshot.sources, &snapshot.sources).is_empty() {
            // The notice may only just be on its way.
            let rung = self.bell.wait(GRACE);
            if !rung.is_change() {
                self.watching.untold();
            }
            self.hear(rung);
        } else if was_told {
            self.watching.told();
        }
        let is_new = self.watching.follow(&snapshot.folders);
        if self.watching.is_blind() && !was_blind {
            self.pace.look_every(pace::OFTEN);
        }
        // Many programs save by deleting and making anew, and so does a change of branch: a file that is
        // gone for a moment is not gone.
        let is_gone = self.snapshot.sources.files.keys().any(|path| !snapshot.sources.files.contains_key(path));
        self.missing = is_gone && !self.missing;
        self.pace.swept(Instant::now(), took, is_new || self.missing);
        if self.missing {
            return None;
        }
        self.adopt(snapshot, began)
    }

    /// A round of what was read, if it differs from what was there.
    fn adopt(&mut self, snapshot: Snapshot, began: Instant) -> Option<News> {
        let before = std::mem::replace(&mut self.snapshot, snapshot);
        let changed = sources::changed(&before.sources, &self.snapshot.sources);
        if changed.is_empty() {
            return None;
        }
        self.bell.make();
        let round = self.round(began);
        self.pace.rebuilt(Instant::now());
        Some(News::Round(round, changed))
    }

    fn round(&mut self, began: Instant) -> Arc<Round> {
        let mut round = self.rounds.next(&self.snapshot.sources, self.last.as_ref());
        round.took = began.elapsed();
        let round = Arc::new(round);
        self.last = Some(Arc::clone(&round));
        round
    }

    /// Says what cannot be read, unless it can a moment later.
    fn complain(&mut self, error: &ReadError, took: Duration) {
        let message = format!("{error}; showing what was there before");
        let (is_known, was_said) = match &self.trouble {
            Some((known, said)) => (*known == message, *said),
            None => (false, false),
        };
        // Gone between being listed and being read: that is soon over.
        let is_passing = error.error.kind() == io::ErrorKind::NotFound && !is_known;
        if is_known && !was_said {
            self.news.push_back(News::Said(message.clone()));
        }
        self.trouble = Some((message, is_known));
        self.pace.swept(Instant::now(), took, is_passing || !is_known);
    }
}
