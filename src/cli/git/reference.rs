//! From the name of a revision to its tree, or to what the user can do about it.

use std::fmt::Display;

use anyhow::{Context, Result, anyhow, bail};
use gix::{ObjectId, Repository, revision::plumbing::Spec};

use crate::schema::closest;

pub(super) fn tree(repository: &Repository, name: &str) -> Result<ObjectId> {
    let commit = commit(repository, name)?;
    // The parent of the last commit of a shallow clone is named, and not here.
    if !repository.has_object(commit) {
        bail!("the commit of git:{name} is not here{}", shallow(repository));
    }
    let object = repository.find_object(commit).map_err(|error| broken(name, &error))?;
    let tree = object.peel_to_tree().with_context(|| format!("git:{name} is not a commit"))?;
    Ok(tree.id)
}

fn commit(repository: &Repository, name: &str) -> Result<ObjectId> {
    let spec = match repository.rev_parse(name) {
        Ok(spec) => spec,
        // What has a name and cannot be read is not unknown.
        Err(error) if is_reference(repository, name) => return Err(broken(name, &error)),
        Err(_) => bail!("{}", unknown(repository, name)),
    };
    if spec.path_and_mode().is_some() {
        bail!("git:{name} names a file or folder; name a branch, a tag or a commit");
    }
    match spec.detach() {
        Spec::Include(id) => Ok(id),
        Spec::Merge { theirs, ours } => match repository.merge_base(theirs, ours) {
            Ok(Some(base)) => Ok(base.detach()),
            _ => bail!("git:{name} has no common ancestor here{}", shallow(repository)),
        },
        _ => bail!(
            "git:{name} names several commits; name one, or write `main...` for where this branch left main"
        ),
    }
}

/// Whether a name leads to an object, whatever that is. The `HEAD` of a repository without a commit does not.
fn is_reference(repository: &Repository, name: &str) -> bool {
    repository.find_reference(name).is_ok_and(|mut found| found.follow_to_object().is_ok())
}

fn broken(name: &str, error: &dyn Display) -> anyhow::Error {
    anyhow!("cannot read git:{name}: {error}; `git fsck` says what is broken here")
}

/// What is near, and how to get what is not here.
fn unknown(repository: &Repository, name: &str) -> String {
    let (name, dots) = name.strip_suffix("...").map_or((name, ""), |name| (name, "..."));
    let fact = format!("this repository knows no revision {name}");
    let known = names(repository);
    let suffix = format!("/{name}");
    let near = known.iter().find(|known| known.ends_with(&suffix)).cloned();
    let near = near.or_else(|| closest(name, &known)).or_else(|| head_behind(name, &known));
    if let Some(near) = near {
        return format!("{fact}; did you mean {near}{dots}?{}", shallow(repository));
    }
    // A server has branches, tags and commits, and no way to one from another.
    let is_way = name.contains(['^', '~', '@', ':']) || name.contains("..");
    let is_fetched = !name.is_empty() && !name.starts_with('-') && !is_way;
    let fetch = match name.split_once('/') {
        _ if !is_fetched => String::new(),
        Some((remote, branch)) => format!("; get it with `git fetch {remote} {branch}`"),
        None => format!("; get it with `git fetch origin {name}`"),
    };
    let known = match known.as_slice() {
        [] => String::new(),
        _ => format!(" (it knows {})", known[..known.len().min(5)].join(", ")),
    };
    format!("{fact}{known}{fetch}{}", shallow(repository))
}

/// `HEAD^` or `main~2` of a clone that ends before.
fn head_behind(name: &str, known: &[String]) -> Option<String> {
    let (base, _) = name.split_once(['^', '~', '@'])?;
    (base != "HEAD" && !known.iter().any(|known| known == base)).then(|| closest(base, known))?
}

/// CI clones one commit unless told otherwise.
fn shallow(repository: &Repository) -> &'static str {
    if repository.is_shallow().unwrap_or(false) {
        "; this clone is shallow: `git fetch --unshallow`, or `fetch-depth: 0` where CI checks out"
    } else {
        ""
    }
}

/// Branches and tags by the names that people use.
fn names(repository: &Repository) -> Vec<String> {
    let Ok(references) = repository.references() else {
        return Vec::new();
    };
    let Ok(all) = references.all() else {
        return Vec::new();
    };
    let mut names: Vec<String> = all
        .filter_map(Result::ok)
        .map(|reference| reference.name().shorten().to_string())
        .filter(|name| !name.ends_with("/HEAD"))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}
