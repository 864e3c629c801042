//! A page in one language of the handbook: its own text, with the default language's where it has none.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::book::fingerprint::{fingerprint, whole};
use crate::book::{Digest, DigestWriter, Heading, Language, Page, Pieces, Section, SectionId};
use crate::diagnostic::{Code, Findings, Place, did_you_mean};
use crate::load::outline::title_of;
use crate::load::page::Facts;
use crate::memo::Key;

/// A page in the default language and in another, and what the other pages decide about it.
pub struct Translation {
    /// The page in the default language: it decides the sections.
    pub default: Arc<Page>,
    /// The page in `language`, where there is one.
    pub own: Option<Arc<Page>>,
    /// The language to show it in.
    pub language: Language,
    /// What SUMMARY.md calls it.
    pub title: Option<Arc<str>>,
}

/// A page as the edition's language shows it.
pub struct Translated {
    /// The page.
    pub page: Arc<Page>,
    /// What is asked of it in every round.
    pub facts: Arc<Facts>,
    /// What is missing.
    pub findings: Findings,
}

/// The digest of a [`Translation`], which need not be made for it. Where it is written follows from the pages.
pub fn digest(default: Digest, own: Option<Digest>, language: &Language, title: Option<&str>) -> Digest {
    let digest = DigestWriter::new().with(default).with(own.unwrap_or(Digest([0; 32]))).with(&**language);
    digest.with(title.unwrap_or_default()).with([u8::from(title.is_some())]).finish()
}

impl Key for Translation {
    type Value = Translated;

    fn digest(&self) -> Digest {
        digest(self.default.digest, self.own.as_ref().map(|own| own.digest), &self.language, self.title.as_deref())
    }

    fn compute(&self) -> Translated {
        let mut findings = Findings::new();
        let mut page = match &self.own {
            Some(own) if own.language == self.default.language => Page::clone(own),
            Some(own) => merged(own, &self.default, &mut findings),
            None => {
                let message = format!("this page is not translated into `{}`", self.language);
                findings
                    .report(Code::W206, &Place::new(&self.default.source, 1, 1, 1), message)
                    .hint("its readers see it in the default language, with a notice");
                Page { fallback: true, ..Page::clone(&self.default) }
            }
        };
        page.digest = self.digest();
        page.language = self.language.clone();
        let is_own_named = self.own.as_ref().is_some_and(|own| own.is_named());
        if let Some(title) = self.title.as_deref().filter(|_| !is_own_named) {
            page.name = Pieces::fixed(title.to_owned());
            if !page.fallback {
                page.heading = Heading::plain(&page.name, &self.language);
            }
        }
        if page.name.is_empty() {
            page.name = Pieces::fixed(title_of(&page.id));
        }
        if page.heading.html.is_empty() {
            let language = page.heading.language.clone();
            page.heading = Heading::plain(&page.name, &language);
        }
        let facts = Arc::new(Facts::of(&page));
        Translated { page: Arc::new(page), facts, findings }
    }
}

/// Marks translations whose source has changed since they were accepted (W211); the first page is the source.
pub fn judged(mut pages: Vec<Arc<Page>>, findings: &mut Findings) -> Vec<Arc<Page>> {
    let Some(source) = pages.first().cloned() else { return pages };
    if let Some((_, place)) = &source.accepted {
        let message = "`accepted` changes nothing: this page is in the default language, and translates none";
        findings.report(Code::W204, place, message).hint("remove it");
    }
    for page in pages.iter_mut().skip(1).filter(|page| !page.fallback) {
        let Some((accepted, place)) = &page.accepted else { continue };
        let now = fingerprint(whole(&source));
        if **accepted != *now {
            let (language, id) = (&page.language, &page.id);
            let message =
                format!("{} has changed since this translation (accepted {accepted}, now {now})", source.source);
            findings
                .report(Code::W211, place, message)
                .hint(format!("compare: leidraad diff {language} {id}"))
                .hint(format!("still right? leidraad accept {language} {id}"));
            let page = Arc::make_mut(page);
            page.behind = true;
            page.digest = DigestWriter::new().with(page.digest).with("behind").finish();
        }
    }
    pages
}

/// The translation's texts in the default page's structure.
pub fn merged(own: &Page, default: &Page, findings: &mut Findings) -> Page {
    let by_id = |page: &Page| -> BTreeMap<SectionId, Arc<Section>> {
        page.all_sections().map(|section| (section.id.clone(), Arc::clone(section))).collect()
    };
    let (texts, known) = (by_id(own), by_id(default));
    for (id, section) in &texts {
        if !known.contains_key(id) {
            let hint = did_you_mean(id, known.keys().map(|id| &**id));
            findings
                .report(Code::E103, &section.place, format!("the section `{id}` is not in {}", default.source))
                .hint(hint.unwrap_or_else(|| "a translation has the sections of the default language".into()));
        }
    }
    let sections = default.sections.iter().map(|section| merged_section(section, &texts, own, findings)).collect();
    Page {
        heading: if own.heading.html.is_empty() { default.heading.clone() } else { own.heading.clone() },
        name: if own.name.is_empty() { default.name.clone() } else { own.name.clone() },
        description: own.description.clone().or_else(|| default.description.clone()),
        opening: match own.opening.is_empty() && !default.opening.is_empty() {
            true => {
                untranslated("the text below the title", (&default.source, 1), own, findings);
                default.opening.clone()
            }
            false => own.opening.clone(),
        },
        unaddressed: own.unaddressed.clone(),
        sections,
        shown: default.shown.clone(),
        lock: default.lock,
        audience: if own.audience.is_empty() { default.audience.clone() } else { own.audience.clone() },
        updated: own.updated.clone().or_else(|| default.updated.clone()),
        draft: own.draft || default.draft,
        contents: own.contents && default.contents,
        ..Page::clone(own)
    }
}

fn merged_section(
    default: &Arc<Section>,
    texts: &BTreeMap<SectionId, Arc<Section>>,
    own: &Page,
    findings: &mut Findings,
) -> Arc<Section> {
    let children = default.sections.iter().map(|child| merged_section(child, texts, own, findings)).collect();
    match texts.get(&default.id) {
        Some(text) => Arc::new(Section {
            own: match text.own.is_empty() && !default.own.is_empty() {
                true => {
                    let what = format!("the text of the section `{}`", default.id);
                    untranslated(&what, (&default.place.path, default.place.line), own, findings);
                    default.own.clone()
                }
                false => text.own.clone(),
            },
            sections: children,
            aliases: default.aliases.clone(),
            level: default.level,
            shown: default.shown.clone(),
            lock: default.lock,
            ..Section::clone(text)
        }),
        None => {
            let what = format!("the section `{}`", default.id);
            untranslated(&what, (&default.place.path, default.place.line), own, findings);
            Arc::new(Section { sections: children, ..Section::clone(default) })
        }
    }
}

/// W206, with the file and line of what is to be translated.
fn untranslated(what: &str, (path, line): (&str, u32), own: &Page, findings: &mut Findings) {
    findings
        .report(
            Code::W206,
            &Place::new(&own.source, 1, 1, 1),
            format!("{what} is not translated into `{}`", own.language),
        )
        .hint(format!("its text is in {path} on line {line}"));
}
