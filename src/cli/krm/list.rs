//! A ResourceList: items that are not ours keep their very text.

use std::io::Write;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::{
    cli::inputs::GROUP,
    source::{Kind, Node, Source},
    spec::KIND,
};

/// What came in.
pub struct List {
    pub function: Option<Item>,
    pub items: Vec<Item>,
}

/// One object of the list.
pub struct Item {
    /// As it was written, from the first column on.
    pub text: String,
    pub value: Value,
    /// Whether it is one of our specs.
    pub is_spec: bool,
    position: String,
}

impl List {
    /// Reads a ResourceList, as YAML or JSON.
    pub fn read(text: String) -> Result<Self> {
        let (source, found) = Source::read("stdin", text);
        if let Some(syntax) = found.iter().find(|found| found.id == "yaml-syntax") {
            let (line, column) = source.position(syntax.span.start);
            bail!("cannot read the ResourceList: stdin:{line}:{column}: {}", syntax.message);
        }
        let kind = source.root.get("kind").map(Node::to_json);
        if kind.as_ref().and_then(Value::as_str) != Some("ResourceList") {
            bail!(
                "cannot read stdin: its `kind` is not ResourceList; krm is called by kustomize, kpt and the like"
            );
        }
        let items = match source.root.get("items").map(|items| &items.kind) {
            Some(Kind::Sequence(items)) => items.as_slice(),
            _ => &[],
        };
        let item =
            |(index, node): (usize, &Node)| Item::of(&source, node, format!("items[{index}]"));
        let function = source.root.get("functionConfig");
        let function = function.map(|node| Item::of(&source, node, "functionConfig".into()));
        Ok(Self {
            function: function.transpose()?.filter(|function| !function.value.is_null()),
            items: items.iter().enumerate().map(item).collect::<Result<_>>()?,
        })
    }
}

impl Item {
    fn of(source: &Source, node: &Node, position: String) -> Result<Self> {
        let value = node.to_json();
        let is_spec = value["apiVersion"].as_str().is_some_and(|group| group.starts_with(GROUP))
            && value["kind"].as_str() == Some(KIND);
        let written = dedented(source, node);
        // Anchors of elsewhere are missing in it.
        let is_whole = Source::read("item", written.clone()).0.root.to_json() == value;
        let text = if is_whole { written } else { yaml(&value)? };
        Ok(Self { text, value, is_spec, position })
    }

    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.value["metadata"]["annotations"][key].as_str()
    }

    pub fn path(&self) -> Option<&str> {
        self.annotation("internal.config.kubernetes.io/path")
            .or_else(|| self.annotation("config.kubernetes.io/path"))
    }

    pub fn index(&self) -> Option<u32> {
        self.annotation("internal.config.kubernetes.io/index")
            .or_else(|| self.annotation("config.kubernetes.io/index"))?
            .parse()
            .ok()
    }

    /// What findings call it.
    pub fn file(&self) -> String {
        self.path().map_or_else(|| format!("stdin, {}", self.position), String::from)
    }
}

/// The text of a node as if it stood at the first column.
fn dedented(source: &Source, node: &Node) -> String {
    let column = source.position(node.span.start).1 - 1;
    let text = source.text.get(node.span.clone()).unwrap_or_default().trim_end();
    let mut lines = text.lines();
    let mut dedented = lines.next().unwrap_or_default().to_string();
    for line in lines {
        let blanks = line.bytes().take_while(|byte| *byte == b' ').count().min(column);
        dedented.push('\n');
        dedented += &line[blanks..];
    }
    dedented.push('\n');
    dedented
}

/// Writes a ResourceList.
pub fn write(
    function: Option<&Item>,
    items: &[String],
    results: &[Value],
    output: &mut dyn Write,
) -> Result<()> {
    write!(output, "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n")?;
    if let Some(function) = function {
        write!(output, "functionConfig:\n{}", indented(&function.text, "  ", "  "))?;
    }
    writeln!(output, "items:{}", if items.is_empty() { " []" } else { "" })?;
    for item in items {
        write!(output, "{}", indented(item, "- ", "  "))?;
    }
    if !results.is_empty() {
        write!(output, "{}", yaml(&json!({"results": results}))?)?;
    }
    Ok(())
}

fn indented(text: &str, first: &str, others: &str) -> String {
    let mut indented = String::new();
    for (index, line) in text.lines().enumerate() {
        if !line.is_empty() {
            indented += if index == 0 { first } else { others };
            indented += line;
        }
        indented.push('\n');
    }
    indented
}

/// A value as YAML that no reader misreads.
pub fn yaml(value: &Value) -> Result<String> {
    let options = serde_saphyr::ser_options! { min_fold_chars: usize::MAX };
    let mut text = String::new();
    serde_saphyr::to_fmt_writer_with_options(&mut text, value, options)
        .context("cannot write it as YAML")?;
    Ok(text)
}
