use std::{
    collections::HashSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use crate::{
    diagnostic::{Finding, Severity},
    kubernetes_names as names,
    rules::{Check, Rule},
    spec::{Announce, Host, IpBlock, Spec},
};

pub const RULE: Rule = Rule {
    id: "invalid-address",
    severity: Severity::Error,
    allowable: false,
    why: "Redis does not start on an address that it cannot read or that it is given twice, and Kubernetes refuses a \
          range that is none.",
    bad: "
metadata: { name: cache }
spec:
  platform:
    type: Hosts
    hosts:
      - { name: a, address: 10.0.0.1 }
      - { name: b, address: 10.0.0.2 }
      - { name: c, address: 10.0.0 }
",
    good: "
metadata: { name: cache }
spec:
  platform:
    type: Hosts
    hosts:
      - { name: a, address: 10.0.0.1 }
      - { name: b, address: 10.0.0.2 }
      - { name: c, address: 10.0.0.3 }
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, host) in spec.spec.platform.hosts.iter().enumerate() {
        judge_host(spec, &format!("spec.platform.hosts[{index}]"), host, findings);
    }
    for (index, peer) in spec.spec.network.policy.allow_from.iter().enumerate() {
        if let Some(block) = &peer.ip_block {
            judge_block(
                &format!("spec.network.policy.allowFrom[{index}].ipBlock"),
                block,
                findings,
            );
        }
    }
}

fn judge_host(spec: &Spec, at: &str, host: &Host, findings: &mut Vec<Finding>) {
    let address = &host.address;
    let may_be_name =
        spec.announce() == Announce::Hostname && names::is_subdomain(&address.to_ascii_lowercase());
    let message = match address.parse::<IpAddr>() {
        Ok(parsed) if parsed.is_unspecified() => Some(format!("nobody can connect to {address}")),
        Ok(parsed) if parsed.is_loopback() && !all_loopback(spec) => {
            Some(format!("only `{}` itself can connect to {address}", host.name))
        }
        Err(_) if !may_be_name || looks_numeric(address) => {
            Some(format!("`{address}` is not an IP address"))
        }
        _ => None,
    };
    if let Some(message) = message {
        findings.push(
            Finding::at(format!("{at}.address"), message)
                .help("write the address that the other machines use"),
        );
    }
    judge_bind(spec, &format!("{at}.bind"), host, findings);
}

fn judge_bind(spec: &Spec, at: &str, host: &Host, findings: &mut Vec<Finding>) {
    let Some(bind) = &host.bind else {
        return;
    };
    if bind.is_empty() {
        findings.push(
            Finding::at(at, format!("`{}` listens nowhere", host.name))
                .help("write the machine's own addresses, such as `[10.0.0.1, 127.0.0.1]`"),
        );
    }
    let mut seen = HashSet::new();
    for (index, text) in bind.iter().enumerate() {
        let Some(address) = bindable(spec, text) else {
            findings.push(
                Finding::at(
                    format!("{at}[{index}]"),
                    format!("`{text}` is not an address to listen on"),
                )
                .help("write an address of the machine, or `*` for all"),
            );
            continue;
        };
        if !seen.insert(address) {
            findings.push(
                Finding::at(
                    format!("{at}[{index}]"),
                    format!("`{}` listens on `{text}` already", host.name),
                )
                .help("remove it"),
            );
        }
    }
}

/// A topology that lies on one machine is a trial.
fn all_loopback(spec: &Spec) -> bool {
    let hosts = &spec.spec.platform.hosts;
    hosts
        .iter()
        .all(|host| host.address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()))
}

/// Digits and dots are meant as an address, although DNS would take them for a name.
fn looks_numeric(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// What a text makes Redis listen on. From 7.0 on a leading dash says that the address may be missing.
fn bindable(spec: &Spec, text: &str) -> Option<IpAddr> {
    let optional = text.strip_prefix('-').filter(|_| spec.spec.engine.version() != "6.2");
    match optional.unwrap_or(text) {
        "*" => Some(Ipv4Addr::UNSPECIFIED.into()),
        "::*" => Some(Ipv6Addr::UNSPECIFIED.into()),
        text => text.parse().ok().filter(|address| !is_mapped(*address)),
    }
}

/// An IPv4 address in the clothes of IPv6, which a socket for IPv6 alone refuses.
fn is_mapped(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some())
}

fn judge_block(at: &str, block: &IpBlock, findings: &mut Vec<Finding>) {
    let Some(range) = Range::parse(&block.cidr) else {
        let message = format!("`{}` is not a range of addresses", block.cidr);
        findings.push(
            Finding::at(format!("{at}.cidr"), message).help("write one such as `10.0.0.0/8`"),
        );
        return;
    };
    for (index, text) in block.except.iter().enumerate() {
        if Range::parse(text).is_none_or(|except| !range.holds(except)) {
            findings.push(
                Finding::at(
                    format!("{at}.except[{index}]"),
                    format!("`{text}` is not a range inside `{}`", block.cidr),
                )
                .help("write a smaller range, such as `10.1.0.0/16` inside `10.0.0.0/8`"),
            );
        }
    }
}

/// Addresses with the same leading bits.
#[derive(Clone, Copy)]
struct Range {
    address: IpAddr,
    bits: u32,
}

impl Range {
    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        let plain = bits.bytes().all(|byte| byte.is_ascii_digit())
            && (bits == "0" || !bits.starts_with('0'));
        let bits: u32 = bits.parse().ok().filter(|_| plain)?;
        (bits <= if address.is_ipv4() { 32 } else { 128 }).then_some(Self { address, bits })
    }

    /// Whether the other range is inside this one, and smaller.
    fn holds(self, other: Self) -> bool {
        let prefix = |address: IpAddr| match address {
            IpAddr::V4(address) => {
                u128::from(address.to_bits()).checked_shr(32 - self.bits.min(32))
            }
            IpAddr::V6(address) => address.to_bits().checked_shr(128 - self.bits),
        };
        self.address.is_ipv4() == other.address.is_ipv4()
            && other.bits > self.bits
            && prefix(self.address) == prefix(other.address)
    }
}
