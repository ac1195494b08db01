//! A git repository in a temporary directory, made by git itself.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

pub struct Repository {
    pub folder: TempDir,
}

impl Repository {
    pub fn new() -> Self {
        let repository = Self::empty();
        repository.git(&["init", "--quiet", "--initial-branch", "main"]);
        repository
    }

    /// A directory without a repository.
    pub fn empty() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    /// A clone with only the last commits, as CI makes it.
    pub fn shallow_clone(&self, depth: &str) -> Self {
        let clone = Self::empty();
        let url = format!("file://{}", self.path("").display());
        clone.git(&["clone", "--quiet", "--depth", depth, &url, "."]);
        clone
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    /// Commits everything as it is.
    pub fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        let output = command("git", self.folder.path()).args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", told(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs the program in the repository.
    pub fn run(&self, arguments: &[&str]) -> Output {
        let program = env!("CARGO_BIN_EXE_redisforge");
        command(program, self.folder.path()).args(arguments).output().unwrap()
    }
}

/// A command that nothing of this machine's settings of git reaches.
fn command(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null");
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "Test");
        command.env(format!("GIT_{role}_EMAIL"), "test@example.com");
        command.env(format!("GIT_{role}_DATE"), "2024-01-01T00:00:00Z");
    }
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(variable);
    }
    command
}

pub fn told(output: &Output) -> String {
    String::from_utf8([&output.stdout[..], &output.stderr].concat()).unwrap()
}
