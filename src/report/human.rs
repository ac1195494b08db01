//! For people: rustc's look.

use std::{
    io::{self, Write},
    ops::Range,
};

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};

use super::Located;
use crate::diagnostic::Severity;

/// Lines with more bytes than this are no help to look at.
const WIDEST: usize = 4096;
/// Two places within this many lines are shown together.
const NEAR: usize = 20;

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
    let mut group = Group::with_title(title).elements(excerpts(finding));
    if let Some(why) = &diagnostic.why {
        group = group.element(Level::NOTE.with_name("why").message(why));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    group
}

/// A place to underline and what to say there.
struct Mark<'a> {
    kind: AnnotationKind,
    span: Range<usize>,
    label: &'a str,
}

/// The place, and what explains it: in one excerpt if they are near.
fn excerpts<'a>(finding: &'a Located<'a>) -> Vec<Element<'a>> {
    let diagnostic = finding.diagnostic;
    let primary =
        Mark { kind: AnnotationKind::Primary, span: shown(finding), label: &diagnostic.path };
    let context = diagnostic.related.as_ref().map(|(span, label)| Mark {
        kind: AnnotationKind::Context,
        span: span.clone(),
        label,
    });
    let excerpts = match context {
        None => vec![excerpt(finding, vec![primary])],
        Some(context) => {
            let source = &finding.loaded.source;
            let line = |mark: &Mark| source.lines(&mark.span).1;
            let file = |mark: &Mark| source.file(mark.span.start);
            if file(&primary) == file(&context) && line(&primary).abs_diff(line(&context)) <= NEAR {
                vec![excerpt(finding, vec![primary, context])]
            } else {
                vec![excerpt(finding, vec![primary]), excerpt(finding, vec![context])]
            }
        }
    };
    excerpts.into_iter().collect::<Option<_>>().unwrap_or_else(|| vec![origin(finding)])
}

/// The lines that hold some marks; nothing where a secret may stand in them, or where they are no help.
fn excerpt<'a>(finding: &Located<'a>, marks: Vec<Mark<'a>>) -> Option<Element<'a>> {
    let source = &finding.loaded.source;
    let start = marks.iter().map(|mark| mark.span.start).min()?;
    let end = marks.iter().map(|mark| mark.span.end).max()?;
    let (lines, first) = source.lines(&(start..end));
    let is_wide = lines.len() > WIDEST * (NEAR + 1)
        || marks.iter().any(|mark| source.lines(&mark.span).0.len() > WIDEST);
    if lines.is_empty() || is_wide || finding.may_show_a_secret() {
        return None;
    }
    let snippet = Snippet::source(&source.text[lines.clone()]).line_start(first);
    let annotations = marks.into_iter().map(|mark| {
        let span = mark.span.start - lines.start..mark.span.end - lines.start;
        mark.kind.span(span).label(mark.label)
    });
    Some(snippet.path(source.file(start)).annotations(annotations).into())
}

fn origin<'a>(finding: &Located<'a>) -> Element<'a> {
    let (line, column) = finding.region().0;
    Origin::path(finding.file()).line(line).char_column(column).into()
}

/// A value that runs over several lines is shown by its first.
fn shown(finding: &Located<'_>) -> Range<usize> {
    let span = finding.diagnostic.span.clone();
    let text = finding.loaded.source.text.get(span.clone()).unwrap_or_default();
    let first = text.lines().next().unwrap_or_default().trim_end().len();
    span.start..span.start + first
}
