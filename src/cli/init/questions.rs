//! What is asked on a terminal.

use std::io::{self, IsTerminal as _};

use anyhow::{Result, anyhow, bail};
use clap::ValueEnum;
use inquire::{InquireError, Select, Text, validator::Validation};

/// Asks, where somebody can answer.
pub struct Questions {
    pub can_ask: bool,
}

/// Whether an answer will do, or why not.
pub type Check = fn(&str) -> Result<(), String>;

impl Questions {
    /// Both ends have to be a terminal: the answers come from one, the questions go to the other.
    pub fn new(is_wanted: bool) -> Self {
        let is_terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
        Self { can_ask: is_wanted && is_terminal }
    }

    /// The answer in words, or the default where nobody is asked.
    pub fn text(&self, question: &str, default: &str, check: Check) -> Result<String> {
        if !self.can_ask {
            return Ok(default.into());
        }
        let mut text = Text::new(question).with_validator(move |answer: &str| {
            Ok(match check(answer.trim()) {
                Ok(()) => Validation::Valid,
                Err(why) => Validation::Invalid(why.into()),
            })
        });
        if !default.is_empty() {
            text = text.with_default(default);
        }
        answered(text.prompt()).map(|answer| answer.trim().to_string())
    }

    /// One of a few, or the default where nobody is asked.
    pub fn choice<T: ValueEnum + Clone>(&self, question: &str, default: T) -> Result<T> {
        if !self.can_ask {
            return Ok(default);
        }
        let name = |value: &T| value.to_possible_value().map(|value| value.get_name().to_string());
        let names: Vec<String> = T::value_variants().iter().filter_map(name).collect();
        let present = names.iter().position(|known| Some(known) == name(&default).as_ref());
        let select = Select::new(question, names).with_starting_cursor(present.unwrap_or(0));
        let answer = answered(select.without_help_message().prompt())?;
        T::from_str(&answer, false).map_err(|error| anyhow!(error))
    }
}

fn answered<T>(answer: Result<T, InquireError>) -> Result<T> {
    match answer {
        Ok(answer) => Ok(answer),
        Err(InquireError::OperationCanceled | InquireError::OperationInterrupted) => {
            bail!("stopped; nothing was written")
        }
        Err(error) => Err(anyhow!(error).context("cannot ask")),
    }
}
