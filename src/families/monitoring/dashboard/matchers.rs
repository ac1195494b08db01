//! Label matchers, for what stands in angle brackets in an expression.

use crate::topology::{Master, Topology};

type Words = Vec<(&'static str, String)>;

/// The matchers of one topology.
pub struct Matchers {
    everywhere: Words,
    /// Of each master by itself.
    of_masters: Vec<Words>,
}

impl Matchers {
    pub fn new(topology: &Topology) -> Self {
        let name = format!(r#"topology="{}""#, topology.name);
        let of_master = |master: &Master| {
            vec![
                ("one", format!(r#"{name},master="{}""#, master.name)),
                ("min_replicas", master.min_replicas_to_write.to_string()),
            ]
        };
        let chosen = r#"master=~"$master",instance=~"$instance""#;
        Self {
            of_masters: topology.masters.iter().map(of_master).collect(),
            everywhere: vec![
                ("data", format!(r#"{name},component="redis",{chosen}"#)),
                ("watched", format!(r#"{name},component="sentinel",{chosen}"#)),
                ("sentinel", format!(r#"{name},component="sentinel",instance=~"$instance""#)),
                ("recorded", format!("{name},{chosen}")),
                ("topology", name),
            ],
        }
    }

    /// An expression with its matchers.
    pub fn fill(&self, expression: &str) -> String {
        if expression.contains("<one>") {
            let filled = self.of_masters.iter().map(|words| fill(expression, words));
            return filled.collect::<Vec<_>>().join(" or ");
        }
        fill(expression, &self.everywhere)
    }
}

fn fill(expression: &str, words: &Words) -> String {
    let mut filled = String::with_capacity(expression.len() * 2);
    let mut rest = expression;
    while let Some((before, after)) = rest.split_once('<') {
        filled += before;
        let word = words.iter().find_map(|(word, matcher)| {
            Some((matcher, after.strip_prefix(word)?.strip_prefix('>')?))
        });
        rest = if let Some((matcher, after)) = word {
            filled += matcher;
            after
        } else {
            filled.push('<');
            after
        };
    }
    filled + rest
}
