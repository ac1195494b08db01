//! One fault after the other: injected, held until nothing is pending, repaired, and watched until all is quiet.

use std::time::{Duration, Instant};

use crate::{ROW, alerts::Names, set::Set};

/// A fault, and what it must say.
pub struct Fault {
    pub name: &'static str,
    /// What must fire while it is there.
    pub fires: &'static [&'static str],
    /// What fires or not by the moment at which somebody looks, each with the reason.
    pub may: &'static [(&'static str, &'static str)],
    pub inject: fn(&mut Set),
    /// Done again and again as long as it is there.
    pub keep: fn(&mut Set),
    pub repair: fn(&mut Set),
}

pub const NOTHING: fn(&mut Set) = |_| {};

impl Fault {
    pub const fn new(
        name: &'static str,
        fires: &'static [&'static str],
        inject: fn(&mut Set),
        repair: fn(&mut Set),
    ) -> Self {
        Self { name, fires, may: &[], inject, keep: NOTHING, repair }
    }

    pub const fn may(mut self, may: &'static [(&'static str, &'static str)]) -> Self {
        self.may = may;
        self
    }

    pub const fn keep(mut self, keep: fn(&mut Set)) -> Self {
        self.keep = keep;
        self
    }
}

/// How long a set must say nothing before the first fault.
const SILENCE: Duration = Duration::from_secs(30);
/// Until the alerts of a fault fire; one scrape that is late begins their waiting anew.
const FIRE: Duration = Duration::from_secs(150);
/// A scrape and an evaluation, so that what is pending is known.
const LEAST_HELD: Duration = Duration::from_secs(4);
/// Until all is quiet after the repair; the longest window is two minutes.
const CALM: Duration = Duration::from_mins(3);
/// Between two times of what is done again and again.
const AGAIN: f64 = 0.5;

fn names(all: &[&str]) -> Names {
    all.iter().map(ToString::to_string).collect()
}

/// Runs faults on one set; each is a line of the table.
pub fn run(faults: &[Fault]) {
    let mut set = Set::start();
    settle(&mut set);
    let (began, looks, writes) = (Instant::now(), set.alerts().looks, set.writes());
    while began.elapsed() < SILENCE {
        let is_quiet = set.alerts().is_quiet();
        assert!(is_quiet, "a healthy set is silent: {:?}", set.alerts().pending);
        set.tick();
    }
    assert!(set.alerts().looks > looks + 30 && set.writes() > writes + 100);
    let wrong: Vec<String> = faults.iter().filter_map(|fault| fault.judge(&mut set)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

impl Fault {
    /// Does all of it, prints its line, and says what was wrong.
    fn judge(&self, set: &mut Set) -> Option<String> {
        set.alerts().begin();
        let began = Instant::now();
        (self.inject)(set);
        let expected = names(self.fires);
        let is_over = |set: &Set| {
            let seen = set.alerts();
            seen.pending.is_empty()
                && expected.is_subset(&seen.fired)
                && expected.is_subset(&seen.was_told)
        };
        let injected = Instant::now();
        let mut again = Instant::now();
        while (injected.elapsed() < LEAST_HELD || !is_over(set)) && began.elapsed() < FIRE {
            if again.elapsed().as_secs_f64() > AGAIN {
                (self.keep)(set);
                again = Instant::now();
            }
            set.tick();
        }
        let (held, fired) = (began.elapsed(), set.alerts().fired.clone());
        let told = set.alerts().was_told.clone();
        let repaired = Instant::now();
        (self.repair)(set);
        settle(set);
        let later = &set.alerts().fired - &fired;
        println!(
            "{ROW}{} | {}{} | {:.0} s | {:.0} s |",
            self.name,
            listed(&fired),
            if later.is_empty() { String::new() } else { format!("; then {}", listed(&later)) },
            held.as_secs_f64(),
            repaired.elapsed().as_secs_f64()
        );
        let may: Names = self.may.iter().map(|(name, _)| (*name).to_string()).collect();
        let missing = &expected - &(&fired & &told);
        let unexpected = &(&(&fired | &later) - &expected) - &may;
        let speechless = set.alerts().speechless.clone();
        (!missing.is_empty() || !unexpected.is_empty() || !speechless.is_empty()).then(|| {
            let detail = set.alerts().detail.join("\n");
            format!(
                "{}: missing {missing:?}, unexpected {unexpected:?}, without words {speechless:?}\n{detail}",
                self.name
            )
        })
    }
}

fn listed(names: &Names) -> String {
    names.iter().cloned().collect::<Vec<_>>().join(", ")
}

/// Waits until the set is well and nobody has anything to say.
fn settle(set: &mut Set) {
    let began = Instant::now();
    while !(set.alerts().is_quiet() && set.ailments().is_empty()) {
        if began.elapsed() > CALM {
            let (seen, ailments) = (set.alerts().firing.clone(), set.ailments().join("; "));
            panic!("not quiet within {CALM:?}: {seen:?}; {ailments}\n{}", set.logs());
        }
        set.rest(AGAIN);
    }
}
