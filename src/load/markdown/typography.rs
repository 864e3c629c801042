//! Quotes and apostrophes as each language sets them, after the parser's smart punctuation.

/// The quotes of one inline text, seen as one string although markup may cut it into runs.
///
/// The parser turns `"` into “ ” and `'` into ‘ ’. Two things remain: an opening quote that is an
/// apostrophe in Dutch (`'s ochtends`, `in 't huis`, `'90`), and languages that set other quotes.
pub fn set(language: &str, runs: &mut [String]) {
    let mut letters: Vec<Vec<char>> = runs.iter().map(|run| run.chars().collect()).collect();
    let order: Vec<(usize, usize)> =
        letters.iter().enumerate().flat_map(|(run, chars)| (0..chars.len()).map(move |at| (run, at))).collect();
    let char_at = |letters: &Vec<Vec<char>>, index: usize| order.get(index).map(|&(run, at)| letters[run][at]);

    for (index, &(run, at)) in order.iter().enumerate() {
        if char_at(&letters, index) == Some('‘') && is_apostrophe(|ahead| char_at(&letters, index + ahead)) {
            letters[run][at] = '’';
        }
    }
    let quotes = quotes_of(language);
    if quotes != ["“", "”", "‘", "’"] {
        let mut open = Vec::new();
        let mut changes: Vec<(usize, &str)> = Vec::new();
        for index in 0..order.len() {
            match char_at(&letters, index) {
                Some('“') => changes.push((index, quotes[0])),
                Some('”') => changes.push((index, quotes[1])),
                Some('‘') => open.push(index),
                Some('’') => {
                    let inside_word = index
                        .checked_sub(1)
                        .and_then(|before| char_at(&letters, before))
                        .is_some_and(char::is_alphanumeric)
                        && char_at(&letters, index + 1).is_some_and(char::is_alphanumeric);
                    if !inside_word && let Some(start) = open.pop() {
                        changes.push((start, quotes[2]));
                        changes.push((index, quotes[3]));
                    }
                }
                _ => {}
            }
        }
        let mut texts: Vec<Vec<String>> =
            letters.iter().map(|chars| chars.iter().map(|c| c.to_string()).collect()).collect();
        for (index, quote) in changes {
            let (run, at) = order[index];
            texts[run][at] = quote.to_owned();
        }
        for (run, text) in runs.iter_mut().zip(texts) {
            *run = text.concat();
        }
        return;
    }
    for (run, chars) in runs.iter_mut().zip(letters) {
        *run = chars.into_iter().collect();
    }
}

/// Whether the characters after an opening single quote make it an apostrophe: a year (`'90`), or
/// one of the clipped Dutch words `'t 's 'n 'k 'm 'r` and `'ns`.
fn is_apostrophe(ahead: impl Fn(usize) -> Option<char>) -> bool {
    let ends = |at: usize| !ahead(at).is_some_and(char::is_alphanumeric);
    match ahead(1).map(|c| c.to_ascii_lowercase()) {
        Some('0'..='9') => ahead(2).is_some_and(|c| c.is_ascii_digit()) && ends(3) && ahead(3) != Some('’'),
        Some('t' | 's' | 'n' | 'k' | 'm' | 'r') => ends(2) && ahead(2) != Some('’'),
        _ => false,
    }
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
