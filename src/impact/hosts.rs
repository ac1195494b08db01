//! Trees of hosts: which processes come, go, or read something else.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    Effect, FileChange, Impact, Scope, directory,
    documents::Difference,
    owner::Owner,
    runbook::{Before, Runbook},
    texts,
    verdict::{self, Verdict},
};
use crate::topology::Topology;

/// A file of a host: `hosts/HOST/REST`.
struct File<'a> {
    host: &'a str,
    rest: &'a str,
    change: &'a FileChange,
}

/// A process: its host, and its name, which its directory has.
type Process<'a> = (&'a str, &'a str);

struct Trees<'a> {
    topology: Option<&'a Topology>,
    added: BTreeSet<Process<'a>>,
    removed: BTreeSet<Process<'a>>,
}

/// Effects of all files below `hosts/`.
pub(super) fn effects(changes: &[&FileChange], topology: Option<&Topology>) -> Vec<Effect> {
    let files: Vec<File<'_>> = changes.iter().filter_map(|change| file(change)).collect();
    let with_settings = |is_so: fn(&FileChange) -> bool| {
        let settings = files.iter().filter(|file| is_so(file.change));
        settings
            .filter_map(|file| {
                let (name, entry) = entry(file.rest)?;
                (entry == "settings").then_some((file.host, name))
            })
            .collect::<BTreeSet<_>>()
    };
    let trees = Trees {
        topology,
        added: with_settings(|change| change.before.is_none()),
        removed: with_settings(|change| change.after.is_none()),
    };
    let mut effects: Vec<Effect> = files.iter().flat_map(|file| trees.judge(file)).collect();
    effects.retain(|effect| effect.before != effect.after || effect.place.is_empty());
    effects
}

fn file(change: &FileChange) -> Option<File<'_>> {
    let (host, rest) = change.path.strip_prefix("hosts/")?.split_once('/')?;
    Some(File { host, rest, change })
}

/// `etc/redis/NAME/FILE`.
fn entry(rest: &str) -> Option<(&str, &str)> {
    rest.strip_prefix("etc/redis/")?.split_once('/')
}

fn process<'a>(rest: &'a str) -> Option<&'a str> {
    let unit =
        |rest: &'a str| rest.strip_prefix("etc/systemd/system/redis-")?.strip_suffix(".service");
    entry(rest).map(|(name, _)| name).or_else(|| unit(rest))
}

impl<'a> Trees<'a> {
    fn owner(&self, host: &'a str, name: &'a str) -> Owner<'a> {
        let before = Some(Before::Process { host, name });
        let runbook = Runbook { topology: self.topology, before };
        Owner { is_data: name != "sentinel", on_hosts: true, topology: self.topology, runbook }
    }

    fn judge(&self, file: &File<'a>) -> Vec<Effect> {
        let Some(name) = process(file.rest) else {
            return machine(file, &self.owner(file.host, ""));
        };
        let owner = self.owner(file.host, name);
        let object = format!("redis-{name} on {}", file.host);
        let effect = |(difference, verdict): (Difference, Verdict)| {
            verdict::effect(&file.change.path, Some(&object), &difference, verdict)
        };
        let process = (file.host, name);
        let (before, after) = (file.change.before.as_deref(), file.change.after.as_deref());
        let is_settings = file.rest.ends_with("/settings");
        if self.added.contains(&process) || self.removed.contains(&process) {
            let found = is_settings.then(|| self.come_or_gone(&owner, process));
            return found.into_iter().map(effect).collect();
        }
        if name == "exporter" {
            let found = texts::whole(before.unwrap_or_default(), after.unwrap_or_default());
            let verdict =
                || Verdict::new(Impact::None, Scope::Monitoring, "Only the exporter reads it.");
            return found.into_iter().map(|difference| effect((difference, verdict()))).collect();
        }
        let found = match entry(file.rest) {
            Some((_, entry)) => directory::judge(&owner, entry, before, after),
            None => texts::unit(before.unwrap_or_default(), after.unwrap_or_default())
                .into_iter()
                .map(|difference| (difference, owner.restart("their unit changed")))
                .collect(),
        };
        found.into_iter().map(effect).collect()
    }

    fn come_or_gone(&self, owner: &Owner<'_>, process: Process<'_>) -> (Difference, Verdict) {
        let (host, name) = process;
        let value = Some(Value::String(format!("redis-{name}.service")));
        let place = String::new();
        if self.added.contains(&process) {
            let difference = Difference { place, before: None, after: value };
            let reason = "A process is added beside those that run.";
            return (difference, Verdict::new(Impact::Live, owner.scope(), reason));
        }
        let difference = Difference { place, before: value, after: None };
        let stop = format!("on {host}: systemctl disable --now redis-{name}.service");
        if owner.is_data && !self.stays(name) {
            let reason = "None of the data nodes that hold its keys is left: a new, empty set takes over, or nobody.";
            let verdict = Verdict::new(Impact::DataLoss, Scope::Data, reason)
                .note(format!("{stop}; /var/lib/redis/{name} stays there"))
                .runbook(owner.runbook.keep_the_data());
            return (difference, verdict);
        }
        let verdict = if owner.is_data {
            let reason = "A data node goes; if it is the master, it hands over first.";
            Verdict::new(Impact::Failover, Scope::Data, reason)
        } else {
            Verdict::new(
                Impact::Rolling,
                Scope::Sentinels,
                "A Sentinel goes, and the others restart to forget it.",
            )
        };
        (difference, verdict.note(format!("{stop}; /var/lib/redis/{name} stays there")))
    }

    /// Whether a master keeps a node that it had before.
    fn stays(&self, master: &str) -> bool {
        let hosts = self.topology.into_iter().flat_map(|topology| &topology.hosts);
        let own = hosts.filter(|host| host.masters.iter().any(|own| own == master));
        own.into_iter().any(|host| !self.added.contains(&(host.name.as_str(), master)))
    }
}

/// Files of the machine that no process has for itself.
fn machine(file: &File<'_>, owner: &Owner<'_>) -> Vec<Effect> {
    let (before, after) = (file.change.before.as_deref(), file.change.after.as_deref());
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    let effect = |difference: Difference, verdict: Verdict| {
        verdict::effect(&file.change.path, Some(file.host), &difference, verdict)
    };
    let all = |found: Vec<Difference>, verdict: Verdict| -> Vec<Effect> {
        found.into_iter().map(|difference| effect(difference, verdict.clone())).collect()
    };
    let none = Verdict::new(Impact::None, owner.scope(), "No process that runs reads it.");
    if file.rest.starts_with("etc/sysctl.d/") {
        let reason = "The kernel takes the setting at once.";
        return all(texts::named(before, after), Verdict::new(Impact::Live, Scope::Data, reason));
    }
    if file.rest == "install.sh"
        && !before.is_empty()
        && !after.is_empty()
        && let (Some(old), Some(new)) = (version(before), version(after))
        && old != new
    {
        let value = |text: &str| Some(Value::String(text.into()));
        let difference =
            Difference { place: "version".into(), before: value(old), after: value(new) };
        let verdict = if number(new) < number(old) {
            owner.outage(
                Scope::Data,
                "An older server cannot read what a newer one wrote, nor replicate from it.",
            )
        } else {
            owner.restart("the machine has to have another version of the server")
        };
        return vec![effect(difference, verdict)];
    }
    let known = ["install.sh", "checks.sh", "etc/tmpfiles.d/redis.conf", "etc/logrotate.d/redis"];
    if known.contains(&file.rest) {
        return all(texts::whole(before, after), none);
    }
    let reason = "What reads this file is not known.";
    all(texts::whole(before, after), owner.outage(Scope::Data, reason))
}

fn version(text: &str) -> Option<&str> {
    text.split_whitespace().find_map(|word| word.strip_prefix("version="))
}

fn number(version: &str) -> Vec<u32> {
    version.split('.').map_while(|part| part.parse().ok()).collect()
}
