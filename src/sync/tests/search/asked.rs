//! What exactly is asked of the rules.
//!
//! Owns which request of `model` a step of a session is. Never decides one.

use super::rules::{Question, Rules, ticks};
use super::state::{CellId, Kind, Life, RESOURCES, SESSIONS, State};
use super::steps::World;
use crate::model::handoff::{Parting, Said};
use crate::model::lock::GrantRequest;
use crate::model::lock_request::Request;
use crate::model::offer::Offer;
use crate::model::text::Purpose;
use crate::model::time::Ttl;
use crate::model::token::Token;

impl World {
    /// Returns what exactly is asked; `None` if no session would ask that.
    pub fn question(
        &mut self,
        state: &State,
        cells: [CellId; RESOURCES],
        who: u8,
        kind: Kind,
        asked: u8,
    ) -> Option<Question> {
        let mut about = asked;
        let session = &state.sessions[usize::from(who)];
        let mut tokens = [0; RESOURCES];
        let mut holder = 0;
        for n in (0..RESOURCES).filter(|n| asked & (1 << n) != 0) {
            let lock = self.rules.lock(cells, n);
            match kind {
                Kind::Grant | Kind::Drop => {}
                Kind::Renew if session.leases[n].token == 0 => about &= !(1 << n),
                Kind::Renew => tokens[n] = session.leases[n].token,
                Kind::Fenced | Kind::Release | Kind::Pass(_) | Kind::Done => {
                    let mine = lock.filter(|lock| Rules::holder_of(lock) == who)?;
                    tokens[n] = Rules::token_of(mine);
                }
                Kind::Override => {
                    let lock = lock.filter(|lock| Rules::holder_of(lock) != who)?;
                    (tokens[n], holder) = (Rules::token_of(lock), Rules::holder_of(lock));
                }
            }
        }
        let is_gone = |n: &usize| state.sessions[*n].life != Life::Runs;
        let gone = (0..SESSIONS).filter(is_gone).map(|n| 1_u8 << n).sum();
        (about != 0).then_some(Question {
            cells,
            who,
            goes_on: session.life == Life::GoesOn,
            ahead: session.ahead,
            kind,
            about,
            tokens,
            holder,
            gone: if self.scope.sees_gone { gone } else { 0 },
        })
    }
}

impl Rules {
    pub fn request(&self, question: Question, about: &[usize]) -> Request {
        if let Some(request) = self.about_a_task(question, about) {
            return request;
        }
        let resource = |n: &usize| self.resources[*n].clone();
        let token = |n: &usize| Token::new(question.tokens[*n].into());
        match question.kind {
            Kind::Grant => {
                let wanted = |n: &usize| GrantRequest {
                    resource: resource(n),
                    purpose: Purpose::from_record("work"),
                    ttl: Ttl::from_secs(ticks(self.scope.ttl)).unwrap(),
                };
                Request::Grant(about.iter().map(wanted).collect())
            }
            Kind::Renew | Kind::Fenced => {
                Request::Renew(about.iter().map(|n| (resource(n), token(n))).collect())
            }
            Kind::Release | Kind::Done | Kind::Drop => {
                Request::Release(about.iter().map(resource).collect())
            }
            Kind::Pass(to) => Request::Pass {
                resources: about.iter().map(resource).collect(),
                to: Some(Offer {
                    to: self.actors[usize::from(to)].id.clone(),
                    lasts: Ttl::from_secs(ticks(self.scope.offer_ticks)).unwrap(),
                }),
                parting: Some(Box::new(Parting::of(Said::example("half", "rest")))),
            },
            Kind::Override => Request::Override {
                resource: resource(&about[0]),
                holder: self.actors[usize::from(question.holder)].id.clone(),
                token: token(&about[0]),
                reason: Purpose::from_record("needed"),
            },
        }
    }
}
