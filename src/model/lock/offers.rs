//! Offers and handoffs in a lock register.
//!
//! Owns the steps: a release that offers and leaves words, a grant that respects offers, and the
//! end of an offer. Never reads a clock, never knows which session follows another.

use super::{Denied, Lock, LockRegister, TakeoverPolicy};
use crate::model::actor::Actor;
use crate::model::handoff::{Handoff, KEPT_MAX, Parting};
use crate::model::id::{NodeId, SessionId};
use crate::model::offer::{Offer, Offered};
use crate::model::resource::Resource;
use crate::model::time::Timestamp;
use crate::model::token::Token;

/// The most locks, offers and handoffs of a register together.
pub const RECORDS_MAX: usize = 255;

impl LockRegister {
    /// Returns the offer of exactly this resource, over or not.
    pub fn offer_of(&self, resource: &Resource) -> Option<&Offered> {
        let mut offers = self.offers.iter();
        offers.find(|offered| offered.resource == *resource)
    }

    /// Returns what the last holder of exactly this resource left for the next one.
    pub fn handoff_of(&self, resource: &Resource) -> Option<&Handoff> {
        let mut handoffs = self.handoffs.iter();
        handoffs.find(|handoff| handoff.resource == *resource)
    }

    /// Releases the lock of `who` as [`release`](Self::release) does, leaves what is written for
    /// the next holder, and offers the resource to one session.
    ///
    /// # Errors
    ///
    /// Those of [`release`](Self::release). Then the register is as before.
    pub fn pass(
        &mut self,
        who: &Actor,
        resource: &Resource,
        (offer, parting): (Option<&Offer>, Option<&Parting>),
        now: Timestamp,
    ) -> Result<Lock, Denied> {
        let lock = self.release(who, resource)?;
        if let Some(parting) = parting {
            self.handoffs.retain(|left| left.resource != *resource);
            self.handoffs.push(parting.by(who, resource, now));
        }
        self.offers.retain(|offered| offered.resource != *resource);
        if let Some(offer) = offer {
            self.offers.push(Offered {
                resource: resource.clone(),
                token: lock.token,
                by: Actor {
                    node: NodeId::from_bytes([0; 16]),
                    process: None,
                    ..lock.holder.clone()
                },
                purpose: lock.purpose.clone(),
                granted_at: lock.granted_at,
                at: now,
                to: offer.to.clone(),
                until: now.plus_secs(offer.lasts.as_secs()),
            });
        }
        self.drop_old_handoffs();
        Ok(lock)
    }

    /// Drops the oldest handoffs of a register that has too many: one decides all paths, and what
    /// is held or offered goes before words about it.
    pub(in crate::model) fn drop_old_handoffs(&mut self) {
        let room = RECORDS_MAX.saturating_sub(self.locks.len() + self.offers.len());
        while self.handoffs.len() > room.min(KEPT_MAX) {
            let oldest = self
                .handoffs
                .iter()
                .enumerate()
                .min_by_key(|(_, left)| left.at);
            let Some((at, _)) = oldest else { return };
            self.handoffs.remove(at);
        }
    }

    /// Ends an offer to exactly this session, under exactly this token, and returns it.
    ///
    /// # Errors
    ///
    /// [`Denied::Free`] if there is none, [`Denied::OtherToken`] if it stands under another token,
    /// and [`Denied::Offered`] if it is to another session. Then the register is as before.
    pub fn withdraw(
        &mut self,
        resource: &Resource,
        to: &SessionId,
        token: Token,
    ) -> Result<Offered, Denied> {
        let offered = self.offer_of(resource).ok_or(Denied::Free)?;
        if offered.token != token {
            let current = offered.token;
            let asked = token;
            return Err(Denied::OtherToken { asked, current });
        }
        if offered.to != *to {
            return Err(Denied::Offered(Box::new(offered.clone())));
        }
        let withdrawn = offered.clone();
        self.offers.retain(|offered| offered.resource != *resource);
        Ok(withdrawn)
    }

    /// Fails if what overlaps `resource` is offered to a session that is not `who`.
    pub(in crate::model) fn refuse_what_is_offered(
        &self,
        who: &Actor,
        resource: &Resource,
        policy: &TakeoverPolicy<'_>,
    ) -> Result<(), Denied> {
        let is_to_others = |offered: &&Offered| {
            offered.resource.overlaps(resource)
                && offered.is_open(policy.now)
                && offered.to != who.id
                && !(policy.offers.is_for_me)(offered)
                && !(policy.offers.is_void)(offered)
        };
        match self.offers.iter().find(is_to_others) {
            Some(offered) => Err(Denied::Offered(Box::new(offered.clone()))),
            None => Ok(()),
        }
    }

    /// Drops the offer of what is granted, and offers that are over.
    pub(in crate::model) fn drop_offers(
        &mut self,
        granted: &Resource,
        policy: &TakeoverPolicy<'_>,
    ) {
        self.offers
            .retain(|offered| offered.resource != *granted && offered.is_open(policy.now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::handoff::Said;
    use crate::model::lock::{GrantRequest, Granted};
    use crate::model::offer::OfferPolicy;
    use crate::model::text::Purpose;
    use crate::model::time::Ttl;

    fn at(secs: u64) -> Timestamp {
        Timestamp::from_millis(1_763_719_200_000).plus_secs(secs)
    }

    fn resource(label: &str) -> Resource {
        Resource::parse(label).unwrap()
    }

    fn grant(
        register: &mut LockRegister,
        who: &str,
        label: &str,
        secs: u64,
        offers: OfferPolicy<'_>,
    ) -> Result<(Granted, Token), Denied> {
        let who = Actor::example(who, 1);
        let policy = TakeoverPolicy {
            now: at(secs),
            margin_secs: 30,
            holder_is_dead: &|_| false,
            program_is_gone: &|_| false,
            is_mine: &|lock| lock.is_of(&who),
            offers,
        };
        let request = GrantRequest {
            resource: resource(label),
            purpose: Purpose::parse("test").unwrap(),
            ttl: Ttl::from_secs(60).unwrap(),
        };
        register.grant(&who, &request, &policy)
    }

    /// A register in which `a` offers `label` to `b` for 100 s.
    fn offered(label: &str) -> LockRegister {
        let mut register = LockRegister::default();
        grant(&mut register, "a", label, 0, OfferPolicy::BY_NAME).unwrap();
        let offer = Offer {
            to: SessionId::parse("b").unwrap(),
            lasts: Ttl::from_secs(100).unwrap(),
        };
        let parting = Parting::of(Said::example("half done", "the rest"));
        let who = Actor::example("a", 1);
        let how = (Some(&offer), Some(&parting));
        register.pass(&who, &resource(label), how, at(10)).unwrap();
        register
    }

    /// A register with more records than it may have could not be read.
    #[test]
    fn words_give_way_to_what_is_held_or_offered() {
        let mut register = LockRegister::default();
        let who = Actor::example("a", 1);
        let parting = Parting::of(Said::example("half done", "the rest"));
        let paths = |prefix: &str, count: usize| {
            let names = (0..count).map(|n| format!("path:{prefix}{n}"));
            names.collect::<Vec<String>>()
        };
        for (secs, label) in (0..).zip(paths("left", KEPT_MAX + 1)) {
            grant(&mut register, "a", &label, secs, OfferPolicy::BY_NAME).unwrap();
            let how = (None, Some(&parting));
            register
                .pass(&who, &resource(&label), how, at(secs))
                .unwrap();
        }
        assert_eq!(register.handoffs.len(), KEPT_MAX);
        assert!(register.handoff_of(&resource("path:left0")).is_none());
        for label in paths("held", RECORDS_MAX - 10) {
            grant(&mut register, "a", &label, 100, OfferPolicy::BY_NAME).unwrap();
        }
        assert_eq!(register.handoffs.len(), 10);
        assert!(register.handoff_of(&resource("path:left64")).is_some());
        let offer = Offer {
            to: SessionId::parse("b").unwrap(),
            lasts: Ttl::from_secs(100).unwrap(),
        };
        let how = (Some(&offer), Some(&parting));
        register
            .pass(&who, &resource("path:held0"), how, at(101))
            .unwrap();
        assert_eq!(register.handoffs.len(), 10);
        assert!(register.handoff_of(&resource("path:held0")).is_some());
    }

    #[test]
    fn while_an_offer_is_open_only_its_session_is_granted() {
        for (who, secs, is_granted) in [
            ("b", 11, true),
            ("b", 109, true),
            ("b", 110, true),
            ("a", 11, false),
            ("c", 11, false),
            ("c", 109, false),
            ("c", 110, true),
            ("a", 110, true),
        ] {
            let mut register = offered("turn:main");
            let before = register.clone();
            let answer = grant(&mut register, who, "turn:main", secs, OfferPolicy::BY_NAME);
            match answer {
                Ok((granted, token)) => {
                    assert!(is_granted, "{who} after {secs} s");
                    assert_eq!(granted, Granted::Free);
                    assert!(token > before.high_water);
                    assert!(register.offers.is_empty());
                }
                Err(Denied::Offered(offered)) => {
                    assert!(!is_granted, "{who} after {secs} s");
                    assert_eq!((offered.to.as_str(), offered.until), ("b", at(110)));
                    assert_eq!(register, before);
                }
                other => panic!("{who} after {secs} s: {other:?}"),
            }
            // The next holder reads what was left, however it came to be that.
            let left = register.handoff_of(&resource("turn:main")).unwrap();
            assert_eq!(left.said.status.as_str(), "half done");
            assert_eq!((left.from.as_str(), left.at), ("a", at(10)));
            assert!(register.is_sound());
        }
    }

    #[test]
    fn a_successor_takes_an_offer_and_a_void_one_is_none() {
        let heir = OfferPolicy {
            is_for_me: &|offered| offered.to.as_str() == "b",
            ..OfferPolicy::BY_NAME
        };
        let void = OfferPolicy {
            is_void: &|offered| offered.to.as_str() == "b",
            ..OfferPolicy::BY_NAME
        };
        for policy in [heir, void] {
            let mut register = offered("turn:main");
            grant(&mut register, "c", "turn:main", 11, policy).unwrap();
            assert!(register.is_sound() && register.offers.is_empty());
        }
    }

    #[test]
    fn an_offer_of_a_path_covers_what_overlaps_it() {
        let mut register = offered("path:src");
        let mut ask = |who: &str, label: &str| {
            grant(&mut register, who, label, 11, OfferPolicy::BY_NAME).is_ok()
        };
        assert!(!ask("c", "path:src/lib.rs"));
        assert!(ask("c", "path:docs"));
        assert!(ask("b", "path:src/lib.rs"), "a part of what is offered");
        assert!(ask("b", "path:src"), "and then all of it");
        assert!(register.is_sound());
    }

    #[test]
    fn an_offer_is_ended_by_its_name_alone() {
        let mut register = offered("turn:main");
        let token = register.high_water;
        let id = |id: &str| SessionId::parse(id).unwrap();
        let room = resource("turn:main");
        let other = register.withdraw(&room, &id("c"), token);
        assert!(matches!(other, Err(Denied::Offered(_))));
        let other = register.withdraw(&room, &id("b"), Token::new(1));
        assert!(matches!(other, Err(Denied::OtherToken { .. })));
        register.withdraw(&room, &id("b"), token).unwrap();
        assert!(matches!(
            register.withdraw(&room, &id("b"), token),
            Err(Denied::Free)
        ));
        grant(&mut register, "c", "turn:main", 11, OfferPolicy::BY_NAME).unwrap();
        assert!(register.handoff_of(&room).is_some());
    }

    #[test]
    fn who_holds_nothing_passes_nothing() {
        let mut register = offered("turn:main");
        let before = register.clone();
        let parting = Parting::of(Said::example("s", "n"));
        for who in ["a", "b", "c"] {
            let who = Actor::example(who, 1);
            let how = (None, Some(&parting));
            let passed = register.pass(&who, &resource("turn:main"), how, at(20));
            assert!(matches!(passed, Err(Denied::Free)));
            assert_eq!(register, before);
        }
    }
}
