//! Quotes and apostrophes as each language sets them, after the parser's smart punctuation.

use std::collections::BTreeMap;

/// The quotes of one inline text, seen as one string although markup may cut it into runs.
///
/// The parser turns `"` into “ ” and `'` into ‘ ’. What it cannot know is which `'` is an apostrophe in Dutch (`'s
/// ochtends`, `in 't huis`, `'90`), so each single quote is judged anew; and languages set other quotes.
pub fn set(language: &str, runs: &mut [String]) {
    let letters: Vec<char> = runs.iter().flat_map(|run| run.chars()).collect();
    let quotes = quotes_of(language);
    let mut set: BTreeMap<usize, &str> = BTreeMap::new();
    let mut open = Vec::new();
    for (at, letter) in letters.iter().enumerate() {
        match letter {
            '“' => drop(set.insert(at, quotes[0])),
            '”' => drop(set.insert(at, quotes[1])),
            '‘' | '’' => match Single::at(&letters, at) {
                Single::Apostrophe => drop(set.insert(at, "’")),
                Single::Opens => {
                    // One that is never closed is an apostrophe after all.
                    set.insert(at, "’");
                    open.push(at);
                }
                Single::Closes => {
                    if let Some(start) = open.pop() {
                        set.insert(start, quotes[2]);
                        set.insert(at, quotes[3]);
                    }
                }
            },
            _ => {}
        }
    }
    let mut letters = letters.into_iter().enumerate();
    for run in runs {
        let length = run.chars().count();
        run.clear();
        for (at, letter) in letters.by_ref().take(length) {
            match set.get(&at) {
                Some(quote) => run.push_str(quote),
                None => run.push(letter),
            }
        }
    }
}

/// What a single quote is, by what stands around it.
enum Single {
    Apostrophe,
    Opens,
    Closes,
}

impl Single {
    fn at(letters: &[char], at: usize) -> Single {
        let before = at.checked_sub(1).and_then(|at| letters.get(at)).copied().unwrap_or(' ');
        let after = &letters[at + 1..];
        let opens = before.is_whitespace() || "([{<“„«‘‚–—-/…".contains(before);
        match (before.is_alphanumeric(), after.first()) {
            (true, Some(c)) if c.is_alphanumeric() => Single::Apostrophe,
            (false, Some(_)) if is_clipped(after) => Single::Apostrophe,
            (_, Some(c)) if opens && !c.is_whitespace() => Single::Opens,
            _ => Single::Closes,
        }
    }
}

/// Words that Dutch writes without their beginning.
const CLIPPED: [&str; 10] = ["t", "s", "n", "k", "m", "r", "em", "er", "ie", "ns"];

/// Whether a text starts with a year (`90`) or a word that lost its beginning; not where it alone stands in quotes.
fn is_clipped(text: &[char]) -> bool {
    let word: String = text.iter().take_while(|c| c.is_alphanumeric()).take(4).collect::<String>().to_lowercase();
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let length = if digits == 2 { 2 } else { word.chars().count() };
    let is_quoted =
        matches!(text.get(length), Some('‘' | '’')) && !text.get(length + 1).is_some_and(|c| c.is_alphanumeric());
    (digits == 2 || CLIPPED.contains(&&*word)) && !is_quoted
}

/// Outer quotes and inner quotes of a language.
fn quotes_of(language: &str) -> [&'static str; 4] {
    match language.split('-').next().unwrap_or_default() {
        "en" => ["‘", "’", "“", "”"],
        "de" => ["„", "“", "‚", "‘"],
        "fr" => ["«\u{A0}", "\u{A0}»", "“", "”"],
        _ => ["“", "”", "‘", "’"],
    }
}
