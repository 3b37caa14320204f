//! What this proxy has let pass within a window, by slot, and how much of it the store knows.

use std::collections::VecDeque;

#[derive(Debug, Default)]
pub(super) struct Own {
    /// Oldest first; only those in which something happened.
    slots: VecDeque<Slot>,
    passed: u64,
    untold: u64,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    slot: u64,
    passed: u64,
    untold: u64,
}

impl Own {
    /// What lies before that slot counts no more.
    pub(super) fn forget_before(&mut self, oldest: u64) {
        while let Some(slot) = self.slots.front().copied().filter(|slot| slot.slot < oldest) {
            self.passed -= slot.passed;
            self.untold -= slot.untold;
            self.slots.pop_front();
        }
    }

    /// Nearly always in the newest slot; a call that waited long comes back to an older one.
    pub(super) fn pass(&mut self, slot: u64, count: u64, is_told: bool) {
        let untold = if is_told { 0 } else { count };
        self.passed += count;
        self.untold += untold;
        let at = self.slots.iter().rposition(|known| known.slot <= slot);
        match at.map(|at| &mut self.slots[at]) {
            Some(known) if known.slot == slot => {
                known.passed += count;
                known.untold += untold;
            }
            _ => self.slots.insert(at.map_or(0, |at| at + 1), Slot { slot, passed: count, untold }),
        }
    }

    /// The last one that passed untold did not.
    pub(super) fn take_back(&mut self) {
        let Some(last) = self.slots.iter_mut().rev().find(|slot| slot.untold > 0) else { return };
        last.passed -= 1;
        last.untold -= 1;
        self.passed -= 1;
        self.untold -= 1;
    }

    pub(super) fn passed(&self) -> u64 {
        self.passed
    }

    pub(super) fn untold(&self) -> u64 {
        self.untold
    }

    /// What the store does not know, oldest first.
    pub(super) fn to_tell(&self) -> Vec<(u64, u64)> {
        self.slots.iter().filter(|slot| slot.untold > 0).map(|slot| (slot.slot, slot.untold)).collect()
    }

    /// From now on the store knows this.
    pub(super) fn told(&mut self, pairs: &[(u64, u64)]) {
        for &(slot, count) in pairs {
            let Some(known) = self.slots.iter_mut().find(|known| known.slot == slot) else { continue };
            let count = count.min(known.untold);
            known.untold -= count;
            self.untold -= count;
        }
    }

    /// The store has lost what it knew.
    pub(super) fn tell_again(&mut self) {
        self.slots.iter_mut().for_each(|slot| slot.untold = slot.passed);
        self.untold = self.passed;
    }

    /// The slot with whose end fewer than `limit` are left, or the newest.
    pub(super) fn frees(&self, limit: u64) -> Option<u64> {
        let mut left = self.passed;
        let frees = self.slots.iter().find(|slot| {
            left -= slot.passed;
            left < limit
        });
        frees.or(self.slots.back()).map(|slot| slot.slot)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Step {
        Pass(i64, u64, bool),
        TakeBack,
        Tell,
        Forget(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (-2i64..3, 1u64..5, any::<bool>()).prop_map(|(on, count, told)| Step::Pass(on, count, told)),
            Just(Step::TakeBack),
            Just(Step::Tell),
            (0u64..5).prop_map(Step::Forget),
        ]
    }

    proptest! {
        #[test]
        fn sums_are_those_of_the_slots_whatever_happens(steps in prop::collection::vec(step(), 0..200)) {
            let (mut own, mut now) = (Own::default(), 100u64);
            for step in steps {
                match step {
                    Step::Pass(on, count, is_told) => {
                        now = now.saturating_add_signed(on).max(100);
                        own.pass(now, count, is_told);
                    }
                    Step::TakeBack => own.take_back(),
                    Step::Tell => {
                        let pairs = own.to_tell();
                        prop_assert_eq!(pairs.iter().map(|(_, count)| count).sum::<u64>(), own.untold());
                        own.told(&pairs);
                        prop_assert_eq!(own.untold(), 0);
                    }
                    Step::Forget(back) => own.forget_before(now - back),
                }
                prop_assert_eq!(own.passed, own.slots.iter().map(|slot| slot.passed).sum::<u64>());
                prop_assert_eq!(own.untold, own.slots.iter().map(|slot| slot.untold).sum::<u64>());
                prop_assert!(own.slots.iter().all(|slot| slot.untold <= slot.passed));
                prop_assert!(own.slots.iter().zip(own.slots.iter().skip(1)).all(|(a, b)| a.slot < b.slot));
            }
        }
    }

    #[test]
    fn what_was_told_late_and_has_ended_meanwhile_is_no_loss() {
        let mut own = Own::default();
        own.pass(1, 2, false);
        let pairs = own.to_tell();
        own.forget_before(2);
        own.told(&pairs);
        assert_eq!((own.passed(), own.untold()), (0, 0));
        own.pass(5, 3, true);
        own.tell_again();
        assert_eq!(own.to_tell(), [(5, 3)]);
    }

    #[test]
    fn room_comes_with_the_end_of_enough_slots() {
        let mut own = Own::default();
        for (slot, count) in [(1, 1), (2, 3), (4, 1)] {
            own.pass(slot, count, false);
        }
        assert_eq!([5, 4, 2, 1].map(|limit| own.frees(limit)), [Some(1), Some(2), Some(2), Some(4)]);
    }
}
