//! A scratch directory, and the program run in it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;
use walkdir::WalkDir;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_redisforge");

/// A spec without findings.
pub fn spec(name: &str, body: &str) -> String {
    format!(
        "apiVersion: redisforge.dev/v1alpha1\nkind: RedisTopology\nmetadata: {{name: {name}, namespace: {name}}}\n\
         spec: {{tls: {{mode: Disabled}}{body}}}\n"
    )
}

pub struct Bench(TempDir);

impl Bench {
    pub fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        self.other(PROGRAM, arguments)
    }

    pub fn other(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.0.path()).stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        self.command(arguments).output().unwrap().into()
    }

    /// Every file below a directory with its content; links as what they are.
    pub fn tree(&self, name: &str) -> Tree {
        tree(&self.path(name))
    }
}

/// How a program ended, and what it said.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Run {
    pub fn must(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        self
    }
}

pub type Tree = BTreeMap<PathBuf, Vec<u8>>;

pub fn tree(directory: &Path) -> Tree {
    WalkDir::new(directory)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| !entry.file_type().is_dir())
        .map(|entry| {
            let content = if entry.file_type().is_file() {
                fs::read(entry.path()).unwrap()
            } else {
                b"no file".to_vec()
            };
            (entry.path().strip_prefix(directory).unwrap().to_path_buf(), content)
        })
        .collect()
}
