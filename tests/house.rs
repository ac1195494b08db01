//! The house holds: tables equal folders, stages look backwards only, templates switch every branch.

mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use redisforge::{
    catalog::{self, ENTRIES},
    findings::KINDS,
    rules::RULES,
    templates::{self, Templates},
};
use regex::Regex;
use support::{examples, root, topology};
use walkdir::WalkDir;

fn source_files() -> Vec<(String, String)> {
    WalkDir::new(root().join("src"))
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "rs"))
        .map(|entry| {
            let path = entry
                .path()
                .strip_prefix(root().join("src"))
                .unwrap()
                .to_string_lossy()
                .into_owned();
            (path, fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

#[test]
fn the_templates_are_those_of_the_catalog() {
    let folder: BTreeSet<String> = templates::sources()
        .keys()
        .filter(|name| !name.starts_with("_partials/"))
        .cloned()
        .collect();
    let table: BTreeSet<String> = ENTRIES
        .iter()
        .flat_map(
            |entry| if entry.copies.is_empty() { vec![entry.path] } else { entry.copies.to_vec() },
        )
        .map(String::from)
        .collect();
    assert_eq!(folder, table);
}

#[test]
fn every_file_below_templates_is_a_template() {
    for entry in WalkDir::new(root().join("templates")).into_iter().filter_map(Result::ok) {
        if entry.file_type().is_file() {
            let path = entry.path();
            assert!(
                path.extension().is_some_and(|extension| extension == "tera"),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn the_rules_are_those_of_the_table() {
    let folder: BTreeSet<String> = fs::read_dir(root().join("src/rules"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().replace('_', "-"))
        .collect();
    let table: BTreeSet<String> = RULES.iter().map(|rule| rule.id.to_string()).collect();
    assert_eq!(folder, table);
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert!(ids.is_sorted(), "the table is in the order of the ids");
}

#[test]
fn every_finding_can_be_explained() {
    let id =
        Regex::new(r#"(?:\bid: |\b(?:error|at|unreadable|verdict)\(\s*)"([a-z]+(?:-[a-z]+)+)""#)
            .unwrap();
    let emitted: BTreeSet<String> = source_files()
        .into_iter()
        .filter(|(path, _)| !path.starts_with("rules/") && path != "findings.rs")
        .flat_map(|(_, text)| {
            id.captures_iter(&text).map(|found| found[1].to_string()).collect::<Vec<_>>()
        })
        .collect();
    let table: Vec<&str> = KINDS.iter().map(|kind| kind.id).collect();
    assert!(table.is_sorted(), "the table is in the order of the ids");
    assert!(RULES.iter().all(|rule| !table.contains(&rule.id)));
    assert_eq!(emitted.iter().map(String::as_str).collect::<Vec<_>>(), table);
}

/// The stages from first to last; a module may use those at or before its own place.
const STAGES: &[&[&str]] = &[
    &[
        "acl_commands",
        "alerts",
        "checksum",
        "diagnostic",
        "directives",
        "findings",
        "image",
        "kubernetes_names",
        "quantity",
        "survival",
    ],
    &["source"],
    &["spec"],
    &["claim", "directive_fields", "maxmemory", "object_names", "schema", "secret_fields"],
    &["rules"],
    &["load"],
    &["topology"],
    &["templates"],
    &["families"],
    &["catalog"],
    &["impact", "output", "rehearse", "report", "resolve"],
    &["cli"],
];

#[test]
fn stages_import_only_from_stages_before_them() {
    let stage = |module: &str| STAGES.iter().position(|stage| stage.contains(&module));
    // One crate line may name several modules in braces, also nested and over several lines.
    let uses = Regex::new(r"(?s)use crate::(\{.*?\n\};|[^;]*;)").unwrap();
    let module = Regex::new(r"(?m)(?:^use crate::|^    |crate::)([a-z_]+)(?:::|,|;|\{)").unwrap();
    let mut wrong: Vec<String> = Vec::new();
    let mut modules: BTreeSet<String> = BTreeSet::new();
    for (path, text) in source_files() {
        let own = path.split(['/', '.']).next().unwrap();
        if ["lib", "main"].contains(&own) {
            continue;
        }
        let own_stage = stage(own).unwrap_or_else(|| panic!("src/{own}.rs has no stage"));
        modules.insert(own.into());
        for statement in uses.find_iter(&text) {
            for name in module.captures_iter(statement.as_str()) {
                let name = &name[1];
                if stage(name).is_some_and(|other| other > own_stage) {
                    wrong.push(format!("{path} uses {name}"));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    let staged: BTreeSet<String> =
        STAGES.iter().flat_map(|stage| stage.iter().map(ToString::to_string)).collect();
    assert_eq!(modules, staged);
}

#[test]
fn only_the_command_line_prints_and_only_output_and_rehearsals_touch_the_disk() {
    for (path, text) in source_files() {
        let code = text.split("#[cfg(test)]").next().unwrap();
        let may_print = path.starts_with("cli") || path == "main.rs";
        let may_touch = may_print || path.starts_with("output") || path.starts_with("rehearse");
        for word in ["println!", "eprintln!", "io::stdout", "io::stderr"] {
            assert!(may_print || !code.contains(word), "{path} has {word}");
        }
        for word in ["fs::", "File::open", "File::create", "process::Command", "env::var"] {
            assert!(may_touch || !code.contains(word), "{path} has {word}");
        }
    }
}

#[test]
fn no_source_file_is_longer_than_300_lines() {
    let long: Vec<String> = source_files()
        .into_iter()
        .filter(|(_, text)| text.lines().count() > 300)
        .map(|(path, text)| format!("{path}: {}", text.lines().count()))
        .collect();
    assert_eq!(long, Vec::<String>::new());
}

#[test]
fn templates_only_print_loop_and_test() {
    let tag = Regex::new(r"(?s)(?:\{%|<%)-?\s*(\w+)(.*?)-?(?:%\}|%>)").unwrap();
    for (name, text) in templates::sources() {
        if name.starts_with("scripts/") {
            continue;
        }
        for found in tag.captures_iter(text) {
            let (word, rest) = (&found[1], found[2].trim());
            assert!(
                ["if", "elif", "else", "endif", "for", "endfor", "include", "raw", "endraw"]
                    .contains(&word),
                "{name}: {word}"
            );
            if word == "if" || word == "elif" {
                let plain = rest.strip_prefix("not ").unwrap_or(rest);
                let is_path =
                    plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte));
                assert!(is_path, "{name}: `{rest}` is more than a boolean or presence");
            }
        }
    }
}

/// Marks each `if` where it is reached and each of its branches where it is taken, and renders every example.
#[test]
fn every_branch_of_every_template_is_on_in_one_example_and_off_in_another() {
    let topologies: Vec<_> =
        examples().iter().map(|path| topology(&fs::read_to_string(path).unwrap())).collect();
    let mut branches: BTreeMap<usize, String> = BTreeMap::new();
    let marked: Vec<(String, String)> = templates::sources()
        .iter()
        .filter(|(name, _)| !name.starts_with("scripts/"))
        .map(|(name, text)| (name.clone(), mark(name, text, &mut branches)))
        .collect();
    let templates = Templates::from_sources(marked);
    let mut seen: BTreeSet<(usize, char)> = BTreeSet::new();
    let mark_seen = Regex::new(r"@@(\d+)([rt])@@").unwrap();
    for topology in &topologies {
        for artifact in catalog::plan(topology, &templates) {
            for found in mark_seen.captures_iter(&artifact.content) {
                seen.insert((found[1].parse().unwrap(), found[2].chars().next().unwrap()));
            }
        }
    }
    let mut missing = Vec::new();
    for (number, place) in &branches {
        for (kind, what) in [('t', "never on"), ('r', "never off")] {
            if !seen.contains(&(*number, kind)) {
                missing.push(format!("{place}: {what}"));
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

/// `{% if x %}a{% endif %}` becomes `{% if x %}@@1t@@a{% else %}@@1r@@{% endif %}`.
fn mark(name: &str, text: &str, branches: &mut BTreeMap<usize, String>) -> String {
    let tag = Regex::new(r"(?s)(\{%|<%)(-?)\s*(if|elif|else|endif)\b(.*?)(-?)(%\}|%>)").unwrap();
    let mut open: Vec<Vec<usize>> = Vec::new();
    let mut marked = String::new();
    let mut end = 0;
    let mut has_else: Vec<bool> = Vec::new();
    let for_else = Regex::new(r"\{% else %\}\{# for #\}").unwrap();
    assert!(!for_else.is_match(text));
    for found in tag.captures_iter(text) {
        let whole = found.get(0).unwrap();
        marked += &text[end..whole.start()];
        end = whole.end();
        let line = text[..whole.start()].matches('\n').count() + 1;
        match &found[3] {
            "if" => {
                let number = branches.len();
                branches.insert(number, format!("{name}:{line} if{}", &found[4]));
                open.push(vec![number]);
                has_else.push(false);
                marked += &format!("{}@@{number}t@@", whole.as_str());
            }
            "elif" => {
                let number = branches.len();
                branches.insert(number, format!("{name}:{line} elif{}", &found[4]));
                let before = open.last_mut().unwrap();
                before.push(number);
                marked +=
                    &format!("{}{}@@{number}t@@", whole.as_str(), off(&before[..before.len() - 1]));
            }
            "else" => {
                *has_else.last_mut().unwrap() = true;
                marked += &format!("{}{}", whole.as_str(), off(open.last().unwrap()));
            }
            _ => {
                let numbers = open.pop().unwrap();
                let (block, close) = (&found[1], &found[6]);
                if !has_else.pop().unwrap() {
                    marked += &format!("{block} else {close}{}", off(&numbers));
                }
                marked += whole.as_str();
            }
        }
    }
    marked + &text[end..]
}

fn off(numbers: &[usize]) -> String {
    numbers.iter().map(|number| format!("@@{number}r@@")).collect()
}

#[test]
fn no_file_names_a_path_of_a_machine() {
    let ignored = ["target", ".git", "rendered"];
    let walk = WalkDir::new(root())
        .into_iter()
        .filter_entry(|entry| !ignored.contains(&entry.file_name().to_string_lossy().as_ref()));
    // Written so that this file does not find itself.
    let words = ["/wo\u{72}k/", "/roo\u{74}/", "\u{2e}./shared", "registry/s\u{72}c"];
    for entry in walk.filter_map(Result::ok).filter(|entry| entry.file_type().is_file()) {
        let Ok(text) = fs::read_to_string(entry.path()) else { continue };
        for word in words {
            assert!(!text.contains(word), "{} has {word}", entry.path().display());
        }
    }
}

#[test]
fn the_schema_file_is_fresh() {
    let file = root().join("schemas/redisforge.dev_v1alpha1.json");
    let schema = format!("{:#}\n", redisforge::schema::file_schema());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, &schema).unwrap();
    }
    assert_eq!(
        fs::read_to_string(Path::new(&file)).unwrap(),
        schema,
        "accept with UPDATE_GOLDEN=1"
    );
}
