//! What a spec may not say: the table of rules, and the only way to a [`Validated`] spec.

use std::sync::LazyLock;

use lz4_flex::block;
use serde_json::json;

use crate::{
    claim::Claim,
    diagnostic::{Finding, Severity},
    spec::{API_VERSION, Allow, KIND, Spec},
};

mod announce_port_on_pods;
mod auth_disabled;
mod backlog_above_maxmemory;
mod certificate_fields;
mod certificate_platform;
mod contradicting_host_counts;
mod cpu_request_above_limit;
mod default_master_name;
mod directive_not_in_version;
mod directive_value;
mod down_after_too_large;
mod down_after_too_small;
mod duplicate_host;
mod duplicate_master_name;
mod duplicate_topology_name;
mod duplicate_user;
mod duplicate_webhook;
mod duplicate_zone;
mod even_sentinel_instances;
mod exporter_too_old;
mod failover_timeout_too_large;
mod failover_timeout_too_small;
mod grace_below_stop_budget;
mod host_without_role;
mod ignored_field;
mod image_not_version;
mod invalid_address;
mod invalid_duration;
mod invalid_image;
mod invalid_label;
mod invalid_name;
mod invalid_path;
mod invalid_port;
mod invalid_quantity;
mod invalid_selector;
mod invalid_threshold;
mod invalid_toleration;
mod invalid_url;
mod managed_acl_rule;
mod managed_directive;
mod master_name_characters;
mod maxmemory_above_memory;
mod maxmemory_too_tight;
mod memory_too_small;
mod min_replicas_out_of_range;
mod mismatched_passwords;
mod name_too_long;
mod namespace_open;
mod no_client_user;
mod no_promotable_replica;
mod no_redis_host;
mod no_sentinel;
mod nodes_may_share_machine;
mod notification_without_target;
mod object_name_collision;
mod parallel_syncs_out_of_range;
mod persistence_off;
mod pod_address_announced;
mod port_collision;
mod quorum_above_sentinel_instances;
mod quorum_not_majority;
mod repeated_directive;
mod reserved_label;
mod reserved_master_name;
mod reserved_user;
mod secret_source_platform;
mod sentinel_cpu_limit;
mod shared_acl_password;
mod shared_host_port;
mod shared_master_name;
mod shared_object_name;
mod tls_needs_hostname;
mod tls_undecided;
mod tls_without_certificate;
mod too_few_sentinels;
mod too_many_replicas;
mod too_many_sentinels;
mod unknown_acl_command;
mod unknown_alert;
mod unknown_directive;
mod unknown_engine_version;
mod unknown_event;
mod unknown_host;
mod unknown_initial_master;
mod unpinned_image;
mod unsupported_kubernetes_version;
mod user_without_commands;
mod users_without_acl;
mod value_of_other_platform;
mod volume_too_small;
mod writable_replica;
mod zero_quorum;
mod zone_loss_stops_failover;

/// One thing that a spec may not say. The file of a rule is its documentation.
pub struct Rule {
    pub id: &'static str,
    pub severity: Severity,
    /// Whether `spec.allow` lowers this error to a note; warnings it always lowers.
    pub allowable: bool,
    pub why: &'static str,
    /// A spec without `apiVersion` and `kind` that breaks the rule. Several, split by `---` lines, for a rule between specs.
    pub bad: &'static str,
    /// The same, mended.
    pub good: &'static str,
    pub check: Check,
}

/// What a rule looks at.
pub enum Check {
    /// One spec by itself.
    Spec(fn(&Spec, &mut Vec<Finding>)),
    /// What only one spec of the run may have: what a spec claims, and what to say of a claim beside that of another.
    Fleet { claims: fn(&Spec) -> Vec<Claim>, taken: fn(&Claim, &Claim) -> Option<Finding> },
}

/// A spec that breaks no rule of severity error. Only [`judge`] makes one, and [`Packed`] the same again.
#[derive(Debug)]
pub struct Validated(Box<Spec>);

impl Validated {
    #[must_use]
    pub fn as_spec(&self) -> &Spec {
        &self.0
    }

    #[must_use]
    pub fn into_inner(self) -> Spec {
        *self.0
    }

    /// The same in little room.
    ///
    /// # Panics
    /// If a spec is not JSON.
    #[must_use]
    pub fn pack(&self) -> Packed {
        let text = serde_json::to_vec(&self.0);
        let text = text.unwrap_or_else(|error| panic!("a spec is JSON: {error}"));
        Packed(block::compress_prepend_size_with_dict(&text, &USUAL).into())
    }
}

/// The spec that has all defaults: a packed one refers to it instead of repeating it. Without it, that one
/// would only be larger.
static USUAL: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let minimal =
        json!({ "apiVersion": API_VERSION, "kind": KIND, "metadata": { "name": "" }, "spec": {} });
    let spec = serde_json::from_value::<Spec>(minimal).ok();
    spec.and_then(|spec| serde_json::to_vec(&spec).ok()).unwrap_or_default()
});

/// A spec that breaks no rule of severity error, while it waits for thousands of others.
pub struct Packed(Box<[u8]>);

impl Packed {
    /// # Panics
    /// If it is not what was packed.
    #[must_use]
    pub fn unpack(&self) -> Validated {
        let text = block::decompress_size_prepended_with_dict(&self.0, &USUAL);
        let text = text.unwrap_or_else(|error| panic!("it was packed before: {error}"));
        let spec = serde_json::from_slice(&text);
        Validated(spec.unwrap_or_else(|error| panic!("it was a spec before: {error}")))
    }
}

/// What a rule found, and how much it matters once `spec.allow` is heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub id: &'static str,
    pub severity: Severity,
    pub why: String,
    pub finding: Finding,
}

/// A spec, and what every rule finds in it by itself.
pub struct Judged {
    spec: Spec,
    verdicts: Vec<Verdict>,
}

/// Applies every rule about one spec by itself.
#[must_use]
pub fn judge(spec: Spec) -> Judged {
    let mut verdicts = Vec::new();
    for rule in RULES {
        if let Check::Spec(check) = rule.check {
            let mut findings = Vec::new();
            check(&spec, &mut findings);
            let heard = |finding| rule.verdict(finding, &spec.spec.allow);
            verdicts.extend(findings.into_iter().map(heard));
        }
    }
    Judged { spec, verdicts }
}

impl Judged {
    #[must_use]
    pub fn as_spec(&self) -> &Spec {
        &self.spec
    }

    /// The spec, if nothing that was found in it is an error, and what was found.
    #[must_use]
    pub fn valid(self) -> (Option<Validated>, Vec<Verdict>) {
        let has_error = self.verdicts.iter().any(|verdict| verdict.severity == Severity::Error);
        ((!has_error).then(|| Validated(self.spec.into())), self.verdicts)
    }
}

/// The rules between specs.
pub fn between() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied().filter(|rule| matches!(rule.check, Check::Fleet { .. }))
}

impl Rule {
    /// What a finding matters once a spec's `allow` is heard.
    #[must_use]
    pub fn verdict(&self, finding: Finding, allowed: &[Allow]) -> Verdict {
        let allowed = allowed.iter().find(|allow| allow.rule == self.id);
        let severity = finding.severity.unwrap_or(self.severity);
        let lowered = allowed.filter(|_| self.allowable || severity < Severity::Error);
        Verdict {
            id: self.id,
            severity: if lowered.is_some() { Severity::Note } else { severity },
            why: lowered
                .map_or_else(|| self.why.into(), |allow| format!("allowed: {}", allow.reason)),
            finding,
        }
    }
}

/// Every rule, in the order of its id.
#[rustfmt::skip]
pub const RULES: &[&Rule] = &[
    &announce_port_on_pods::RULE, &auth_disabled::RULE, &backlog_above_maxmemory::RULE, &certificate_fields::RULE,
    &certificate_platform::RULE, &contradicting_host_counts::RULE, &cpu_request_above_limit::RULE, &default_master_name::RULE,
    &directive_not_in_version::RULE, &directive_value::RULE, &down_after_too_large::RULE,
    &down_after_too_small::RULE, &duplicate_host::RULE, &duplicate_master_name::RULE,
    &duplicate_topology_name::RULE, &duplicate_user::RULE, &duplicate_webhook::RULE, &duplicate_zone::RULE,
    &even_sentinel_instances::RULE, &exporter_too_old::RULE, &failover_timeout_too_large::RULE,
    &failover_timeout_too_small::RULE, &grace_below_stop_budget::RULE, &host_without_role::RULE,
    &ignored_field::RULE, &image_not_version::RULE, &invalid_address::RULE, &invalid_duration::RULE,
    &invalid_image::RULE, &invalid_label::RULE, &invalid_name::RULE, &invalid_path::RULE, &invalid_port::RULE,
    &invalid_quantity::RULE, &invalid_selector::RULE, &invalid_threshold::RULE, &invalid_toleration::RULE,
    &invalid_url::RULE, &managed_acl_rule::RULE, &managed_directive::RULE, &master_name_characters::RULE,
    &maxmemory_above_memory::RULE, &maxmemory_too_tight::RULE, &memory_too_small::RULE,
    &min_replicas_out_of_range::RULE, &mismatched_passwords::RULE, &name_too_long::RULE, &namespace_open::RULE,
    &no_client_user::RULE, &no_promotable_replica::RULE, &no_redis_host::RULE, &no_sentinel::RULE,
    &nodes_may_share_machine::RULE, &notification_without_target::RULE, &object_name_collision::RULE,
    &parallel_syncs_out_of_range::RULE, &persistence_off::RULE, &pod_address_announced::RULE,
    &port_collision::RULE, &quorum_above_sentinel_instances::RULE, &quorum_not_majority::RULE,
    &repeated_directive::RULE, &reserved_label::RULE, &reserved_master_name::RULE, &reserved_user::RULE,
    &secret_source_platform::RULE, &sentinel_cpu_limit::RULE, &shared_acl_password::RULE, &shared_host_port::RULE,
    &shared_master_name::RULE, &shared_object_name::RULE, &tls_needs_hostname::RULE, &tls_undecided::RULE,
    &tls_without_certificate::RULE, &too_few_sentinels::RULE, &too_many_replicas::RULE, &too_many_sentinels::RULE,
    &unknown_acl_command::RULE, &unknown_alert::RULE, &unknown_directive::RULE, &unknown_engine_version::RULE, &unknown_event::RULE,
    &unknown_host::RULE, &unknown_initial_master::RULE, &unpinned_image::RULE,
    &unsupported_kubernetes_version::RULE, &user_without_commands::RULE, &users_without_acl::RULE,
    &value_of_other_platform::RULE, &volume_too_small::RULE, &writable_replica::RULE, &zero_quorum::RULE,
    &zone_loss_stops_failover::RULE,
];
