//! Where specs are read from: the disk, or a revision that looks like one.

use std::{
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use walkdir::WalkDir;

/// What a path leads to; links are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    File,
    Folder,
    /// Nothing, or nothing that can be read like a file or a folder.
    Missing,
}

/// Something that has files at paths as the user writes them.
pub trait Files {
    /// What a path leads to.
    ///
    /// # Errors
    /// If that cannot be told: what is not known to be absent must not pass for it.
    fn kind(&self, path: &Path) -> Result<Kind>;

    /// The one name of a file or folder that may have many, if it is there.
    fn identity(&self, path: &Path) -> Option<PathBuf>;

    /// The bytes of a file, no more than a limit.
    ///
    /// # Errors
    /// If it cannot be read.
    fn read(&self, file: &Path, limit: u64) -> Result<Vec<u8>>;

    /// The same of a file that others are based on, which a pipe cannot be: to open one would wait for somebody who writes into it.
    ///
    /// # Errors
    /// If it cannot be read.
    fn read_regular(&self, file: &Path, limit: u64) -> Result<Vec<u8>> {
        self.read(file, limit)
    }

    /// The folder that nothing which a file of this folder is based on may lie outside of.
    fn repository(&self, folder: &Path) -> PathBuf;

    /// Every file below a folder. Links to files are followed, links to folders are not: they may lead in a circle.
    ///
    /// # Errors
    /// If a folder cannot be read.
    fn below(&self, folder: &Path) -> Result<Vec<PathBuf>>;

    /// The files that fit a glob.
    ///
    /// # Errors
    /// If the glob is not one.
    fn matching(&self, glob: &str) -> Result<Vec<PathBuf>>;
}

/// The disk.
pub struct Disk;

impl Files for Disk {
    fn kind(&self, path: &Path) -> Result<Kind> {
        Ok(if path.is_dir() {
            Kind::Folder
        } else if path.exists() {
            Kind::File
        } else {
            Kind::Missing
        })
    }

    fn identity(&self, path: &Path) -> Option<PathBuf> {
        path.canonicalize().ok()
    }

    fn read(&self, file: &Path, limit: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut read = || File::open(file)?.take(limit).read_to_end(&mut bytes);
        read().with_context(|| format!("cannot read {}", file.display()))?;
        Ok(bytes)
    }

    fn read_regular(&self, file: &Path, limit: u64) -> Result<Vec<u8>> {
        if !fs::metadata(file)?.is_file() {
            bail!("it is no file");
        }
        self.read(file, limit).context("it is there, but cannot be opened")
    }

    /// The nearest folder with a `.git`, else the present one if the file is below it, else the file's own.
    fn repository(&self, folder: &Path) -> PathBuf {
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.into());
        let marked = folder.ancestors().find(|above| above.join(".git").exists());
        let present = present().filter(|present| folder.starts_with(present));
        marked.map(Path::to_path_buf).or(present).unwrap_or(folder)
    }

    fn below(&self, folder: &Path) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        let walk = WalkDir::new(folder).sort_by_file_name().into_iter();
        for entry in walk.filter_entry(|entry| entry.file_name() != ".git") {
            let entry = entry.with_context(|| format!("cannot read {}", folder.display()))?;
            if entry.path().is_file() {
                files.push(entry.into_path());
            }
        }
        Ok(files)
    }

    fn matching(&self, glob: &str) -> Result<Vec<PathBuf>> {
        let matches = glob::glob(glob).with_context(|| format!("cannot read the glob {glob}"))?;
        Ok(matches.filter_map(Result::ok).filter(|file| file.is_file()).collect())
    }
}

/// The present folder.
#[must_use]
pub fn present() -> Option<PathBuf> {
    std::env::current_dir().ok()?.canonicalize().ok()
}
