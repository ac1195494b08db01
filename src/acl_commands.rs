//! What an ACL rule can name: the commands, subcommands and categories of every version.

mod rule;
mod table;

pub use rule::{check_rule, check_rules};
