//! The table of policies. To add a policy, write its file and add its line here.

use super::policies::{aging, clock, fifo, future, lru, nru, random};
use super::policy::Policy;

/// All policies, in the order in which they are shown.
pub static POLICIES: [&dyn Policy; 9] = [
    &fifo::Fifo,
    &lru::Lru,
    &lru::Mru,
    &clock::Clock,
    &nru::Nru,
    &aging::Aging,
    &random::Random,
    &future::Opt,
    &future::Worst,
];

/// The policy of this name.
pub fn named(name: &str) -> Option<&'static dyn Policy> {
    POLICIES.into_iter().find(|policy| policy.name() == name)
}
