//! The trait of a replacement policy.
//!
//! A policy keeps no state: everything is in [`Pages`], which it orders. So a policy is a constant,
//! and a resident set can change its policy at any time.

use super::pages::Pages;

/// The list that holds all pages, for policies that need only one.
pub const QUEUE: usize = 0;

/// Decides which page is replaced. The resident set calls these methods after it has set the bits
/// and the next use in the page's record.
pub trait Policy: Sync {
    /// The name on the command line: one lower-case word.
    fn name(&self) -> &'static str;

    /// Which page the policy replaces, as one sentence.
    fn rule(&self) -> &'static str;

    /// The rule in at most four words, for a table.
    fn short_rule(&self) -> &'static str;

    /// True if the policy decides by accessed bits.
    fn needs_accessed_bits(&self) -> bool {
        false
    }

    /// True if the policy decides by the order of references. Where no trap reports them, accessed
    /// bits approximate it.
    fn needs_references(&self) -> bool {
        self.needs_accessed_bits()
    }

    /// True if the policy needs the next use of each page, which only a replay knows.
    fn needs_future(&self) -> bool {
        false
    }

    /// Puts a page that was loaded into a list: the end of the queue by default.
    fn loaded(&self, pages: &mut Pages, index: usize) {
        pages.push(QUEUE, index);
    }

    /// Notes a reference to a resident page.
    fn referenced(&self, _pages: &mut Pages, _index: usize) {}

    /// Notes the end of a period. A period has as many references as the set has frames.
    fn period_ended(&self, _pages: &mut Pages) {}

    /// The page at which the policy looks first when it must replace one. `None` if no page is
    /// resident, or if the choice is not made yet.
    fn candidate(&self, pages: &Pages) -> Option<usize>;

    /// Chooses the page to replace, or `None` if no page is resident. The page stays resident.
    /// By default it is the candidate.
    fn victim(&self, pages: &mut Pages) -> Option<usize> {
        self.candidate(pages)
    }
}

impl core::fmt::Debug for dyn Policy {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}
