//! Hostile words in every place of every example: refused with a place, or rendered; never a panic.

mod support;

use std::{fs, panic};

use redisforge::{catalog, templates::Templates, topology::Topology};
use serde_json::Value;
use support::{examples, load_text, name_of};

const WORDS: [&str; 21] = [
    "",
    " ",
    "two words",
    "quote\"s and 'more'",
    "$(reboot) `id` \\",
    "line\nfeed",
    "tab\there",
    "ünïcödé",
    "{{ topology.name }}",
    "-rf",
    "../../etc/passwd",
    "a,b=c:d@e#f%g{h}",
    "null",
    "/with a/blank",
    "/quo\"ted/$(x)/ü",
    "http://a b:1/",
    "redis:7 .2",
    "exporter",
    "sentinel",
    "secrets",
    "\u{1}\u{7f}\u{2028}\u{feff}",
];

/// Every place that holds text, and every key, as a JSON pointer; the second says whether it is a key.
fn places(value: &Value, at: &str, found: &mut Vec<(String, Option<String>)>) {
    match value {
        Value::String(_) => found.push((at.into(), None)),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, &format!("{at}/{index}"), found);
            }
        }
        Value::Object(entries) => {
            for (key, item) in entries {
                if [
                    "config",
                    "labels",
                    "annotations",
                    "podLabels",
                    "podAnnotations",
                    "nodeSelector",
                    "matchLabels",
                ]
                .iter()
                .any(|map| at.ends_with(map))
                {
                    found.push((at.into(), Some(key.clone())));
                }
                places(item, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        _ => {}
    }
}

fn with(spec: &Value, (at, key): &(String, Option<String>), word: &str) -> Value {
    let mut spec = spec.clone();
    let place = spec.pointer_mut(at).unwrap();
    match key {
        None => *place = word.into(),
        Some(key) => {
            let entries = place.as_object_mut().unwrap();
            let value = entries.remove(key).unwrap();
            entries.insert(word.into(), value);
        }
    }
    spec
}

#[test]
fn hostile_words_are_refused_or_rendered() {
    let templates = Templates::parse();
    let mut rendered = 0;
    let mut failed = Vec::new();
    for example in examples() {
        let spec: Value = serde_yaml::from_str(&fs::read_to_string(&example).unwrap()).unwrap();
        let mut found = Vec::new();
        places(&spec, "", &mut found);
        for place in &found {
            for word in WORDS {
                let text = serde_json::to_string(&with(&spec, place, word)).unwrap();
                let outcome = panic::catch_unwind(panic::AssertUnwindSafe(|| {
                    let mut loaded = load_text(&text);
                    let topology: Option<Topology> = loaded.spec.take().map(Into::into);
                    topology.map(|topology| catalog::plan(&topology, &templates).len())
                }));
                match outcome {
                    Ok(count) => rendered += usize::from(count.is_some()),
                    Err(_) => failed.push(format!(
                        "{}{} {:?}: {word:?}",
                        name_of(&example),
                        place.0,
                        place.1
                    )),
                }
            }
        }
    }
    assert!(failed.is_empty(), "{} panics: {failed:#?}", failed.len());
    assert!(rendered > 100, "{rendered}");
}
