//! Two texts, word by word: which words one has and the other has not.

use similar::{Algorithm, DiffTag, capture_diff_slices};

/// Which of two lists of words a stretch stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// In both.
    Both,
    /// In the old one only.
    Old,
    /// In the new one only.
    New,
}

/// The stretches of both lists in order; each is a side and a range, of the old list for
/// [`Side::Old`], else of the new one.
pub fn compared<T: std::hash::Hash + Eq>(old: &[T], new: &[T]) -> Vec<(Side, std::ops::Range<usize>)> {
    let mut runs = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, old, new) {
        match op.tag() {
            DiffTag::Equal => runs.push((Side::Both, op.new_range())),
            DiffTag::Delete => runs.push((Side::Old, op.old_range())),
            DiffTag::Insert => runs.push((Side::New, op.new_range())),
            DiffTag::Replace => {
                runs.push((Side::Old, op.old_range()));
                runs.push((Side::New, op.new_range()));
            }
        }
    }
    runs
}
