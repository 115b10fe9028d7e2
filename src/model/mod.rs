//! The rules of presence: values, and pure functions over them.
//!
//! Owns what a resource, a claim, a session, a lock and a board are, when a claim is live, which
//! claims conflict, and what a request makes of a session or of a lock register. Never touches the
//! world: no input or output, no clock (`now` is an argument), no serialization, no Git.
//!
//! Values stand below: [`resource::Resource`], [`claim::Claim`], [`token::Token`],
//! [`actor::Actor`]. The rules stand above: [`session::step`] for what one session does,
//! [`lock_request::decide`] for exclusive claims, [`board::Board`] for what every reader sees.

pub mod actor;
pub mod board;
pub mod branch;
pub mod claim;
pub mod concern;
pub mod conflicts;
pub mod departure;
pub mod drift;
pub mod endpoint;
pub mod event;
pub mod finding;
pub mod forbidden;
pub mod handoff;
pub mod heirs;
pub mod holding;
pub mod id;
pub mod knowledge;
pub mod lease;
pub mod lock;
pub mod lock_request;
pub mod meant;
pub mod message;
pub mod month;
pub mod news;
pub mod offer;
pub mod path;
pub mod refusal;
pub mod resource;
pub mod retention;
pub mod session;
pub mod shared_id;
pub mod stack;
pub mod standing;
pub mod state;
pub mod stream;
pub mod succession;
pub mod supervisor;
pub mod task;
pub mod text;
pub mod time;
pub mod token;
pub mod transition;
pub mod turn;
pub mod unpushed;
pub mod unreadable;
