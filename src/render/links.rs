//! Where the links and images of a page lead in an edition.

use crate::book::{Address, Hole, Kind, Link, Links, Page, Pieces, Placeholder, Scalar, Target, Written};
use crate::render::assets;
use crate::render::content::{Among, Filling};
use crate::render::glossary;
use crate::render::html::in_url;
use crate::render::print;
use crate::render::values::Shown;

impl Filling<'_> {
    /// Where an image is published.
    pub(super) fn source(&self, link: &Link) -> Option<String> {
        match &link.target {
            Target::File { path, suffix, .. } => {
                let files = &self.view.edition.handbook.files;
                let path = self.view.edition.file(path)?;
                let asset = files.assets.get(path.as_str())?;
                Some(format!("{}{}{suffix}", self.top, assets::published_asset(asset)))
            }
            Target::External(url) => Some(url.text.clone()),
            Target::Page { .. } | Target::Here(_) | Target::Term(_) => None,
        }
    }

    /// The address of a link in this edition; nothing where its words stand alone.
    pub(super) fn href(&self, link: &Link) -> Option<String> {
        match &*self.view.edition.target(&link.target, self.view.at) {
            Target::Here(anchor) => {
                if anchor.is_empty() && self.among == Among::All {
                    return Some(format!("#{}", in_url(&self.page.id)));
                }
                if anchor.is_empty() || self.page.has_anchor(anchor) {
                    return Some(format!("#{anchor}"));
                }
                self.redirected(&Address { page: self.page.id.clone(), section: Some((&**anchor).into()) })
            }
            Target::Page { path, anchor } => {
                let edition = self.view.edition;
                let anchor = anchor.as_deref().filter(|anchor| !anchor.is_empty());
                let Some(id) = edition.canonical(path) else {
                    let page = edition.handbook.aliases.get(path).map_or(&**path, |page| page);
                    return self.redirected(&Address { page: page.into(), section: anchor.map(Into::into) });
                };
                let page = edition.page_at(&id, self.view.at)?;
                match anchor {
                    Some(anchor) if !edition.shares(&id) && !page.has_anchor(anchor) => {
                        self.redirected(&Address { page: id, section: Some(anchor.into()) })
                    }
                    _ => Some(self.to(page, anchor)),
                }
            }
            Target::File { path, suffix, output } => self.file(path, suffix, output.as_ref()),
            Target::External(url) => self.external(url),
            Target::Term(id) => glossary::address(self.view, id, self.root, self.among),
        }
    }

    fn redirected(&self, address: &Address) -> Option<String> {
        match self.view.edition.redirect(address)? {
            Links::Text => None,
            Links::To(target) => {
                let id = self.view.edition.canonical(&target.page)?;
                let page = self.view.edition.page_at(&id, self.view.at)?;
                Some(self.to(page, target.section.as_deref()))
            }
        }
    }

    /// The address of a page, and of an anchor on it.
    pub fn to(&self, page: &Page, anchor: Option<&str>) -> String {
        let here = self.among == Among::All && self.view.edition.outline.position(&page.id).is_some();
        match anchor {
            Some(anchor) if page.id == self.page.id => format!("#{anchor}"),
            Some(anchor) if here => format!("#{}", print::id(&in_url(&page.id), anchor)),
            None if here => format!("#{}", in_url(&page.id)),
            Some(anchor) => format!("{}{}#{anchor}", self.root, page.output),
            None => format!("{}{}", self.root, page.output),
        }
    }

    fn file(&self, path: &str, suffix: &str, output: Option<&Written>) -> Option<String> {
        let edition = self.view.edition;
        let config = &edition.handbook.config;
        if let Some(found) = edition.file(path) {
            let asset = edition.handbook.files.assets.get(found.as_str())?;
            // A copied file lies once, with the base; a layer's file is an asset.
            let copied = assets::copied(&found, config).map(|output| in_url(&output));
            let output = copied.unwrap_or_else(|| assets::published_asset(asset));
            return Some(format!("{}{output}{suffix}", self.top));
        }
        // A generated page.
        output.map(|output| format!("{}{}{suffix}", self.root, output.path))
    }

    /// An address with parameters in it; nothing while one of them has no value.
    fn external(&self, url: &Pieces) -> Option<String> {
        let mut out = String::new();
        for (text, hole) in url.iter() {
            out.push_str(text);
            if let Some(Hole::Value(placeholder)) = hole {
                // An e-mail address alone is an address to write to.
                if url.text.is_empty() && self.is_email(placeholder) {
                    out.push_str("mailto:");
                }
                match self.view.shown(placeholder) {
                    Shown::Text(text) => out.push_str(&text),
                    Shown::Blank(_) => return None,
                }
            }
        }
        Some(out)
    }

    fn is_email(&self, placeholder: &Placeholder) -> bool {
        let field = self.view.edition.handbook.declarations.parameter(&placeholder.name);
        field.is_some_and(|field| matches!(field.kind, Kind::Scalar(Scalar::Email)))
    }
}
