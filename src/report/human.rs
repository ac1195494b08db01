//! For people: rustc's look.

use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::Located;
use crate::diagnostic::Severity;

pub fn write(findings: &[Located<'_>], output: &mut dyn Write) -> io::Result<()> {
    let renderer = Renderer::styled();
    for finding in findings {
        writeln!(output, "{}\n", renderer.render(&[group(finding)]))?;
    }
    Ok(())
}

fn group<'a>(finding: &'a Located<'a>) -> Group<'a> {
    let diagnostic = finding.diagnostic;
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(&diagnostic.message).id(diagnostic.id);
    let source = &finding.loaded.source;
    let mut group = if source.text.is_empty() || finding.may_show_a_secret() {
        let (line, column) = finding.region().0;
        Group::with_title(title)
            .element(annotate_snippets::Origin::path(&source.name).line(line).char_column(column))
    } else {
        let mut snippet = Snippet::source(&source.text).path(&source.name);
        snippet = snippet
            .annotation(AnnotationKind::Primary.span(shown(finding)).label(&diagnostic.path));
        if let Some((span, label)) = &diagnostic.related {
            snippet = snippet.annotation(AnnotationKind::Context.span(span.clone()).label(label));
        }
        Group::with_title(title).element(snippet)
    };
    if let Some(why) = &diagnostic.why {
        group = group.element(Level::NOTE.with_name("why").message(why));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    group
}

/// A value that runs over several lines is shown by its first.
fn shown(finding: &Located<'_>) -> std::ops::Range<usize> {
    let span = finding.diagnostic.span.clone();
    let text = finding.loaded.source.text.get(span.clone()).unwrap_or_default();
    let first = text.lines().next().unwrap_or_default().trim_end().len();
    span.start..span.start + first
}
