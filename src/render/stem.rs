//! Words → the stem that their forms share. The one home of the stemmers.
//!
//! Only the build knows stems: a page gets the groups of words, so that no second stemmer has to
//! agree with this one.

use std::borrow::Cow;

use frostem::{Algorithm, Stemmer};

/// The stemmer of a language; of a language without one every word is its own stem.
pub struct Stems {
    stemmer: Option<Stemmer>,
    dutch: bool,
}

/// Words that a question is made of and no text is about. They find nothing where others do.
const DUTCH: &str = "aan al als bij dan dat de deze die dit doe doen door dus een en er geen had heb hebben heeft het \
                     hier hij hoe hun ik in is ja jij je jou jouw kan kun kunnen maar mag me men met mij mijn moet \
                     moeten na naar nee niet nog nu of om ons onze ook op over staan staat te tot uit van veel voor \
                     waar waarom wanneer was wat we welk welke wel wie wiens wij wil worden wordt zal ze zelf zich zij \
                     zijn zo zou zullen";
const ENGLISH: &str = "about all also am an and any are as at be been but by can could did do does for from had has have \
                       he her here his how if in into is it its may me must my no not of on or our she should so some \
                       than that the their them then there these they this to us was we were what when where which who \
                       whom whose why will with would yes you your";

/// The words of a language that find nothing where others do.
pub fn common(language: &str) -> &'static str {
    match language.split('-').next() {
        Some("nl") => DUTCH,
        Some("en") => ENGLISH,
        _ => "",
    }
}

/// Dutch words whose `ge` belongs to the word: Kraaij-Pohlmann takes it for the prefix of a participle.
const WHOLE: [&str; 6] = ["begeleid", "gebruik", "gegeven", "gemeente", "gesprek", "gevolg"];

impl Stems {
    /// The stems of a language: `nl`, `en-GB`.
    pub fn of(language: &str) -> Stems {
        let algorithm = match language.split('-').next() {
            Some("nl") => Some(Algorithm::Dutch),
            Some("en") => Some(Algorithm::English),
            _ => None,
        };
        Stems { stemmer: algorithm.map(Stemmer::new), dutch: algorithm == Some(Algorithm::Dutch) }
    }

    /// The stem of a word in lower case.
    pub fn stem(&self, word: &str) -> String {
        let Some(stemmer) = &self.stemmer else { return word.to_owned() };
        let word = if self.dutch { singular(word) } else { Cow::Borrowed(word) };
        let word = &*word;
        let plain: Cow<'_, str> = stemmer.stem(word);
        if !self.dutch || !word.contains("ge") {
            return plain.into_owned();
        }
        // Its end may change, `huis` and `huizen`; its beginning may not.
        let start: String = plain.chars().take(plain.chars().count().saturating_sub(2).max(2)).collect();
        let kept = word.starts_with(&start) || word.strip_prefix("ge").is_some_and(|rest| rest.starts_with(&start));
        if kept && !WHOLE.iter().any(|whole| word.contains(whole)) {
            return plain.into_owned();
        }
        // A `gy` is no prefix, and its word has the suffixes of any other.
        stemmer.stem(&word.replacen("ge", "gy", 1)).into_owned()
    }
}

/// Dutch forms that the stemmer takes apart wrongly, as it does right: `woorden` is no past tense of
/// `woor`, and `antwoordt` and `evalueert` are no words of their own.
fn singular(word: &str) -> Cow<'_, str> {
    let stem = if let Some(noun) = word.strip_suffix("en").filter(|noun| noun.ends_with("rd") || noun.ends_with("ld")) {
        noun
    } else if let Some(verb) = word.strip_suffix('t').filter(|verb| verb.ends_with('d') || verb.ends_with("eer")) {
        verb
    } else if let Some(verb) =
        ["u", "is", "ic"].iter().find_map(|end| word.strip_suffix("eren").filter(|verb| verb.ends_with(end)))
    {
        return Cow::Owned(format!("{verb}eer"));
    } else {
        word
    };
    Cow::Borrowed(stem)
}

#[cfg(test)]
mod tests {
    use super::Stems;

    #[test]
    fn forms_of_a_word_share_a_stem_and_different_words_do_not() {
        let dutch = Stems::of("nl");
        for (one, other) in [
            ("bericht", "berichten"),
            ("bedrijf", "bedrijven"),
            ("huis", "huizen"),
            ("gewerkt", "werken"),
            ("begeleider", "begeleiders"),
            ("gemeente", "gemeenten"),
            ("gesprek", "gesprekken"),
            ("wachtwoord", "wachtwoorden"),
            ("voorbeeld", "voorbeelden"),
            ("antwoordt", "antwoorden"),
            ("evaluatie", "evalueren"),
            ("evalueert", "evalueren"),
            ("publicatie", "publiceren"),
            ("organisatie", "organiseren"),
        ] {
            assert_eq!(dutch.stem(one), dutch.stem(other), "{one} {other}");
        }
        for (one, other) in
            [("begeleiding", "beleid"), ("gemeente", "menen"), ("stagevergoeding", "stavergoed"), ("gegevens", "geven")]
        {
            assert_ne!(dutch.stem(one), dutch.stem(other), "{one} {other}");
        }
        assert_eq!(Stems::of("en").stem("approval"), Stems::of("en").stem("approve"));
        assert_eq!(Stems::of("fy").stem("bericht"), "bericht");
    }
}
