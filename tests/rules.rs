//! One test for every rule there will ever be; the message names the culprit.

mod support;

use std::{env, fs};

use redisforge::{
    diagnostic::Severity,
    load::{self, Loaded},
    report::{self, Format},
    rules::{RULES, Rule},
    source::Source,
    spec::{API_VERSION, KIND},
};
use support::root;

fn load_example(rule: &Rule, example: &str) -> Vec<Loaded> {
    let header = format!("apiVersion: {API_VERSION}\nkind: {KIND}");
    let sources = example.split("\n---\n").enumerate().map(|(index, text)| {
        let name = if index == 0 {
            format!("{}.yaml", rule.id)
        } else {
            format!("{}-{}.yaml", rule.id, index + 1)
        };
        Source::read(&name, format!("{header}\n{}\n", text.trim_matches('\n')))
    });
    load::load(sources.collect())
}

fn fired(loaded: &[Loaded]) -> Vec<&'static str> {
    loaded
        .iter()
        .flat_map(|loaded| loaded.diagnostics.iter().map(|diagnostic| diagnostic.id))
        .collect()
}

#[test]
fn every_rule_fires_on_its_bad_example_only() {
    for rule in RULES {
        assert!(
            fired(&load_example(rule, rule.bad)).contains(&rule.id),
            "bad example of {}",
            rule.id
        );
        assert!(
            !fired(&load_example(rule, rule.good)).contains(&rule.id),
            "good example of {}",
            rule.id
        );
    }
}

#[test]
fn every_example_of_a_rule_has_the_right_shape() {
    let shape = [
        "unknown-field",
        "wrong-type",
        "missing-field",
        "unknown-value",
        "wrong-shape",
        "yaml-syntax",
        "duplicate-key",
    ];
    for rule in RULES {
        for example in [rule.bad, rule.good] {
            let loaded = load_example(rule, example);
            let broken: Vec<_> =
                fired(&loaded).into_iter().filter(|id| shape.contains(id)).collect();
            assert!(broken.is_empty(), "{}: {broken:?}", rule.id);
        }
    }
}

#[test]
fn the_good_example_of_an_error_rule_breaks_no_error_rule() {
    for rule in RULES.iter().filter(|rule| rule.severity == Severity::Error) {
        let loaded = load_example(rule, rule.good);
        let errors: Vec<&str> = loaded
            .iter()
            .flat_map(|loaded| loaded.diagnostics.iter())
            .filter(|diagnostic| diagnostic.severity == Severity::Error)
            .map(|diagnostic| diagnostic.id)
            .collect();
        assert!(errors.is_empty(), "good example of {}: {errors:?}", rule.id);
    }
}

#[test]
fn every_finding_says_why_and_what_to_write() {
    for rule in RULES {
        for loaded in load_example(rule, rule.bad) {
            for found in loaded.diagnostics.iter().filter(|diagnostic| diagnostic.id == rule.id) {
                assert!(found.why.as_ref().is_some_and(|why| why.len() > 20), "{}", rule.id);
                assert!(
                    found.help.as_ref().is_some_and(|help| !help.is_empty()),
                    "{} has no help",
                    rule.id
                );
            }
        }
    }
}

#[test]
fn what_a_bad_example_prints_is_as_it_was_reviewed() {
    let folder = root().join("golden/diagnostics");
    let update = env::var_os("UPDATE_GOLDEN").is_some();
    if update {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
    }
    for rule in RULES {
        let mut loaded = load_example(rule, rule.bad);
        for loaded in &mut loaded {
            loaded.diagnostics.retain(|diagnostic| diagnostic.id == rule.id);
        }
        let mut output = anstream::StripStream::new(Vec::new());
        report::write(Format::Human, &loaded, &mut output).unwrap();
        let text = String::from_utf8(output.into_inner()).unwrap();
        let file = folder.join(format!("{}.txt", rule.id));
        if update {
            fs::write(&file, &text).unwrap();
        }
        assert_eq!(
            fs::read_to_string(&file).unwrap_or_default(),
            text,
            "{}; accept with UPDATE_GOLDEN=1",
            rule.id
        );
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), RULES.len());
}
