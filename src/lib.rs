//! A compiler for Redis Sentinel high availability: one topology spec in, a complete deployment out.
//!
//! ```text
//! spec.yaml ─ source ─► Source ─ schema ─► Spec ─ rules ─► Validated ─ topology ─► Topology
//!                                                                                     │
//!      disk ◄─ output ─ Vec<Change> ◄─ output ─ Vec<Artifact> ◄─ catalog + templates ◄─┘
//!                                                    ├─► impact ─► what a change does to running Redis
//!                 report ◄─ drills ◄─ rehearse ◄─────┘
//! ```
//!
//! What holds, by types and tests where they can, by review where they cannot (R):
//!
//! 1. Data moves forward only: a stage imports from stages before it, never after (test).
//! 2. Only `source` knows lines and columns; everyone else speaks in paths (R).
//! 3. Only `cli` prints; only `source` reads specs, and only `cli`, `output` and `rehearse` else touch disk and processes (test).
//! 4. A `Topology` exists only if the spec is valid, so rendering cannot fail on the user's account (types).
//! 5. Only `catalog` knows the name of a generated file; `templates/` and `rules/` equal their tables (test).
//! 6. Defaults live in `spec` only; what follows from another field in `topology`, or as a method of `Spec` where rules need it too (R).
//! 7. Templates print, loop and test a boolean or presence; every branch is on in one example and off in another (test).
//! 8. Free text passes a filter of its language, or is made of names that rules have checked; printing it bare fails the render
//!    (the escape function).
//! 9. No secret value ever enters a `Spec`; only the name of where it is kept (types).

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]

pub mod acl_commands;
pub mod alerts;
pub mod catalog;
pub mod checksum;
pub mod claim;
pub mod cli;
pub mod diagnostic;
pub mod directive_fields;
pub mod directives;
pub mod families;
pub mod findings;
pub mod image;
pub mod impact;
pub mod kubernetes_names;
pub mod load;
pub mod maxmemory;
pub mod object_names;
pub mod output;
pub mod quantity;
pub mod rehearse;
pub mod report;
pub mod resolve;
pub mod rules;
pub mod schema;
pub mod secret_fields;
pub mod source;
pub mod spec;
pub mod survival;
pub mod templates;
pub mod topology;
