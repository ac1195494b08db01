//! The directory of one process, in a ConfigMap as on a host: what a changed file of it does.

use serde_json::Value;

use super::{Impact, Scope, conf, documents::Difference, owner::Owner, texts, verdict::Verdict};
use crate::spec::OWN_USERS;

/// Every difference of one file of the directory, with what it does. No text means no file.
pub(super) fn judge(
    owner: &Owner<'_>,
    name: &str,
    before: Option<&str>,
    after: Option<&str>,
) -> Vec<(Difference, Verdict)> {
    let (old, new) = (before.unwrap_or_default(), after.unwrap_or_default());
    match name {
        "redis.conf" | "sentinel.conf" => {
            judged(texts::conf(old, new), |difference| conf::directive(owner, difference, new))
        }
        "settings" => judged(texts::settings(old, new), |difference| setting(owner, difference)),
        "users" => judged(texts::named(old, new), |difference| user(owner, difference)),
        "webhooks" => judged(texts::named(old, new), |_| {
            if owner.on_hosts {
                Verdict::new(
                    Impact::Live,
                    Scope::Sentinels,
                    "The notification script reads its receivers anew each time.",
                )
            } else {
                owner.restart("their notification receivers changed")
            }
        }),
        "members" => members(owner, texts::members(old, new)),
        _ if before.is_none() || after.is_none() => {
            let text = |side: Option<&str>| side.map(|_| Value::String("a file".into()));
            let found =
                Difference { place: String::new(), before: text(before), after: text(after) };
            judged(vec![found], |_| program(owner))
        }
        _ => judged(texts::whole(old, new), |_| program(owner)),
    }
}

fn judged(
    found: Vec<Difference>,
    verdict: impl Fn(&Difference) -> Verdict,
) -> Vec<(Difference, Verdict)> {
    let with_verdict = |difference| {
        let verdict = verdict(&difference);
        (difference, verdict)
    };
    found.into_iter().map(with_verdict).collect()
}

/// Scripts. On hosts each is read anew whenever it runs; in a pod they are a copy from its start.
fn program(owner: &Owner<'_>) -> Verdict {
    if owner.on_hosts {
        let reason = "The script is read anew when it runs next; what runs now goes on as it was.";
        Verdict::new(Impact::Live, owner.scope(), reason)
    } else {
        owner.restart("their scripts changed")
    }
}

fn setting(owner: &Owner<'_>, difference: &Difference) -> Verdict {
    let is_gone = difference.after_text().is_empty();
    match difference.place.as_str() {
        "topology" | "node" => owner.outage(
            owner.scope(),
            "Processes get other names, which the others do not know while the change is under way.",
        ),
        "master" | "volume" => Verdict::new(
            Impact::DataLoss,
            Scope::Storage,
            "The process looks for its data elsewhere, where nothing is.",
        )
        .runbook(owner.runbook.keep_the_data()),
        "server" => owner.outage(
            owner.scope(),
            "Another server program cannot always read what this one wrote, nor replicate from it.",
        ),
        "port" => owner.outage(Scope::Clients, "Clients and nodes know the old port."),
        "tls" => owner.outage(
            Scope::Clients,
            "Clients and nodes with TLS cannot talk to those without, so it is a full stop.",
        ),
        "acl" => owner.outage(
            Scope::Clients,
            "Who may log in changes for every client and for every node.",
        ),
        "exporter_password_file" | "exporter_passwords_file" => {
            owner.restart("the exporter's password is kept elsewhere")
        }
        place if place.ends_with("_password_file") || place == "password_file" => {
            password(owner, place, &difference.before_text(), &difference.after_text())
        }
        "persistence" if difference.after_text() == "None" => Verdict::new(
            Impact::DataLoss,
            Scope::Storage,
            "Nothing is kept on disk any more: after a stop of all nodes every key is gone.",
        )
        .runbook(owner.runbook.keep_the_data()),
        "alertmanagers" | "events" | "webhooks_file" | "patience" if owner.on_hosts => {
            let reason = "The scripts beside the Sentinels read their settings anew each time.";
            Verdict::new(Impact::Rolling, Scope::Sentinels, reason)
                .note("install.sh names the Sentinels for a restart, which is not urgent")
        }
        place => {
            let what = if is_gone { "went" } else { "changed" };
            owner.restart(&format!("the setting {place} {what}"))
        }
    }
}

/// A password that is read from another file than before.
fn password(owner: &Owner<'_>, place: &str, before: &str, after: &str) -> Verdict {
    if before.is_empty() || after.is_empty() {
        let reason = if before.is_empty() {
            "A password is asked for: whoever shows none is refused."
        } else {
            "No password is asked for any more: whoever shows one is refused."
        };
        return owner.outage(Scope::Clients, reason);
    }
    let (scope, reason) = match place {
        "password_file" | "sentinel_password_file" => (
            Scope::Clients,
            "A password comes from another place: who knows only the old one is refused.",
        ),
        _ => (
            owner.scope(),
            "A password between nodes comes from another place: old and new ones refuse each other.",
        ),
    };
    Verdict::new(Impact::Outage, scope, reason)
        .note("with the same value in the new place nobody notices but for the restart")
        .runbook(owner.runbook.same_password(before, after))
}

fn user(owner: &Owner<'_>, difference: &Difference) -> Verdict {
    let name = &difference.place;
    let (before, after) = (difference.before_text(), difference.after_text());
    if difference.before.is_none() {
        return owner.restart(&format!("they get the user {name}"));
    }
    if OWN_USERS.contains(&name.as_str()) && difference.after.is_some() {
        let path = |text: &str| {
            text.split(' ').next().filter(|file| *file != "-").unwrap_or_default().to_string()
        };
        let (old, new) = (path(&before), path(&after));
        if old == new || name == "exporter" {
            return owner.restart(&format!("what the user {name} may do changed"));
        }
        let place = if name == "default" { "password_file" } else { "node" };
        return password(owner, place, &old, &new);
    }
    let words = |text: &str| -> Vec<String> { text.split(' ').map(Into::into).collect() };
    let (old, new) = (words(&before), words(&after));
    let is_wider = old.iter().all(|word| new.contains(word))
        && new.iter().filter(|word| !old.contains(word)).all(|word| !word.starts_with('-'));
    if difference.after.is_some() && is_wider {
        return owner.restart(&format!("the user {name} may do more"));
    }
    let what =
        if difference.after.is_none() { "is gone" } else { "may do less, or logs in otherwise" };
    Verdict::new(Impact::Outage, Scope::Clients, format!("The user {name} {what}."))
        .runbook(owner.runbook.clients_first())
}

/// The list of members, which scripts read anew each time. One node at another address is what a failover is for; several disagree.
fn members(owner: &Owner<'_>, found: Vec<Difference>) -> Vec<(Difference, Verdict)> {
    let address = |text: String| text.split(' ').take(2).map(Into::into).collect::<Vec<String>>();
    let moved = |difference: &Difference| {
        difference.before.is_some()
            && difference.after.is_some()
            && address(difference.before_text()) != address(difference.after_text())
    };
    let node = |difference: &Difference| {
        difference.place.rsplit(' ').next().unwrap_or_default().to_string()
    };
    let nodes: std::collections::BTreeSet<String> =
        found.iter().filter(|found| moved(found)).map(node).collect();
    let verdict = |difference: &Difference| {
        if moved(difference) {
            return if nodes.len() > 1 || !owner.on_hosts {
                owner.outage(
                    Scope::Clients,
                    "Nodes announce other addresses, and who still has the old list does not believe the new ones.",
                )
            } else {
                Verdict::new(
                    Impact::Failover,
                    owner.scope(),
                    "A node moves: the master, if it is there, moves to another node first.",
                )
            };
        }
        listed(owner, difference)
    };
    judged(found, verdict)
}

fn listed(owner: &Owner<'_>, difference: &Difference) -> Verdict {
    if owner.on_hosts && !owner.is_data {
        return Verdict::new(
            Impact::Rolling,
            Scope::Sentinels,
            "A Sentinel forgets nobody by itself, so the Sentinels restart one after the other with the new list.",
        );
    }
    let verdict = Verdict::new(
        Impact::Live,
        owner.scope(),
        "The scripts read the list of members anew each time; nothing restarts.",
    );
    if difference.after.is_some() {
        return verdict;
    }
    verdict
        .note(format!("Sentinels remember who went: once it is gone, {}", owner.runbook.forget()))
}
