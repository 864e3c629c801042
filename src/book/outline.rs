//! The order and nesting of the pages: one list in reading order, each entry with its depth.

use std::collections::HashMap;
use std::ops::Range;

use crate::book::{PageId, PerLanguage};

/// The pages in reading order. Nesting is by depth: the entries below an entry follow it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    /// The entries, in reading order.
    pub nodes: Vec<OutlineNode>,
    index: HashMap<PageId, usize>,
    parents: Vec<Option<usize>>,
    children: Vec<Vec<usize>>,
    top: Vec<usize>,
}

/// One entry of the outline.
#[derive(Clone, Debug, PartialEq)]
pub struct OutlineNode {
    /// What it is.
    pub entry: OutlineEntry,
    /// 0 for the top level.
    pub depth: u16,
}

/// What an entry of the outline stands for.
#[derive(Clone, Debug, PartialEq)]
pub enum OutlineEntry {
    /// A page.
    Page(PageId),
    /// A title over the pages that follow it.
    Part(PerLanguage<String>),
    /// A chapter that is announced but not written.
    Announced(PerLanguage<String>),
}

impl Outline {
    /// An outline of these nodes.
    pub fn new(nodes: Vec<OutlineNode>) -> Outline {
        let mut outline = Outline { children: vec![Vec::new(); nodes.len()], ..Outline::default() };
        let mut above: Vec<usize> = Vec::new();
        for (at, node) in nodes.iter().enumerate() {
            while above.last().is_some_and(|&last| nodes[last].depth >= node.depth) {
                above.pop();
            }
            outline.parents.push(above.last().copied());
            match above.last() {
                Some(&parent) => outline.children[parent].push(at),
                None => outline.top.push(at),
            }
            above.push(at);
            if let OutlineEntry::Page(page) = &node.entry {
                outline.index.insert(page.clone(), at);
            }
        }
        outline.nodes = nodes;
        outline
    }

    /// The outline without some pages; what is below one of them comes in its place.
    pub fn without(&self, is_left_out: impl Fn(&PageId) -> bool) -> Outline {
        let mut nodes: Vec<OutlineNode> = Vec::new();
        let mut left_out: Vec<u16> = Vec::new();
        for node in &self.nodes {
            left_out.retain(|depth| *depth < node.depth);
            if node.page().is_some_and(&is_left_out) {
                left_out.push(node.depth);
            } else {
                let above = u16::try_from(left_out.len()).unwrap_or(u16::MAX);
                nodes.push(OutlineNode { depth: node.depth.saturating_sub(above), ..node.clone() });
            }
        }
        Outline::new(nodes)
    }

    /// Where a page stands.
    pub fn position(&self, page: &str) -> Option<usize> {
        self.index.get(page).copied()
    }

    /// The pages in reading order.
    pub fn pages(&self) -> impl Iterator<Item = &PageId> {
        self.nodes.iter().filter_map(|node| node.page())
    }

    /// The entry at `at` and all entries below it.
    pub fn subtree(&self, at: usize) -> Range<usize> {
        let Some(node) = self.nodes.get(at) else { return at..at };
        let end = self.nodes[at + 1..].iter().position(|next| next.depth <= node.depth);
        at..end.map_or(self.nodes.len(), |length| at + 1 + length)
    }

    /// The entry above the one at `at`.
    pub fn parent(&self, at: usize) -> Option<usize> {
        self.parents.get(at).copied().flatten()
    }

    /// The entries above the one at `at`, outermost first.
    pub fn ancestors(&self, at: usize) -> Vec<usize> {
        let mut chain: Vec<usize> = std::iter::successors(self.parent(at), |&up| self.parent(up)).collect();
        chain.reverse();
        chain
    }

    /// The entries directly below the one at `at`, or the top level; ascending.
    pub fn children(&self, at: Option<usize>) -> &[usize] {
        match at {
            Some(at) => self.children.get(at).map_or(&[], Vec::as_slice),
            None => &self.top,
        }
    }

    /// The page before and the page after a page, in reading order.
    pub fn neighbours(&self, page: &str) -> (Option<&PageId>, Option<&PageId>) {
        let Some(at) = self.position(page) else { return (None, None) };
        let before = self.nodes[..at].iter().rev().find_map(OutlineNode::page);
        let after = self.nodes[at + 1..].iter().find_map(OutlineNode::page);
        (before, after)
    }
}

impl OutlineNode {
    /// The page, if the entry is one.
    pub fn page(&self) -> Option<&PageId> {
        match &self.entry {
            OutlineEntry::Page(page) => Some(page),
            OutlineEntry::Part(_) | OutlineEntry::Announced(_) => None,
        }
    }
}
