//! The `}}` of a line, looked for once however often they are asked for.

/// Where the next `}}` of a line stands.
pub struct Closing<'t> {
    line: &'t str,
    next: Option<usize>,
}

impl<'t> Closing<'t> {
    /// Of this line.
    pub fn of(line: &'t str) -> Closing<'t> {
        Closing { line, next: line.find("}}") }
    }

    /// The offset of the first at or after `from`; offsets are asked for in their order.
    pub fn after(&mut self, from: usize) -> Option<usize> {
        if self.next.is_some_and(|next| next < from) {
            self.next = self.line[from..].find("}}").map(|at| from + at);
        }
        self.next
    }
}
