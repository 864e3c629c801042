//! One edition after another from one handbook; what they all need is prepared once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use crate::book::{
    Address, Edition, EditionId, EditionPage, Handbook, Language, Layer, LayerId, Links, Logo, PageId, PerLanguage,
    Placement, Redirect, SectionId, Values,
};
use crate::diagnostic::{Checked, Code, Findings, Place, any_error};
use crate::memo::Memo;
use crate::overlay::drift::Pinned;
use crate::overlay::edition_links;
use crate::overlay::links::BaseLinks;
use crate::overlay::realise::Realiser;
use crate::overlay::state::{Effect, Origin, Record, State};
use crate::overlay::unfilled::{self, Uses};
use crate::overlay::{apply, base_pages, chain, contrast, order, parameters, placeholders, provenance, rules};

/// A handbook made ready for its editions.
pub struct Overlay {
    handbook: Arc<Handbook>,
    /// Pages of which something depends on a condition.
    conditional: Vec<PageId>,
    links: OnceLock<BaseLinks>,
    uses: OnceLock<Uses>,
}

impl Overlay {
    /// Prepares a handbook.
    pub fn new(handbook: Arc<Handbook>) -> Overlay {
        let conditional =
            handbook.pages.iter().filter(|(_, page)| page.conditional).map(|(id, _)| id.clone()).collect();
        Overlay { handbook, conditional, links: OnceLock::new(), uses: OnceLock::new() }
    }

    /// The handbook.
    pub fn handbook(&self) -> &Arc<Handbook> {
        &self.handbook
    }

    /// The base edition, and what is wrong with the base itself: its links, placeholders and conditions.
    pub fn base(&self, memo: &Memo) -> Checked<Arc<Edition>> {
        let mut findings = Findings::new();
        let mut state = State::new(&self.handbook, &[]);
        let values = parameters::values(&mut state, &mut findings);
        let edition = Arc::new(self.assemble(EditionId::Base, &state, values));
        base_pages::check(&edition, memo, &mut findings);
        let links = || self.links.get_or_init(|| BaseLinks::of(&self.handbook));
        edition_links::check_hidden(&edition, links, &mut findings);
        Checked { value: edition, findings }
    }

    /// The layers that have an edition of their own.
    pub fn organisations(&self) -> impl Iterator<Item = &LayerId> {
        self.handbook.layers.iter().filter(|(_, layer)| !layer.is_abstract).map(|(id, _)| id)
    }

    /// The edition of a layer, and what is wrong with it. Nothing when the chain has no beginning.
    /// A layer without an edition of its own is judged the same way.
    pub fn edition(&self, id: &LayerId, base: &Edition) -> Checked<Option<Edition>> {
        let mut findings = Findings::new();
        let Some(chain) = chain::chain(&self.handbook.layers, id, &mut findings) else {
            return Checked { value: None, findings };
        };
        let mut state = State::new(&self.handbook, &chain);
        let values = parameters::values(&mut state, &mut findings);
        for at in 0..chain.len() {
            apply::layer(&mut state, at, &mut findings);
            record_settings(&mut state, at);
        }
        let layer = &chain[chain.len() - 1];
        if !layer.is_abstract {
            parameters::required(&self.handbook, &chain, &values, &mut findings);
            rules::check(&self.handbook.declarations, layer, &values, &mut findings);
        }
        rules::check_placements(&self.handbook.declarations, layer, &values, &mut findings);
        contrast::check(layer, &mut findings);
        placeholders::check_layer(layer, &self.handbook.declarations, &mut findings);
        let edition = self.assemble(EditionId::Organisation(id.clone()), &state, values);
        untranslated(&state, layer, &edition, &mut findings);
        parameters::untranslated(layer, &edition.languages, &mut findings);
        if !layer.is_abstract {
            unfilled::check(&edition, || self.uses.get_or_init(|| Uses::of(&self.handbook)), &mut findings);
        }
        let is_empty = edition.outline.pages().next().is_none() && !self.handbook.pages.is_empty();
        // Where something else is wrong, what is left is no news.
        if is_empty && !any_error(&findings) {
            let removal = state.records.iter().rev().find(|record| record.op == "remove");
            let place = removal.map_or_else(|| Place::file(&layer.path), |record| record.place.clone());
            let message = format!("the edition `{id}` would have no page left");
            findings.report(Code::E107, &place, message).hint("keep a page, or set `abstract: true`");
        }
        let links = || self.links.get_or_init(|| BaseLinks::of(&self.handbook));
        edition_links::check_edition(&state, &edition, base, links, &mut findings);
        collisions(&state, &edition, &mut findings);
        // What seems wrong because a file was not understood is no news: its own finding says what to do.
        if chain::is_unsure(&chain) {
            findings.clear();
        }
        Checked { value: Some(edition), findings }
    }

    /// What every operation of a layer hides: the texts that `accepted` stands for.
    pub fn pinned(&self, id: &LayerId) -> Vec<Pinned> {
        let mut findings = Findings::new();
        let Some(chain) = chain::chain(&self.handbook.layers, id, &mut findings) else { return Vec::new() };
        let mut state = State::new(&self.handbook, &chain);
        for at in 0..chain.len() {
            // Outer layers only prepare what this one meets.
            state.pinned = (at + 1 == chain.len()).then(Vec::new);
            apply::layer(&mut state, at, &mut findings);
        }
        let mut pinned = state.pinned.unwrap_or_default();
        pinned.sort_by(|a, b| (&a.place, &a.language).cmp(&(&b.place, &b.language)));
        pinned
    }

    fn assemble(&self, id: EditionId, state: &State<'_>, values: Values) -> Edition {
        let shows = |condition: &crate::book::Condition| parameters::shows(condition, &values, &self.handbook);
        let mut touched: BTreeSet<&PageId> = state.pages.keys().collect();
        touched.extend(&self.conditional);
        let mut pages: BTreeMap<PageId, Option<EditionPage>> = BTreeMap::new();
        let mut hidden = BTreeSet::new();
        for page in touched {
            let languages = &self.handbook.config.languages;
            let realised: Option<EditionPage> = languages
                .iter()
                .enumerate()
                .map(|(at, language)| Realiser { state, language, at, shows: &shows }.page(page))
                .collect();
            let base = self.handbook.pages.get(page);
            let same = realised
                .as_ref()
                .zip(base)
                .is_some_and(|(own, base)| own.iter().zip(&base.languages).all(|(own, base)| Arc::ptr_eq(own, base)));
            if realised.is_none() && state.pages.get(page).is_none_or(|page| page.removed.is_none()) {
                hidden.insert(page.clone());
            }
            if !same {
                pages.insert(page.clone(), realised);
            }
        }
        let layers = state.chain;
        let name = layers.last().map(|layer| layer.name.clone()).unwrap_or_default();
        Edition {
            id,
            chain: layers.to_vec(),
            languages: layers
                .iter()
                .rev()
                .find_map(|layer| layer.languages.clone())
                .unwrap_or_else(|| self.handbook.config.languages.clone()),
            tokens: tokens(&self.handbook, layers),
            logo: logo(layers, &name),
            name,
            outline: order::outline(state, &hidden),
            pages,
            redirects: redirects(state),
            placements: layers.last().map(|layer| published(layer)).unwrap_or_default(),
            provenance: provenance::entries(state, &shows),
            values: Arc::new(values),
            handbook: Arc::clone(&self.handbook),
        }
    }
}

fn tokens(handbook: &Handbook, layers: &[Arc<Layer>]) -> BTreeMap<Arc<str>, Arc<str>> {
    let declared =
        handbook.declarations.tokens.iter().filter_map(|token| Some((Arc::clone(&token.name), token.default.clone()?)));
    let mut tokens: BTreeMap<Arc<str>, Arc<str>> = declared.collect();
    for layer in layers {
        // A dark colour belongs to its accent: another accent has another one, or derives it.
        if layer.tokens.iter().any(|token| &*token.name == "accent") {
            tokens.remove("accent-dark");
        }
        tokens.extend(layer.tokens.iter().map(|token| (Arc::clone(&token.name), Arc::clone(&token.color))));
    }
    tokens
}

fn logo(layers: &[Arc<Layer>], name: &PerLanguage<Arc<str>>) -> Option<Logo> {
    let (path, _) = layers.iter().rev().find_map(|layer| layer.logo.as_ref())?;
    let alt = layers
        .iter()
        .rev()
        .find_map(|layer| layer.logo_alt.as_ref())
        .map_or_else(|| name.clone(), |(alt, _)| alt.clone());
    Some(Logo { path: Arc::clone(path), alt })
}

fn published(layer: &Layer) -> Vec<Placement> {
    layer.placements.iter().filter(|placement| placement.publish).cloned().collect()
}

/// Records for colours, logo and placements: values that a layer sets outside `params:`.
fn record_settings(state: &mut State<'_>, at: usize) {
    let layer = Arc::clone(&state.chain[at]);
    let last = at + 1 == state.chain.len();
    let nearer: Vec<Arc<Layer>> = state.chain[at + 1..].to_vec();
    let mut set = |address: String, place: &Place, overridden: bool| {
        state.record(Record {
            layer: at,
            address,
            op: "set",
            place: place.clone(),
            reason: None,
            effect: if overridden { Effect::Some } else { Effect::Lasting },
            pins: Vec::new(),
        });
    };
    for token in &layer.tokens {
        let overridden = nearer.iter().flat_map(|layer| &layer.tokens).any(|other| other.name == token.name);
        set(format!("theme.{}", token.name), &token.place, overridden);
    }
    if let Some((_, place)) = &layer.logo {
        set("theme.logo".to_owned(), place, nearer.iter().any(|layer| layer.logo.is_some()));
    }
    if let Some((_, place)) = &layer.logo_alt {
        set("theme.logo_alt".to_owned(), place, nearer.iter().any(|layer| layer.logo_alt.is_some()));
    }
    for placement in &layer.placements {
        // Placements are not inherited: in a descendant's edition they play no part.
        set(format!("placements.{}", placement.id), &placement.place, !last);
    }
}

/// Where links to what was removed lead, for every anchor that went with it, in whatever language. What leads to
/// something that a nearer layer removed leads on from there.
fn redirects(state: &State<'_>) -> BTreeMap<Address, Redirect> {
    let mut redirects: BTreeMap<Address, Redirect> = BTreeMap::new();
    let mut pages = Vec::new();
    for (id, page) in &state.pages {
        let languages = || page.origin.pages(state.handbook).into_iter();
        let mut lead = |anchors: Vec<&SectionId>, links: &Links| {
            redirects.extend(anchors.into_iter().map(|anchor| (Address::section(id, anchor), links.clone())));
        };
        if let Some(links) = page.removed.and_then(|removal| removal.links) {
            pages.push((Address::page(id), links.clone()));
        }
        if let Some(links) = page.slot.links {
            lead(languages().flat_map(|page| page.opening.anchors()).collect(), links);
        }
        for (section, here) in &page.sections {
            let own = || languages().filter_map(|page| page.section(section));
            if let Some(links) = here.slot.links {
                lead(own().flat_map(|section| section.own.anchors()).collect(), links);
            }
            if let Some(links) = page.removed.or(here.removed).and_then(|removal| removal.links) {
                lead(own().flat_map(|section| section.own.anchors()).collect(), links);
                lead(own().flat_map(|section| &section.aliases).chain([section]).collect(), links);
            }
        }
    }
    redirects.extend(pages);
    redirects.iter().map(|(from, links)| (from.clone(), last(from, links, &redirects))).collect()
}

/// Where a redirect ends that may lead to the next; a round ends where it began.
fn last(from: &Address, links: &Redirect, redirects: &BTreeMap<Address, Redirect>) -> Redirect {
    let mut seen = BTreeSet::from([from]);
    let mut links = links;
    while let Links::To(address) = links
        && seen.insert(address)
        && let Some(next) = redirects.get(address)
    {
        links = next;
    }
    links.clone()
}

/// W206 for the layer's texts and titles that lack a language of its edition.
fn untranslated(state: &State<'_>, layer: &Layer, edition: &Edition, findings: &mut Findings) {
    let mut check = |given: Vec<&Language>, what: &str, place: &Place| {
        let own = given.first().map(|language| format!(" is in `{language}` and")).unwrap_or_default();
        for language in edition.languages.iter().filter(|language| !given.contains(language)) {
            findings
                .report(Code::W206, place, format!("{what}{own} is not translated into `{language}`"))
                .hint("write it per language, {nl: …, en: …}; until then readers see it as it is, with a notice");
        }
    };
    let places: BTreeSet<&Place> = state.records.iter().map(|record| &record.place).collect();
    for change in &layer.changes {
        let applied = |operation: &&crate::book::Operation| places.contains(&operation.place);
        // What was refused shows nowhere, in no language.
        for operation in change.operations.iter().filter(applied) {
            use crate::book::OperationKind as Kind;
            let given = match &operation.kind {
                Kind::Replace(texts) | Kind::Prepend(texts) | Kind::Append(texts) => {
                    texts.texts.iter().map(|text| &text.language).collect()
                }
                Kind::Title(title) | Kind::Description(title) => title.iter().map(|(language, _)| language).collect(),
                Kind::Remove(_) | Kind::Lock(_) | Kind::Move(_) => continue,
            };
            check(given, &format!("this {} of `{}`", operation.kind.as_str(), change.address), &operation.place);
        }
    }
    for insert in &layer.inserts {
        let given: Vec<&Language> = match &insert.body {
            crate::book::InsertBody::Text(texts) => texts.texts.iter().map(|text| &text.language).collect(),
            crate::book::InsertBody::Pages(pages) => pages.keys().collect(),
        };
        let titles: Vec<&Language> = insert.title.iter().map(|(language, _)| language).collect();
        // A page's own file names it.
        if !titles.is_empty() && given != titles {
            check(titles, &format!("the title of `{}`", insert.address), &insert.place);
        }
        check(given, &format!("`{}`", insert.address), &insert.place);
    }
}

/// Pages that layers add must not be written where another page is (E204).
fn collisions(state: &State<'_>, edition: &Edition, findings: &mut Findings) {
    let inserted = || {
        state.pages.iter().filter_map(|(id, page)| match page.origin {
            Origin::Insert(_, insert) => Some((id, insert, edition.pages.get(id)?.as_ref()?)),
            Origin::Base(_) => None,
        })
    };
    let mut taken: HashMap<(usize, String), Vec<&PageId>> = HashMap::new();
    for (id, _, own) in inserted() {
        for (at, own) in own.iter().enumerate() {
            taken.entry((at, own.output.to_lowercase())).or_default().push(id);
        }
    }
    for (id, insert, own) in inserted() {
        for (at, own) in own.iter().enumerate() {
            let output = own.output.to_lowercase();
            let base = edition.handbook.outputs.get(at).and_then(|pages| pages.get(&output));
            let others = taken.get(&(at, output)).into_iter().flatten().copied().chain(base);
            let shown = |other: &PageId| edition.outline.position(other).is_some();
            let clash =
                others.filter(|other| *other != id && shown(other)).find_map(|other| edition.page_at(other, at));
            if let Some(clash) = clash {
                let message = format!("`{id}` and {} would both be written to `{}`", clash.source, own.output);
                findings.report(Code::E204, &insert.place, message).hint("choose another address");
            }
        }
    }
}
