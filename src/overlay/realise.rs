//! The state → pages: what an edition shows at each address that was touched.
//!
//! A section that nobody touched is the very same `Arc` as the base's.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::book::{
    Condition, Deviation, Heading, How, Insert, InsertBody, Language, Own, Page, PageId, Part, Section, SectionId,
    Texts, Title, with_below,
};
use crate::overlay::state::{Given, Origin, PageState, SectionState, Slot, State};

/// Puts pages together from a state, in one language.
pub struct Realiser<'s, 'h> {
    /// The state.
    pub state: &'s State<'h>,
    /// The language.
    pub language: &'s Language,
    /// Its index among the handbook's languages.
    pub at: usize,
    /// Whether something with a condition is shown.
    pub shows: &'s dyn Fn(&Condition) -> bool,
}

/// The sections of a page in one language, by id.
type Texted = BTreeMap<SectionId, Arc<Section>>;

impl<'h> Realiser<'_, 'h> {
    /// A page; nothing where the edition does not show it.
    pub fn page(&self, id: &PageId) -> Option<Arc<Page>> {
        let Some(state) = self.state.pages.get(id) else {
            // Never touched: only its conditions can matter.
            let base = self.state.handbook.pages.get(id)?.languages.get(self.at)?;
            let state = PageState::new(Origin::Base(self.state.handbook.pages.get(id)?.languages.first()?));
            return self.put_together(&state, base);
        };
        if state.removed.is_some() {
            return None;
        }
        match state.origin {
            Origin::Base(_) => self.put_together(state, self.state.handbook.pages.get(id)?.languages.get(self.at)?),
            Origin::Insert(layer, insert) => self.put_together(state, &self.inserted_page(layer, insert)?),
        }
    }

    /// One section of a page that was touched, without putting the page together.
    pub fn section_of(&self, id: &PageId, section: &SectionId) -> Option<Arc<Section>> {
        let page = self.state.pages.get(id).filter(|page| page.removed.is_none())?;
        let base = match page.origin {
            Origin::Base(_) => Arc::clone(self.state.handbook.pages.get(id)?.languages.get(self.at)?),
            Origin::Insert(layer, insert) => self.inserted_page(layer, insert)?,
        };
        let texts = with_below(base.section(section)).map(|section| (section.id.clone(), Arc::clone(section)));
        self.section(page, section, page.sections.get(section)?, &texts.collect())
    }

    fn put_together(&self, state: &PageState<'h>, base: &Arc<Page>) -> Option<Arc<Page>> {
        if base.shown.as_ref().is_some_and(|condition| !(self.shows)(condition)) {
            return None;
        }
        let texts: Texted = base.all_sections().map(|section| (section.id.clone(), Arc::clone(section))).collect();
        let sections = self.children(state, None, &base.sections, &texts);
        let same_sections = sections.len() == base.sections.len()
            && sections.iter().zip(&base.sections).all(|(a, b)| Arc::ptr_eq(a, b));
        let same_lock = state.lock == base.lock;
        if same_sections && same_lock && state.slot.is_empty() && state.title.is_none() && state.description.is_none() {
            return Some(Arc::clone(base));
        }
        let mut page = Page::clone(base);
        page.sections = sections;
        page.lock = state.lock;
        page.opening = self.own(&state.slot, &base.opening);
        if let Some(title) = &state.title {
            page.heading = self.heading(title);
            page.name = page.heading.text.clone();
        }
        if let Some(description) = &state.description {
            page.description = in_language(description.value, self.language).map(|(_, text)| text.clone());
        }
        Some(Arc::new(page))
    }

    /// The sections directly below a section or a page, in order.
    fn children(
        &self,
        page: &PageState<'h>,
        parent: Option<&SectionId>,
        base: &[Arc<Section>],
        texts: &Texted,
    ) -> Vec<Arc<Section>> {
        let around = match parent {
            None => Some(&page.inside),
            Some(parent) => page.sections.get(parent).map(|section| &section.around),
        };
        let first = around.into_iter().flat_map(|around| around.first.iter().cloned());
        let last = around.into_iter().flat_map(|around| around.last.iter().cloned());
        let ids = first.chain(base.iter().map(|section| section.id.clone())).chain(last);
        // Inserts may be chained to inserts without end, so this does not recurse.
        let mut waiting: Vec<(SectionId, bool)> = ids.map(|id| (id, false)).collect();
        waiting.reverse();
        let mut sections = Vec::new();
        while let Some((id, expanded)) = waiting.pop() {
            let Some(section) = page.sections.get(&id) else { continue };
            if expanded {
                sections.extend(self.section(page, &id, section, texts));
                continue;
            }
            waiting.extend(section.around.after.iter().rev().map(|id| (id.clone(), false)));
            waiting.push((id.clone(), true));
            waiting.extend(section.around.before.iter().rev().map(|id| (id.clone(), false)));
        }
        sections
    }

    /// A section with all below it; nothing where it is removed or its condition does not hold.
    pub fn section(
        &self,
        page: &PageState<'h>,
        id: &SectionId,
        state: &SectionState<'h>,
        texts: &Texted,
    ) -> Option<Arc<Section>> {
        if state.removed.is_some() {
            return None;
        }
        if let Some((layer, insert)) = state.insert {
            let mut section = self.inserted_section(layer, insert, id, state)?;
            section.sections = self.children(page, Some(id), &[], texts);
            return Some(Arc::new(section));
        }
        let base = texts.get(id).or(state.base.as_ref())?;
        if base.shown.as_ref().is_some_and(|condition| !(self.shows)(condition)) {
            return None;
        }
        let sections = self.children(page, Some(id), &base.sections, texts);
        let same = sections.len() == base.sections.len()
            && sections.iter().zip(&base.sections).all(|(a, b)| Arc::ptr_eq(a, b));
        if same && state.lock == base.lock && state.slot.is_empty() && state.title.is_none() {
            return Some(Arc::clone(base));
        }
        let mut section = Section::clone(base);
        section.sections = sections;
        section.lock = state.lock;
        section.own = self.own(&state.slot, &base.own);
        if let Some(title) = &state.title {
            section.heading = self.heading(title);
        }
        Some(Arc::new(section))
    }

    /// nearer.prepend, outer.prepend, text, outer.append, nearer.append (spec §5).
    fn own(&self, slot: &Slot<'h>, base: &Own) -> Own {
        if slot.is_empty() {
            return base.clone();
        }
        let part = |given: &Given<&'h Texts>| {
            let text = given.value.get(self.language)?;
            Some(Part {
                fragment: Arc::clone(&text.fragment),
                language: text.language.clone(),
                layer: Some(self.state.chain[given.layer].id.clone()),
            })
        };
        let mut parts: Vec<Part> = slot.prepended.iter().rev().filter_map(part).collect();
        match &slot.text {
            Some(text) => parts.extend(part(text)),
            None => parts.extend(base.parts.iter().cloned()),
        }
        parts.extend(slot.appended.iter().filter_map(part));
        // Whose text it is: who replaced it or put it there; who added to it, where the base's own still stands.
        let nearest = match (&slot.text, &base.deviation) {
            (Some(text), _) => Some(text),
            (None, Some(_)) => None,
            (None, None) => slot.prepended.iter().chain(&slot.appended).max_by_key(|given| (given.layer, given.record)),
        };
        let deviation = nearest.map(|given| {
            let record = self.state.records.get(given.record);
            Deviation {
                layer: self.state.chain[given.layer].id.clone(),
                how: if slot.text.is_some() { How::Replace } else { How::Extend },
                reason: record.and_then(|record| record.reason.clone()),
                stale: record.is_some_and(|record| record.pins.iter().any(|pin| pin.stale)),
            }
        });
        Own { parts, deviation: deviation.or_else(|| base.deviation.clone()) }
    }

    fn heading(&self, title: &Given<&'h Title>) -> Heading {
        match in_language(title.value, self.language) {
            Some((language, text)) => Heading::plain(text, language),
            None => Heading::plain(&crate::book::Pieces::default(), self.language),
        }
    }

    fn inserted_section(
        &self,
        layer: usize,
        insert: &'h Insert,
        id: &SectionId,
        state: &SectionState<'h>,
    ) -> Option<Section> {
        let InsertBody::Text(texts) = &insert.body else { return None };
        let record = state.title;
        let title = record.map_or_else(
            || in_language(&insert.title, self.language).map(|(language, text)| Heading::plain(text, language)),
            |title| Some(self.heading(&title)),
        )?;
        Some(Section {
            id: id.clone(),
            aliases: Vec::new(),
            level: state.level,
            heading: title,
            classes: Vec::new(),
            own: self.own(&state.slot, &self.inserted_own(layer, insert, texts)),
            sections: Vec::new(),
            shown: None,
            lock: state.lock,
            place: insert.place.clone(),
        })
    }

    fn inserted_own(&self, layer: usize, insert: &Insert, texts: &Texts) -> Own {
        let id = &self.state.chain[layer].id;
        let deviation = Deviation { layer: id.clone(), how: How::Insert, reason: insert.reason.clone(), stale: false };
        let parts = texts
            .get(self.language)
            .map(|text| Part {
                fragment: Arc::clone(&text.fragment),
                language: text.language.clone(),
                layer: Some(id.clone()),
            })
            .into_iter()
            .collect();
        Own { parts, deviation: Some(deviation) }
    }

    /// A page that a layer adds, as it stands there before nearer layers touch it.
    fn inserted_page(&self, layer: usize, insert: &'h Insert) -> Option<Arc<Page>> {
        let id = &insert.address.page;
        let mut page = match &insert.body {
            InsertBody::Pages(pages) => {
                let own = pages.get(self.language);
                let mut page = Page::clone(own.or_else(|| pages.values().next())?);
                page.fallback = own.is_none();
                self.claim_page(&mut page, layer, insert);
                page
            }
            InsertBody::Text(texts) => {
                let (language, title) = in_language(&insert.title, self.language)?;
                let text = texts.get(self.language)?;
                Page {
                    id: id.clone(),
                    language: self.language.clone(),
                    source: Arc::clone(&self.state.chain[layer].path),
                    heading: Heading::plain(title, language),
                    title_id: None,
                    name: title.clone(),
                    description: None,
                    output: format!("{id}.html").into(),
                    opening: self.inserted_own(layer, insert, texts),
                    unaddressed: Own::default(),
                    sections: Vec::new(),
                    shown: None,
                    lock: crate::book::Lock::Open,
                    audience: Vec::new(),
                    updated: None,
                    draft: false,
                    contents: true,
                    fallback: text.language != *self.language,
                    behind: false,
                    accepted: None,
                    place: insert.place.clone(),
                    digest: self.state.chain[layer].digest,
                }
            }
        };
        page.language = self.language.clone();
        // Like every title that a layer gives, it stands for the page's h1 and its name; else both are the file's own.
        if let Some((language, title)) = in_language(&insert.title, self.language) {
            page.name = title.clone();
            page.heading = Heading::plain(title, language);
        }
        Some(Arc::new(page))
    }

    /// Marks every text of a page as the layer's own.
    fn claim_page(&self, page: &mut Page, layer: usize, insert: &Insert) {
        let id = &self.state.chain[layer].id;
        let deviation = Deviation { layer: id.clone(), how: How::Insert, reason: insert.reason.clone(), stale: false };
        let claim = |own: &mut Own| {
            own.deviation = Some(deviation.clone());
            own.parts.iter_mut().for_each(|part| part.layer = Some(id.clone()));
        };
        claim(&mut page.opening);
        claim(&mut page.unaddressed);
        page.sections = page.sections.iter().map(|section| claimed(section, &claim)).collect();
    }
}

fn claimed(section: &Arc<Section>, claim: &dyn Fn(&mut Own)) -> Arc<Section> {
    let mut section = Section::clone(section);
    claim(&mut section.own);
    // Six levels of headings at the most: this recursion is bounded.
    section.sections = section.sections.iter().map(|child| claimed(child, claim)).collect();
    Arc::new(section)
}

/// The title in a language, else the layer's own in another.
pub fn in_language<'t>(title: &'t Title, language: &str) -> Option<(&'t Language, &'t crate::book::Pieces)> {
    title
        .iter()
        .find(|(name, _)| &**name == language)
        .or_else(|| title.first())
        .map(|(language, text)| (language, text))
}
