use std::net::Ipv6Addr;

use crate::{
    diagnostic::{Finding, Severity},
    kubernetes_names as names,
    rules::{Check, Rule},
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "invalid-url",
    severity: Severity::Error,
    allowable: false,
    why: "The scripts put it into an HTTP request as it stands. A password in it would lie in every rendered file.",
    bad: "
metadata: { name: cache }
spec:
  notifications: { alertmanagers: ['alertmanager:9093'] }
",
    good: "
metadata: { name: cache }
spec:
  notifications: { alertmanagers: ['http://alertmanager:9093'] }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, url) in spec.spec.notifications.alertmanagers.iter().enumerate() {
        let path = format!("spec.notifications.alertmanagers[{index}]");
        let example = "write its base URL, such as `http://alertmanager.monitoring:9093`";
        if let Err(problem) = judge(url) {
            findings.push(Finding::at(path, problem).help(example));
        } else if url.contains("/api/") {
            findings.push(
                Finding::at(path, "the path of the API is added to the base URL").help(example),
            );
        } else if url.contains(['?', '#']) {
            findings
                .push(Finding::at(path, "a base URL has no query and no fragment").help(example));
        }
    }
    let prefix = &spec.spec.monitoring.alerts.runbook_url_prefix;
    if let (false, Err(problem)) = (prefix.is_empty(), judge(prefix)) {
        findings.push(
            Finding::at("spec.monitoring.alerts.runbookUrlPrefix", problem)
                .help("write what a browser opens, such as `https://git.example.com/redis/blob/main/rendered/cache/`"),
        );
    }
}

/// What is wrong with a URL. It may hold a password, so the text never repeats it.
fn judge(url: &str) -> Result<(), &'static str> {
    let rest = url
        .strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"))
        .ok_or("the URL does not begin with `http://` or `https://`")?;
    let printable = |byte: u8| byte.is_ascii_graphic() && !b"\"'`\\<>{}|^$".contains(&byte);
    if !rest.bytes().all(printable) {
        return Err(
            "the URL has a blank, a quote or another character that must be percent-encoded",
        );
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err("the URL holds credentials, which would lie in rendered files");
    }
    if is_authority(authority) { Ok(()) } else { Err("the URL has no valid host and port") }
}

fn is_authority(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, port)) if host.parse::<Ipv6Addr>().is_ok() => ("localhost", port),
        Some(_) => return false,
        None => text.find(':').map_or((text, ""), |colon| text.split_at(colon)),
    };
    let port = port
        .strip_prefix(':')
        .map_or(port.is_empty(), |port| port.parse::<u16>().is_ok_and(|port| port > 0));
    port && names::is_subdomain(&host.to_ascii_lowercase())
}
