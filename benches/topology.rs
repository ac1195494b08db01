//! One topology, stage by stage, without process start and disk.

use std::{fs, hint::black_box};

use criterion::{Criterion, criterion_group, criterion_main};
use redisforge::{catalog, load, source::Source, templates::Templates, topology::Topology};

const EXAMPLES: [&str; 3] = ["minimal", "production-kubernetes", "hosts"];

fn text(example: &str) -> String {
    let path = format!("{}/examples/{example}.yaml", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(path).expect("an example")
}

fn load(text: &str) -> Topology {
    let mut loaded = load::load(vec![Source::read("spec.yaml", text.into())]);
    loaded.remove(0).spec.take().expect("a valid example").into()
}

fn stages(criterion: &mut Criterion) {
    criterion.bench_function("parse all templates", |bench| {
        bench.iter(|| black_box(Templates::parse()));
    });
    let templates = Templates::parse();
    for example in EXAMPLES {
        let text = text(example);
        criterion.bench_function(&format!("{example}: text to topology"), |bench| {
            bench.iter(|| black_box(load(&text)));
        });
        let topology = load(&text);
        criterion.bench_function(&format!("{example}: topology to files"), |bench| {
            bench.iter(|| black_box(catalog::plan(&topology, &templates)));
        });
    }
}

criterion_group!(benches, stages);
criterion_main!(benches);
