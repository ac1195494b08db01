//! `redisforge rehearse`: every drill passes on the rendered scripts, and fails on broken ones.

mod support;

#[path = "rehearse/command.rs"]
mod command;
#[path = "rehearse/drills.rs"]
mod drills;
#[path = "rehearse/mutations.rs"]
mod mutations;
#[path = "rehearse/servers.rs"]
mod servers;
