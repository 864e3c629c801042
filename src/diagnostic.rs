//! What is wrong, where, and what to do about it: the one type in which every stage reports.
//!
//! Takes nothing, reads nothing. Stages push [`Diagnostic`]s and go on, so that an author sees
//! every fault of a run at once; printing them is the command line's work.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// How much a finding weighs: only an error stops a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The content is wrong; nothing is written.
    Error,
    /// The content may be wrong; `--strict` makes it an error.
    Warning,
    /// Worth knowing; never an error.
    Note,
}

impl Severity {
    /// The word that stands before the code in every format.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

macro_rules! codes {
    ($($code:ident $meaning:literal,)*) => {
        /// The code of a finding; its first letter is its ordinary severity (spec §6).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $meaning] $code,)*
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Code] = &[$(Code::$code,)*];

            /// The code as it is printed: `E103`.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$code => stringify!($code),)* }
            }

            /// What the code stands for, in a few words.
            pub fn meaning(self) -> &'static str {
                match self { $(Code::$code => $meaning,)* }
            }
        }
    };
}

codes! {
    E101 "unknown key in YAML",
    E102 "unknown page",
    E103 "unknown section",
    E104 "section without explicit id",
    E105 "locked or extend-only",
    E106 "heading in an override text",
    E107 "contradicting or empty operation",
    E108 "target removed by a parent layer",
    E109 "id collision or reserved id",
    E110 "`extends` unknown or cyclic",
    E111 "anchor cycle",
    E112 "dangling link after remove",
    E113 "value of the wrong type or outside its constraint",
    E114 "unknown parameter",
    E115 "required value missing",
    E116 "incomplete term",
    E117 "unresolved placeholder",
    E118 "path leaves its folder, or is a symlink or special file",
    E119 "HTML, URL scheme or active SVG not allowed in a layer",
    E120 "reason missing",
    E121 "contrast too low",
    E123 "`final` value set again",
    E124 "YAML that is refused",
    E125 "rule not met",
    E201 "broken link",
    E202 "broken anchor",
    E203 "missing image or file",
    E204 "two sources for one output path",
    E205 "bad front matter or heading attributes",
    E206 "bad encoding",
    E207 "bad SUMMARY.md",
    E208 "bad book.toml",
    E209 "template error",
    E210 "include not found",
    W201 "stale: the text under this override has changed",
    W203 "old address used",
    W204 "operation without effect",
    W206 "not translated",
    W210 "rule not met",
    W211 "translation behind its source",
    N201 "ignored key",
    N202 "replace is not pinned",
    N203 "worth a look",
}

impl Code {
    /// The severity that the code's first letter stands for.
    pub fn severity(self) -> Severity {
        match self.as_str().as_bytes().first() {
            Some(b'E') => Severity::Error,
            Some(b'W') => Severity::Warning,
            _ => Severity::Note,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A stretch of one line of one file. Lines and columns are 1-based; columns count characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file, relative to the project folder, with forward slashes.
    pub path: Arc<str>,
    /// The line, from 1; 0 where the file as a whole is meant.
    pub line: u32,
    /// The column in characters, from 1; 0 where the file as a whole is meant.
    pub column: u32,
    /// How many characters to underline, at least 1.
    pub length: u32,
}

impl Place {
    /// A place in `path`.
    pub fn new(path: &Arc<str>, line: u32, column: u32, length: u32) -> Place {
        Place { path: Arc::clone(path), line, column, length: length.max(1) }
    }

    /// The file as a whole.
    pub fn file(path: &Arc<str>) -> Place {
        Place { path: Arc::clone(path), line: 0, column: 0, length: 1 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.path),
            line => write!(f, "{}:{line}:{}", self.path, self.column),
        }
    }
}

/// The hint for what is no id.
pub const LOWER_CASE: &str = "use lower-case letters, digits and hyphens";

/// One finding: what is wrong in the author's words, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    /// How much it weighs; the code's own severity until `--strict` raises it.
    pub severity: Severity,
    /// Its code, for the documentation and for `--deny`.
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// Where; absent for findings about the whole project.
    pub place: Option<Place>,
    /// What to do, most useful first.
    pub hints: Vec<String>,
}

impl Diagnostic {
    /// A finding of `code` at `place`.
    pub fn new(code: Code, place: Place, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: code.severity(), code, message: message.into(), place: Some(place), hints: Vec::new() }
    }

    /// A finding about the project as a whole.
    pub fn global(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: code.severity(), code, message: message.into(), place: None, hints: Vec::new() }
    }

    /// Adds a hint.
    pub fn hint(&mut self, hint: impl Into<String>) -> &mut Diagnostic {
        self.hints.push(hint.into());
        self
    }

    /// Adds a hint when there is one.
    pub fn maybe_hint(&mut self, hint: Option<impl Into<String>>) -> &mut Diagnostic {
        self.hints.extend(hint.map(Into::into));
        self
    }

    /// The same finding with one more hint.
    #[must_use]
    pub fn with(mut self, hint: impl Into<String>) -> Diagnostic {
        self.hint(hint);
        self
    }

    /// The same finding with one more hint, when there is one.
    #[must_use]
    pub fn maybe_with(mut self, hint: Option<impl Into<String>>) -> Diagnostic {
        self.maybe_hint(hint);
        self
    }
}

/// The findings of a stage, in the order in which it met them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings(Vec<Diagnostic>);

impl Findings {
    /// None yet.
    pub const fn new() -> Findings {
        Findings(Vec::new())
    }

    /// Adds a finding; hints are added to what this gives.
    pub fn report(&mut self, code: Code, at: &Place, message: impl Into<String>) -> &mut Diagnostic {
        self.0.push_mut(Diagnostic::new(code, at.clone(), message))
    }
}

impl Deref for Findings {
    type Target = Vec<Diagnostic>;

    fn deref(&self) -> &Vec<Diagnostic> {
        &self.0
    }
}

impl DerefMut for Findings {
    fn deref_mut(&mut self) -> &mut Vec<Diagnostic> {
        &mut self.0
    }
}

impl IntoIterator for Findings {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'f> IntoIterator for &'f Findings {
    type Item = &'f Diagnostic;
    type IntoIter = std::slice::Iter<'f, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl FromIterator<Diagnostic> for Findings {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(findings: I) -> Findings {
        Findings(findings.into_iter().collect())
    }
}

impl Extend<Diagnostic> for Findings {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, findings: I) {
        self.0.extend(findings);
    }
}

/// What a pure stage gives: a value that is as good as could be made, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Checked<T> {
    /// The value.
    pub value: T,
    /// The findings.
    pub findings: Findings,
}

/// Sorts findings by path, line, column and code, and drops repetitions (spec §6): a fault of a
/// layer is found once in each edition that uses the layer, and reported once.
pub fn sort(findings: &mut Findings) {
    findings.sort_by(|a, b| {
        let key = |d: &Diagnostic| {
            let place = d.place.as_ref();
            (place.map(|p| Arc::clone(&p.path)), place.map_or((0, 0), |p| (p.line, p.column)), d.code)
        };
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    findings.dedup();
}

/// Whether any finding is an error.
pub fn any_error(findings: &[Diagnostic]) -> bool {
    findings.iter().any(|d| d.severity == Severity::Error)
}

/// The candidate nearest to `word`, if one is near enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).clamp(1, 4);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// `did you mean …?` for the nearest candidate.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(word, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}

/// What was meant by a word, or what there is to choose from.
pub fn meant_or_known<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> String {
    did_you_mean(word, candidates.clone()).unwrap_or_else(|| {
        let mut names: Vec<&str> = candidates.into_iter().take(24).collect();
        names.sort_unstable();
        match names.is_empty() {
            true => "none is declared".to_owned(),
            false => format!("known here: {}", names.join(", ")),
        }
    })
}

/// `text` with control and bidirectional characters as escapes, so that no message can steer a
/// terminal or turn its reader's eye (spec §6).
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => out.push(' '),
            c if c.is_control() || is_bidi_control(c) || is_noncharacter(c) || is_invisible(c) => {
                out.extend(c.escape_unicode());
            }
            c => out.push(c),
        }
    }
    out
}

/// Whether `c` overrides or isolates the direction of the text around it.
pub fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}')
}

/// Whether `c` is one of Unicode's noncharacters, which leidraad keeps for its own marks.
pub fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{FDD0}'..='\u{FDEF}') || (c as u32) & 0xFFFE == 0xFFFE
}

/// Whether `c` has no width of its own and so can hide in a key or a name.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{200B}'..='\u{200D}' | '\u{2028}' | '\u{2029}' | '\u{2060}' | '\u{FEFF}')
}
