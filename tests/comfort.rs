//! Completions, manual pages, how much is said, how much is done at once, and what a terminal shows.

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use support::terminal::in_terminal;
use tempfile::TempDir;
use walkdir::WalkDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_redisforge");

/// Specs `set-0` and so on in a directory.
fn specs(place: &Path, count: usize) -> PathBuf {
    let directory = place.join(format!("specs-{count}"));
    fs::create_dir_all(&directory).unwrap();
    for number in 0..count {
        let spec = format!(
            "apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopology\nmetadata: {{name: set-{number}}}\nspec: {{}}\n"
        );
        fs::write(directory.join(format!("{number}.yaml")), spec).unwrap();
    }
    directory
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).current_dir(directory).stdin(Stdio::null()).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Every command but `help`.
fn commands() -> Vec<String> {
    let help = stdout(&Command::new(PROGRAM).arg("help").output().unwrap());
    let list = help.split_once("Commands:\n").unwrap().1.split_once("\n\n").unwrap().0;
    let names = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names: Vec<String> =
        names.map(|line| line.split_whitespace().next().unwrap().to_string()).collect();
    assert!(names.len() > 7, "{names:?}");
    names.into_iter().filter(|name| name != "help").collect()
}

#[test]
fn bash_completes_commands_options_and_values() {
    let script = "source <(\"$1\" completions bash); shift
        COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1))
        _redisforge redisforge \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD-1]}\"
        echo \"${COMPREPLY[@]}\"; complete -p redisforge";
    let complete = |words: &[&str]| {
        let mut command = Command::new("bash");
        let output = command.args(["-c", script, "bash", PROGRAM]).args(words).output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        let text = stdout(&output);
        let (replies, complete) = text.split_once('\n').unwrap();
        assert!(complete.ends_with(" redisforge\n"), "{complete}");
        replies.to_string()
    };
    assert_eq!(complete(&["redisforge", "ren"]), "render");
    assert_eq!(complete(&["redisforge", "render", "--overw"]), "--overwrite-edited");
    assert_eq!(complete(&["redisforge", "init", "--platform", ""]), "kubernetes hosts");
    for name in commands() {
        assert_eq!(complete(&["redisforge", &name]).split(' ').next(), Some(name.as_str()));
    }
}

#[test]
fn every_shell_has_completions_that_know_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = Command::new(PROGRAM).args(["completions", shell]).output().unwrap();
        assert!(output.status.success());
        for name in commands() {
            assert!(stdout(&output).contains(&name), "{shell} {name}");
        }
    }
}

#[test]
fn every_command_has_a_manual_page_that_groff_sets_without_complaint() {
    let place = TempDir::new().unwrap();
    assert!(run(place.path(), &["man", "--output", "man/man1"]).status.success());
    let mut pages: Vec<String> = fs::read_dir(place.path().join("man/man1"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    pages.sort();
    let mut expected: Vec<String> =
        commands().iter().map(|name| format!("redisforge-{name}.1")).collect();
    expected.push("redisforge.1".into());
    expected.sort();
    assert_eq!(pages, expected);
    for page in &pages {
        let file = place.path().join("man/man1").join(page);
        let mut groff = Command::new("groff");
        let output =
            groff.args(["-man", "-Tutf8", "-ww", "-P-cbou"]).arg(&file).output().expect("groff");
        assert_eq!(stderr(&output), "", "{page}");
        let name = page.strip_suffix(".1").unwrap();
        // Lines are justified, with blanks where they fit.
        let text = stdout(&output).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(&name.replacen('-', " ", 1)), "the synopsis of {page}: {text}");
        // The page of one command alone is the same.
        let one = name.strip_prefix("redisforge-");
        let printed =
            run(place.path(), &["man", one.unwrap_or_default()][..=usize::from(one.is_some())]);
        assert_eq!(printed.stdout, fs::read(&file).unwrap(), "{page}");
    }
    let output = run(place.path(), &["man", "rendr"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("rendr"));
}

#[test]
fn quiet_says_only_what_is_wrong_and_verbose_names_every_file() {
    let place = TempDir::new().unwrap();
    let directory = specs(place.path(), 2);
    for command in [&["validate", "specs-2", "-q"][..], &["render", "specs-2", "--quiet"]] {
        let output = run(place.path(), command);
        assert!(output.status.success());
        assert_eq!(stdout(&output) + &stderr(&output), "", "{command:?}");
    }
    fs::write(place.path().join("rendered/set-0/scripts/notify.sh"), "edited").unwrap();
    let output = run(place.path(), &["render", "specs-2", "-q"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("notify.sh is not as redisforge wrote it"));
    let output = run(place.path(), &["render", "specs-2", "--check", "-q"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("rendered/set-0 is not current"), "{}", stderr(&output));
    let output = run(place.path(), &["render", "specs-2", "-v", "--overwrite-edited"]);
    assert!(stderr(&output).contains("written rendered/set-0/scripts/notify.sh\n"));
    assert_eq!(stderr(&output).matches("written rendered/").count(), 1);
    let output = run(place.path(), &["validate", "specs-2", "-v"]);
    for name in ["0.yaml: 1 warning", "1.yaml: 1 warning"] {
        assert!(stderr(&output).contains(name), "{}", stderr(&output));
    }
    // Errors are shown whatever is asked; a document is whole.
    let whole = run(place.path(), &["validate", "specs-2", "--format", "json"]).stdout;
    let quiet = run(place.path(), &["validate", "specs-2", "--format", "json", "-q"]);
    assert_eq!(quiet.stdout, whole);
    fs::write(directory.join("0.yaml"), "apiVersion: redisforge.dev/v1alpha1\nkind: Redis\n")
        .unwrap();
    let output = run(place.path(), &["validate", "specs-2", "-q"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("error[") && !stdout(&output).contains("warning["));
    assert_eq!(run(place.path(), &["validate", "specs-2", "-q", "-v"]).status.code(), Some(2));
}

/// Every file below a directory with its content.
fn tree(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let walk = WalkDir::new(directory).sort_by_file_name().into_iter().map(Result::unwrap);
    let files = walk.filter(|entry| entry.file_type().is_file());
    files
        .map(|entry| {
            let name = entry.path().strip_prefix(directory).unwrap();
            (name.to_path_buf(), fs::read(entry.path()).unwrap())
        })
        .collect()
}

#[test]
fn as_many_jobs_as_are_asked_for_write_the_same_bytes() {
    let place = TempDir::new().unwrap();
    specs(place.path(), 12);
    for jobs in ["1", "7"] {
        let output = run(place.path(), &["render", "specs-12", "-o", jobs, "--jobs", jobs]);
        assert!(output.status.success(), "{}", stderr(&output));
    }
    assert!(tree(&place.path().join("1")).len() > 12 * 20);
    assert_eq!(tree(&place.path().join("1")), tree(&place.path().join("7")));
    for wrong in ["0", "many"] {
        let output = run(place.path(), &["validate", "specs-12", "--jobs", wrong]);
        assert_eq!(output.status.code(), Some(2));
    }
}

#[test]
fn progress_is_shown_on_a_terminal_when_it_takes_long_and_nowhere_else() {
    let place = TempDir::new().unwrap();
    let mut count = 250;
    loop {
        specs(place.path(), count);
        let started = Instant::now();
        let piped = run(
            place.path(),
            &["validate", &format!("specs-{count}"), "--jobs", "1", "--format", "json"],
        );
        assert!(piped.status.success());
        assert!(!stderr(&piped).contains("checks"), "{}", stderr(&piped));
        if started.elapsed() > Duration::from_millis(1500) {
            break;
        }
        count *= 2;
    }
    let long = format!("{PROGRAM} validate specs-{count} --jobs 1 --format json >out");
    let (exit, shown) = in_terminal(&long, place.path(), &[], &[]);
    assert_eq!(exit, 0, "{shown}");
    assert!(shown.contains(&format!("checks {count} specs")), "{shown}");
    // The line is gone before the next is written, and the product holds nothing of it.
    let (progress, rest) = shown.rsplit_once("\r\u{1b}[K").unwrap();
    assert!(progress.contains("checks") && !rest.contains("checks"), "{shown}");
    let out = fs::read_to_string(place.path().join("out")).unwrap();
    assert!(!out.contains('\u{1b}') && !out.contains('\r'));
    let quiet = [format!("{long} -q"), format!("TERM=dumb {long}")];
    let short = format!("{PROGRAM} validate specs-{count}/0.yaml >out");
    for command in quiet.into_iter().chain([short]) {
        let (exit, shown) = in_terminal(&command, place.path(), &[], &[]);
        assert_eq!(exit, 0, "{shown}");
        assert!(!shown.contains("checks"), "{command}: {shown}");
    }
}

#[test]
fn a_terminal_gets_colour_unless_no_color_is_set() {
    let place = TempDir::new().unwrap();
    fs::write(place.path().join("wrong.yaml"), "a: [").unwrap();
    let colour = "\u{1b}[1m";
    for command in ["validate wrong.yaml", "help", "render wrong.yaml"] {
        let command = format!("{PROGRAM} {command}");
        let (_, shown) = in_terminal(&command, place.path(), &[], &[]);
        assert!(shown.contains(colour), "{command}: {shown:?}");
        let (_, shown) = in_terminal(&command, place.path(), &[("NO_COLOR", "1")], &[]);
        assert!(!shown.contains('\u{1b}'), "{command}: {shown:?}");
    }
    // The questions too.
    let init = format!("{PROGRAM} init");
    for (environment, is_coloured) in [(&[][..], true), (&[("NO_COLOR", "1")], false)] {
        let (_, shown) = in_terminal(&init, place.path(), environment, &["\u{3}"]);
        assert_eq!(shown.contains("\u{1b}[38;5;"), is_coloured, "{shown:?}");
    }
}
