//! The same spec gives the same bytes, wherever and however it is rendered; and no secret is among them.

mod support;

use std::{fs, path::Path, process::Command};

use proptest::prelude::*;
use redisforge::{catalog, load, source::Source, templates::Templates, topology::Topology};
use support::{bench::tree, examples, render, rendered_examples, root, topology};
use tempfile::TempDir;

#[test]
fn the_bytes_do_not_depend_on_place_locale_time_zone_or_threads() {
    let render = |variables: &[(&str, &str)], nested: &str| {
        let bench = TempDir::new().unwrap();
        let specs = bench.path().join(nested).join("specs");
        fs::create_dir_all(&specs).unwrap();
        for example in examples() {
            fs::copy(&example, specs.join(example.file_name().unwrap())).unwrap();
        }
        let output = Command::new(env!("CARGO_BIN_EXE_redisforge"))
            .args(["render", "specs"])
            .envs(variables.iter().copied())
            .current_dir(bench.path().join(nested))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        tree(&bench.path().join(nested).join("rendered"))
    };
    let first = render(&[("LC_ALL", "C"), ("TZ", "UTC"), ("RAYON_NUM_THREADS", "1")], "a");
    let second = render(
        &[
            ("LC_ALL", "tr_TR.UTF-8"),
            ("TZ", "Asia/Kathmandu"),
            ("RAYON_NUM_THREADS", "7"),
            ("HOME", "/nowhere"),
        ],
        "some where/else ü",
    );
    assert!(first.len() > 100, "{}", first.len());
    assert!(first == second);
}

#[test]
fn a_spec_that_waits_for_many_others_renders_the_same() {
    let templates = Templates::parse();
    let odd = "apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopology\nmetadata: {name: odd}\nspec: \
               {tls: {mode: Disabled}, monitoring: {alerts: {thresholds: {fragmentationRatio: 3.3333333333333335}}}}\n";
    let texts = examples().into_iter().map(|example| fs::read_to_string(example).unwrap());
    for text in texts.chain([odd.into()]) {
        let loaded = load::load(vec![Source::read("spec.yaml", text)]).remove(0);
        let valid = loaded.spec.unwrap();
        let packed = valid.pack();
        let rendered = |valid| catalog::plan(&Topology::from(valid), &templates);
        assert_eq!(rendered(packed.unpack()), rendered(valid), "{:?}", loaded.name);
    }
}

#[test]
fn no_byte_of_a_secret_file_reaches_the_output() {
    let bench = TempDir::new().unwrap();
    let canary = "canary-7f3a-do-not-print";
    let secrets = bench.path().join("secrets");
    fs::create_dir_all(&secrets).unwrap();
    let text = fs::read_to_string(root().join("examples/valkey.yaml")).unwrap();
    let here = secrets.to_str().unwrap();
    let text = text.replace("/etc/valkey/secrets", here).replace("/etc/valkey/tls", here)
        + &format!("  notifications: {{webhooks: [{{name: chat, url: {{file: {here}/url}}}}]}}\n");
    let expected = topology(&text).expectations();
    for name in ["password", "server.key", "url"] {
        assert!(expected.contains(&format!("{here}/{name}")), "{name} in {expected:?}");
    }
    for path in expected {
        assert!(path.starts_with(here), "{path}");
        let name = Path::new(&path).file_name().unwrap().to_string_lossy().into_owned();
        let content = match name.as_str() {
            "url" => format!("https://example.com/{canary}"),
            "server.key" => format!("-----BEGIN PRIVATE KEY-----\n{canary}\n"),
            _ => canary.into(),
        };
        fs::write(path, content).unwrap();
    }
    fs::write(bench.path().join("spec.yaml"), &text).unwrap();
    for arguments in [
        &["validate", "spec.yaml"][..],
        &["render", "spec.yaml"],
        &["render", "spec.yaml", "--check"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_redisforge"))
            .args(arguments)
            .current_dir(bench.path())
            .env("REDIS_PASSWORD", canary)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let told = [output.stdout, output.stderr].concat();
        assert!(!String::from_utf8_lossy(&told).contains(canary));
    }
    let rendered = tree(&bench.path().join("rendered"));
    assert!(rendered.len() > 30);
    for (path, bytes) in rendered {
        assert!(!String::from_utf8_lossy(&bytes).contains(canary), "{}", path.display());
    }
}

#[test]
fn no_rendered_byte_says_which_version_made_it() {
    let version = env!("CARGO_PKG_VERSION");
    for (example, artifacts) in rendered_examples() {
        for artifact in artifacts {
            for line in artifact.content.lines().filter(|line| line.contains("redisforge")) {
                assert!(!line.contains(version), "{example}/{}: {line}", artifact.path);
            }
        }
    }
}

#[test]
fn every_file_ends_in_one_line_feed_and_has_no_blanks_at_line_ends() {
    for (example, artifacts) in rendered_examples() {
        for artifact in artifacts {
            let name = format!("{example}/{}", artifact.path);
            let may_be_empty = ["users", "webhooks"].iter().any(|end| artifact.path.ends_with(end));
            assert!(
                may_be_empty && artifact.content.is_empty() || artifact.content.ends_with('\n'),
                "{name}"
            );
            assert!(!artifact.content.ends_with("\n\n"), "{name}");
            assert!(!artifact.content.contains("\n\n\n"), "{name} has two empty lines in a row");
            assert!(!artifact.content.contains('\r') && !artifact.content.contains('\t'), "{name}");
            for line in artifact.content.lines() {
                assert!(!line.ends_with(' '), "{name}: `{line}`");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_makes_the_program_panic(text in "\\PC{0,200}") {
        let _ = load::load(vec![Source::read("x", text)]);
    }

    #[test]
    fn no_values_in_the_right_places_make_it_panic(
        word in "\\PC{0,20}", number in any::<u32>(), small in 0_u32..8, flag in any::<bool>(),
    ) {
        let quoted = serde_json::to_string(&word).unwrap();
        let text = format!(
            "apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopology\nmetadata: {{name: {quoted}, labels: {{{quoted}: {quoted}}}}}\nspec:\n  \
             sentinel: {{instances: {number}, quorum: {small}, downAfterMilliseconds: {number}}}\n  \
             redis: {{memory: {quoted}, replicasPerMaster: {small}, maxmemoryPercent: {number}, config: {{{quoted}: {quoted}, maxmemory: {number}}}}}\n  \
             masters: [{{name: {quoted}, redis: {{port: {number}}}}}]\n  auth: {{enabled: {flag}}}\n"
        );
        let _ = load::load(vec![Source::read("x", text)]);
    }

    #[test]
    fn free_text_comes_out_of_yaml_and_conf_as_it_went_in(word in "\\PC{1,40}") {
        // Annotations may hold any text; so may a directive that is a string.
        let quoted = serde_json::to_string(&word).unwrap();
        let text = format!(
            "apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopology\nmetadata: {{name: cache, annotations: {{example.com/note: {quoted}}}}}\nspec:\n  \
             tls: {{mode: Disabled}}\n  redis: {{podAnnotations: {{example.com/note: {quoted}}}}}\n"
        );
        let topology = topology(&text);
        prop_assert_eq!(topology.annotations["example.com/note"].as_str(), word.as_str());
        for artifact in render(&text).iter().filter(|artifact| artifact.path.ends_with("statefulset.yaml")) {
            let object: serde_json::Value = serde_yaml::from_str(&artifact.content).unwrap();
            prop_assert_eq!(object["metadata"]["annotations"]["example.com/note"].as_str(), Some(word.as_str()));
            if artifact.path.contains("/redis/") {
                let pod = &object["spec"]["template"]["metadata"]["annotations"];
                prop_assert_eq!(pod["example.com/note"].as_str(), Some(word.as_str()));
            }
        }
    }
}
