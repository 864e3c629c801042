//! A template that was run once: fixed text, and gaps that are filled per page.
//!
//! What a template gets for a value that depends on the page is a mark, one noncharacter before and
//! one after its name. Sources hold no noncharacters, so a mark is never anything else.

/// What may stand in a gap. The order is the order of [`Gap::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// From the page to the folder of its edition and language.
    Root,
    /// From the page to the output folder.
    Top,
    /// The page's id.
    Page,
    /// What the core puts into `<head>`.
    Head,
    /// The h1.
    Title,
    /// The navigation.
    Nav,
    /// What is known about the page.
    Meta,
    /// The page's contents.
    Contents,
    /// The text.
    Content,
    /// The pages before and after.
    Neighbours,
    /// An address.
    Href,
    /// Items made before.
    Items,
    /// Items below an item.
    Children,
    /// A text.
    Text,
    /// A label.
    Label,
    /// An id.
    Id,
    /// A reason.
    Reason,
    /// A name.
    Name,
    /// The same page in the language of this index.
    Language(u8),
}

impl Gap {
    const START: char = '\u{FDD4}';
    const END: char = '\u{FDD5}';
    const ALL: [Gap; 18] = [
        Gap::Root,
        Gap::Top,
        Gap::Page,
        Gap::Head,
        Gap::Title,
        Gap::Nav,
        Gap::Meta,
        Gap::Contents,
        Gap::Content,
        Gap::Neighbours,
        Gap::Href,
        Gap::Items,
        Gap::Children,
        Gap::Text,
        Gap::Label,
        Gap::Id,
        Gap::Reason,
        Gap::Name,
    ];

    /// The mark that a template gets in its place.
    pub fn mark(self) -> String {
        let number = match self {
            Gap::Language(at) => Gap::ALL.len() + usize::from(at),
            gap => Gap::ALL.iter().position(|known| *known == gap).unwrap_or(0),
        };
        format!("{}{number}{}", Gap::START, Gap::END)
    }

    fn of(number: &str) -> Option<Gap> {
        let number: usize = number.parse().ok()?;
        Gap::ALL.get(number).copied().or_else(|| Some(Gap::Language(u8::try_from(number - Gap::ALL.len()).ok()?)))
    }
}

/// Fixed text with gaps.
#[derive(Clone, Debug, Default)]
pub struct Stencil {
    parts: Vec<(String, Option<Gap>)>,
}

impl Stencil {
    /// Cuts what a template gave at its marks.
    pub fn cut(rendered: &str) -> Stencil {
        let mut parts = Vec::new();
        let mut rest = rendered;
        while let Some(at) = rest.find(Gap::START) {
            let (before, from) = rest.split_at(at);
            let inner = &from[Gap::START.len_utf8()..];
            let Some(end) = inner.find(Gap::END) else { break };
            parts.push((before.to_owned(), Gap::of(&inner[..end])));
            rest = &inner[end + Gap::END.len_utf8()..];
        }
        parts.push((rest.to_owned(), None));
        Stencil { parts }
    }

    /// Appends the text with every gap filled.
    pub fn fill<'v>(&self, out: &mut String, value: impl Fn(Gap) -> &'v str) {
        self.fill_by(out, |out, gap| out.push_str(value(gap)));
    }

    /// Appends the text; what fills a gap is appended by `put`.
    pub fn fill_by(&self, out: &mut String, put: impl Fn(&mut String, Gap)) {
        for (text, gap) in &self.parts {
            out.push_str(text);
            if let Some(gap) = gap {
                put(out, *gap);
            }
        }
    }
}
