//! When to look and when to rebuild: a pure function of when things happened.
//!
//! The first change is acted on at once. While changes keep coming there is at most one rebuild per 400 ms,
//! and one after the last. A look at everything follows when it is quiet, and at most a second later: it,
//! and not the events, makes sure that nothing is missed.

use std::time::{Duration, Instant};

/// The least time between two rebuilds.
pub const BETWEEN: Duration = Duration::from_millis(400);
/// No change for this long is quiet.
const QUIET: Duration = Duration::from_millis(80);
/// The most time between a change and the look at everything.
const AT_MOST: Duration = Duration::from_secs(1);
/// How often everything is looked at though nothing was heard: watches can be lost in silence.
pub const SOMETIMES: Duration = Duration::from_millis(1500);
/// The same where there are no notices at all.
pub const OFTEN: Duration = Duration::from_millis(300);

/// What happened when.
#[derive(Debug)]
pub struct Pace {
    /// The first change that no look at everything has followed yet, and the last.
    unswept: Option<(Instant, Instant)>,
    /// Whether a change waits for a rebuild.
    waiting: bool,
    rebuilt: Option<Instant>,
    swept: Instant,
    /// How long the last look took.
    sweep_took: Duration,
    /// The time between two looks when nothing is heard.
    every: Duration,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Rebuild from the paths that changed.
    Rebuild,
    /// Look at everything, and rebuild if something changed.
    Sweep,
    /// Wait this long.
    Wait(Duration),
}

impl Pace {
    /// Everything was looked at now, and is again after `every` though nothing is heard.
    pub fn new(now: Instant, every: Duration) -> Pace {
        Pace { unswept: None, waiting: false, rebuilt: None, swept: now, sweep_took: Duration::ZERO, every }
    }

    /// From now on everything is looked at after `every`.
    pub fn look_every(&mut self, every: Duration) {
        self.every = every;
    }

    /// A change was heard.
    pub fn changed(&mut self, now: Instant) {
        self.unswept = Some((self.unswept.map_or(now, |(first, _)| first), now));
        self.waiting = true;
    }

    /// Whether a change was heard that no look at everything has followed yet.
    pub fn heard_of_a_change(&self) -> bool {
        self.unswept.is_some()
    }

    /// What changed was read, and nothing was to be done.
    pub fn unchanged(&mut self) {
        self.waiting = false;
    }

    /// A rebuild ended.
    pub fn rebuilt(&mut self, now: Instant) {
        self.rebuilt = Some(now);
        self.waiting = false;
    }

    /// A look at everything ended; `again` when it saw something that it must look at once more.
    pub fn swept(&mut self, now: Instant, took: Duration, again: bool) {
        self.swept = now;
        self.sweep_took = took;
        self.unswept = again.then_some((now, now));
        self.waiting = false;
    }

    /// What to do at `now`.
    pub fn step(&self, now: Instant) -> Step {
        let allowed = self.rebuilt.map_or(now, |rebuilt| rebuilt + BETWEEN);
        if self.waiting && allowed <= now {
            return Step::Rebuild;
        }
        let sweep = match self.unswept {
            // It rebuilds too, if it finds something.
            Some((first, last)) => (last + QUIET).min(first + AT_MOST).max(allowed),
            // A large project is looked at less often: never more than a twentieth of the time.
            None => self.swept + self.every.max(self.sweep_took * 20),
        };
        if sweep <= now {
            return Step::Sweep;
        }
        let next = if self.waiting { sweep.min(allowed) } else { sweep };
        Step::Wait(next.saturating_duration_since(now))
    }
}
