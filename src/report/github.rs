//! Workflow commands: GitHub shows each at its line of the pull request.

use std::io::{self, Write};

use super::Located;
use crate::diagnostic::Severity;

/// GitHub shows ten of a kind for each step and hides the rest without a word, so the worst come first and the log says what follows.
const SHOWN: usize = 10;

pub fn write(findings: &[Located<'_>], output: &mut dyn Write) -> io::Result<()> {
    for (severity, command) in
        [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "notice")]
    {
        let of_kind = || findings.iter().filter(|finding| finding.diagnostic.severity == severity);
        for finding in of_kind() {
            let ((line, column), (end_line, end_column)) = finding.region();
            let diagnostic = finding.diagnostic;
            let file = property(finding.file());
            let mut text = diagnostic.message.clone();
            for more in [&diagnostic.why, &diagnostic.help].into_iter().flatten() {
                text += &format!("\n{more}");
            }
            if let Some((file, (line, column), message)) = finding.related() {
                text += &format!("\n{file}:{line}:{column}: {message}");
            }
            writeln!(
                output,
                "::{command} file={file},line={line},col={column},endLine={end_line},endColumn={end_column},title={}::{}",
                property(diagnostic.id),
                data(&text)
            )?;
        }
        let count = of_kind().count();
        if count > SHOWN {
            writeln!(
                output,
                "{count} findings of this kind; GitHub shows the first {SHOWN} of them at their lines"
            )?;
        }
    }
    Ok(())
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
