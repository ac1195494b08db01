//! Paths in the trees of a revision. Links are followed as a checkout would, and never out of the repository.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    path::{Component, Path, PathBuf},
    rc::Rc,
};

use anyhow::{Context, Result};
use gix::{ObjectId, Repository, objs::tree::EntryKind};

/// As many links as Linux follows.
const MOST_LINKS: usize = 40;

/// Trees of a revision, each decoded once.
pub(super) struct Trees {
    root: ObjectId,
    known: RefCell<HashMap<ObjectId, Rc<Tree>>>,
}

/// What a folder holds, by name.
type Tree = BTreeMap<PathBuf, (EntryKind, ObjectId)>;

/// What a path leads to.
pub(super) enum Found {
    File(ObjectId),
    /// With its own path.
    Folder(ObjectId, PathBuf),
    Missing,
}

impl Trees {
    pub(super) fn of(root: ObjectId) -> Self {
        Self { root, known: RefCell::default() }
    }

    pub(super) fn find(&self, repository: &Repository, path: &Path) -> Result<Found> {
        let Some(real) = self.real(repository, path)? else {
            return Ok(Found::Missing);
        };
        if real == Path::new("") {
            return Ok(Found::Folder(self.root, real));
        }
        Ok(match self.entry(repository, &real)? {
            Some((EntryKind::Tree, id)) => Found::Folder(id, real),
            Some((EntryKind::Blob | EntryKind::BlobExecutable, id)) => Found::File(id),
            _ => Found::Missing,
        })
    }

    /// The path of a file or folder without links, if it is there.
    pub(super) fn real(&self, repository: &Repository, path: &Path) -> Result<Option<PathBuf>> {
        let mut path = path.to_path_buf();
        for _ in 0..MOST_LINKS {
            match self.first_link(repository, &path)? {
                Step::There => return Ok(Some(path)),
                Step::Missing => return Ok(None),
                Step::Link(next) => match plain(&next) {
                    Some(next) => path = next,
                    None => return Ok(None),
                },
            }
        }
        Ok(None)
    }

    /// Goes along a path up to its first link.
    fn first_link(&self, repository: &Repository, path: &Path) -> Result<Step> {
        let mut tree = self.tree(repository, self.root)?;
        let mut above = PathBuf::new();
        let mut parts = path.components();
        while let Some(part) = parts.next() {
            let (kind, id) = match tree.get(Path::new(part.as_os_str())) {
                Some(entry) => *entry,
                None => return Ok(Step::Missing),
            };
            let rest = parts.as_path();
            match kind {
                EntryKind::Tree => tree = self.tree(repository, id)?,
                EntryKind::Link => {
                    let target = repository.find_blob(id)?.take_data();
                    let target = gix::path::from_byte_slice(&target)?;
                    return Ok(if target.is_absolute() {
                        Step::Missing
                    } else {
                        Step::Link(above.join(target).join(rest))
                    });
                }
                _ if rest != Path::new("") => return Ok(Step::Missing),
                _ => {}
            }
            above.push(part);
        }
        Ok(Step::There)
    }

    /// The entry of a path without links.
    fn entry(&self, repository: &Repository, path: &Path) -> Result<Option<(EntryKind, ObjectId)>> {
        let mut found = (EntryKind::Tree, self.root);
        for part in path.components() {
            match self.tree(repository, found.1)?.get(Path::new(part.as_os_str())) {
                Some(entry) => found = *entry,
                None => return Ok(None),
            }
        }
        Ok(Some(found))
    }

    /// Every file below a folder, by its path from there.
    pub(super) fn below(
        &self,
        repository: &Repository,
        id: ObjectId,
        own: &Path,
    ) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        let mut open = vec![(id, PathBuf::new())];
        while let Some((id, folder)) = open.pop() {
            for (name, (kind, id)) in self.tree(repository, id)?.iter() {
                let path = folder.join(name);
                match kind {
                    EntryKind::Tree => open.push((*id, path)),
                    EntryKind::Blob | EntryKind::BlobExecutable => files.push(path),
                    EntryKind::Link => {
                        if let Found::File(_) = self.find(repository, &own.join(&path))? {
                            files.push(path);
                        }
                    }
                    EntryKind::Commit => {}
                }
            }
        }
        files.sort_unstable();
        Ok(files)
    }

    fn tree(&self, repository: &Repository, id: ObjectId) -> Result<Rc<Tree>> {
        if let Some(tree) = self.known.borrow().get(&id) {
            return Ok(tree.clone());
        }
        let mut entries = Tree::new();
        for entry in repository.find_tree(id).context("a tree is missing")?.iter() {
            let entry = entry?;
            let name = gix::path::from_bstr(entry.filename())?.into_owned();
            entries.insert(name, (entry.mode().kind(), entry.object_id()));
        }
        let tree = Rc::new(entries);
        self.known.borrow_mut().insert(id, tree.clone());
        Ok(tree)
    }
}

enum Step {
    There,
    Missing,
    Link(PathBuf),
}

/// A path without `.` and `..`; nothing if it leads out of where it starts.
pub(super) fn plain(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                if !plain.pop() {
                    return None;
                }
            }
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    Some(plain)
}
