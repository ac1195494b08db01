//! The templates: embedded, strict, each piece of free text quoted for its language.

mod quote;

use std::{cell::RefCell, collections::BTreeMap, io, io::Write, sync::LazyLock};

use include_dir::{Dir, include_dir};
use tera::{Context, Delimiters, Kwargs, State, Tera, Value};

use crate::checksum::sha256;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// Below this folder `{{` belongs to Prometheus and Grafana, so its templates write `<<`, `<%` and `<#`.
const FOREIGN_BRACES: &str = "monitoring/";
/// Scripts are the same for every topology: they are copied, not rendered.
const VERBATIM: &str = "scripts/";

thread_local! {
    /// What a thread renders into.
    static TEXT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The templates, parsed.
pub struct Templates {
    usual: Tera,
    monitoring: Tera,
}

impl Templates {
    /// Parses all of them.
    ///
    /// # Panics
    /// If an embedded template does not parse, which every test would have shown.
    #[must_use]
    pub fn parse() -> Self {
        let rendered = sources().iter().filter(|(name, _)| !name.starts_with(VERBATIM));
        Self::from_sources(rendered.map(|(name, text)| (name.clone(), *text)))
    }

    /// Parses templates given as text.
    ///
    /// # Panics
    /// If one does not parse.
    #[must_use]
    pub fn from_sources<T: AsRef<str> + Send>(
        sources: impl IntoIterator<Item = (String, T)>,
    ) -> Self {
        let (monitoring, usual): (Vec<_>, Vec<_>) =
            sources.into_iter().partition(|(name, _)| name.contains(FOREIGN_BRACES));
        let (usual, monitoring) =
            rayon::join(|| engine(None, usual), || engine(Some(angle_brackets()), monitoring));
        Self { usual, monitoring }
    }

    /// The text of a template with a context filled in.
    ///
    /// # Panics
    /// If a template asks for what the context lacks, or prints free text without a filter: a defect of redisforge.
    #[must_use]
    pub fn render(&self, name: &str, context: &Context) -> String {
        if let Some(script) = script(name) {
            return script.text.into();
        }
        let engine = if name.contains(FOREIGN_BRACES) { &self.monitoring } else { &self.usual };
        // Into what is there since the last text, as large ones would move many times while they grow.
        let mut text = TEXT.take();
        text.clear();
        engine
            .render_to(name, context, &mut text)
            .unwrap_or_else(|error| panic!("template {name}: {error:?}"));
        let rendered =
            str::from_utf8(&text).unwrap_or_else(|error| panic!("{name}: {error}")).into();
        TEXT.set(text);
        rendered
    }
}

/// SHA-256 of the text that a template makes, if that is known: of a script.
#[must_use]
pub fn checksum(name: &str) -> Option<&'static str> {
    script(name).map(|script| script.checksum.as_str())
}

/// Some text as a scalar of YAML, for what many topologies say.
#[must_use]
pub fn yaml(text: &str) -> Value {
    quote::yaml(text.into())
}

/// Spaces before each line of a `|` block below `data` of a ConfigMap.
pub const BLOCK_MARGIN: usize = 4;

/// The text that a template makes as such a block; that of a script is known.
#[must_use]
pub fn block(name: &str, text: &str) -> Value {
    script(name).map_or_else(|| indented(text), |script| script.block.clone())
}

fn indented(text: &str) -> Value {
    Value::safe_string(&quote::literal(text, BLOCK_MARGIN))
}

/// The same for every topology.
struct Script {
    text: &'static str,
    checksum: String,
    block: Value,
}

fn script(name: &str) -> Option<&'static Script> {
    static SCRIPTS: LazyLock<BTreeMap<&'static str, Script>> = LazyLock::new(|| {
        let scripts = sources().iter().filter(|(name, _)| name.starts_with(VERBATIM));
        let script = |text: &'static str| Script {
            text,
            checksum: sha256(text.as_bytes()),
            block: indented(text),
        };
        scripts.map(|(name, text)| (name.as_str(), script(text))).collect()
    });
    SCRIPTS.get(name)
}

/// Every template by the name of the file that it makes, sorted.
#[must_use]
pub fn sources() -> &'static BTreeMap<String, &'static str> {
    &SOURCES
}

static SOURCES: LazyLock<BTreeMap<String, &'static str>> = LazyLock::new(|| {
    let mut sources = BTreeMap::new();
    collect(&FILES, &mut sources);
    sources
});

fn collect(folder: &Dir<'static>, sources: &mut BTreeMap<String, &'static str>) {
    for file in folder.files() {
        let path = file.path().to_string_lossy().replace('\\', "/");
        if let (Some(name), Some(text)) = (path.strip_suffix(".tera"), file.contents_utf8()) {
            sources.insert(name.into(), text);
        }
    }
    for folder in folder.dirs() {
        collect(folder, sources);
    }
}

fn angle_brackets() -> Delimiters {
    Delimiters {
        block_start: "<%".into(),
        block_end: "%>".into(),
        variable_start: "<<".into(),
        variable_end: ">>".into(),
        comment_start: "<#".into(),
        comment_end: "#>".into(),
    }
}

fn engine<T: AsRef<str>>(delimiters: Option<Delimiters>, sources: Vec<(String, T)>) -> Tera {
    let mut tera = Tera::default();
    if let Some(delimiters) = delimiters {
        tera.set_delimiters(delimiters).unwrap_or_else(|error| panic!("delimiters: {error}"));
    }
    tera.register_filter("conf", |text: &str, _: Kwargs, _: &State<'_>| {
        Value::safe_string(&quote::conf(text))
    });
    tera.register_filter("json", |value: Value, _: Kwargs, _: &State<'_>| {
        Value::safe_string(&quote::json(&value))
    });
    tera.register_filter("sh", |text: &str, _: Kwargs, _: &State<'_>| {
        Value::safe_string(&quote::sh(text))
    });
    tera.register_filter("yaml", |value: Value, _: Kwargs, _: &State<'_>| quote::yaml(value));
    tera.register_filter("yaml_block", |value: Value, arguments: Kwargs, _: &State<'_>| {
        Ok::<_, tera::Error>(Value::safe_string(&quote::yaml_block(
            &value,
            arguments.must_get("indent")?,
        )))
    });
    tera.register_filter("literal", |text: &str, arguments: Kwargs, _: &State<'_>| {
        Ok::<_, tera::Error>(Value::safe_string(&quote::literal(
            text,
            arguments.must_get("indent")?,
        )))
    });
    tera.autoescape_on([""]);
    tera.set_escape_fn(refuse_free_text);
    tera.add_raw_templates(sources).unwrap_or_else(|error| panic!("templates: {error:?}"));
    tera
}

/// Text printed without a filter may be a word; anything else could mean something in the language around it.
fn refuse_free_text(text: &str, output: &mut dyn Write) -> io::Result<()> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/:@+%".contains(&byte);
    if text.bytes().all(is_word) {
        output.write_all(text.as_bytes())
    } else {
        Err(io::Error::other(format!("`{text}` needs a filter: conf, json, sh, yaml")))
    }
}
