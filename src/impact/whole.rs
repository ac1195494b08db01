//! A topology as a whole, and the files that nothing running reads.

use serde_json::Value;

use super::{
    Effect, FileChange, Impact, Scope,
    documents::{self, Difference},
    verdict::{self, Verdict},
};
use crate::topology::Topology;

/// The one effect of a topology that is new, or gone.
pub(super) fn come_or_gone(changed: &[&FileChange], topology: Option<&Topology>) -> Option<Effect> {
    let is_workload = |change: &&&FileChange| {
        let text = change.after.as_deref().or(change.before.as_deref()).unwrap_or_default();
        text.contains("\nkind: StatefulSet\n")
            || (change.path.starts_with("hosts/") && change.path.ends_with("/settings"))
    };
    let workload = changed.iter().find(is_workload)?;
    let name = topology.map(|topology| Value::String(topology.name.clone()));
    let place = String::from("metadata.name");
    if changed.iter().all(|change| change.before.is_none()) {
        let difference = Difference { place, before: None, after: name };
        let reason = "The topology is new: it starts beside what runs, empty.";
        let verdict = Verdict::new(Impact::Live, Scope::Data, reason).note(
            "if it takes the place of one with another name, the data stays with the old one",
        );
        return Some(verdict::effect(&workload.path, None, &difference, verdict));
    }
    if changed.iter().all(|change| change.after.is_none()) {
        let before = workload.before.as_deref().and_then(old_name).map(Value::String);
        let difference = Difference { place, before, after: None };
        let reason = "The topology is gone: nothing serves its keys any more.";
        let verdict = Verdict::new(Impact::DataLoss, Scope::Data, reason)
            .note("volumes stay until somebody deletes them")
            .runbook(vec![
                "# what it kept".into(),
                match workload
                    .path
                    .split('/')
                    .nth(1)
                    .filter(|_| workload.path.starts_with("hosts/"))
                {
                    Some(host) => format!("ls /var/lib/redis   # on {host} and each other host"),
                    None => {
                        "kubectl get pvc --all-namespaces -l app.kubernetes.io/name=redis".into()
                    }
                },
                "# copy it before you delete anything".into(),
            ]);
        return Some(verdict::effect(&workload.path, None, &difference, verdict));
    }
    None
}

/// The topology's name, in an object's labels or in a process's settings.
fn old_name(text: &str) -> Option<String> {
    let line = |prefix: &str| text.lines().find_map(|line| line.trim().strip_prefix(prefix));
    line("app.kubernetes.io/instance: ")
        .or_else(|| line("topology="))
        .map(|name| name.trim_matches(['\'', '"']).into())
}

/// A file beside the deployment: rules, dashboards, the runbook, and the scripts as they are shown.
pub(super) fn beside(change: &FileChange) -> Option<Effect> {
    let folder = change.path.split('/').next().unwrap_or_default();
    let (impact, scope, reason) = match folder {
        "monitoring" => (Impact::None, Scope::Monitoring, "It only watches."),
        "operations" => (Impact::None, Scope::Monitoring, "People read it."),
        "scripts" => {
            (Impact::None, Scope::Data, "What nodes run are the copies in their directories.")
        }
        _ => (Impact::Outage, Scope::Data, "What reads this file is not known."),
    };
    let difference = first_difference(change)?;
    let verdict = Verdict::new(impact, scope, reason);
    Some(verdict::effect(&change.path, None, &difference, verdict))
}

fn first_difference(change: &FileChange) -> Option<Difference> {
    let value = |text: &Option<String>| {
        text.as_deref().and_then(|text| documents::parse(&change.path, text))
    };
    let is_document =
        [".yaml", ".yml", ".json"].iter().any(|extension| change.path.ends_with(extension));
    if is_document
        && let (Some(before), Some(after)) = (value(&change.before), value(&change.after))
    {
        return documents::differences(&before, &after).into_iter().next();
    }
    let lines = |text: &Option<String>| -> Vec<String> {
        text.iter().flat_map(|text| text.lines()).map(Into::into).collect()
    };
    let (before, after) = (lines(&change.before), lines(&change.after));
    let same = before.iter().zip(&after).take_while(|(before, after)| before == after).count();
    let line = |lines: &[String]| lines.get(same).cloned().map(Value::String);
    Some(Difference { place: String::new(), before: line(&before), after: line(&after) })
}
