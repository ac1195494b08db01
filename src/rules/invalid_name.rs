use crate::{
    diagnostic::{Finding, Severity},
    kubernetes_names as names,
    rules::master_name_characters,
    rules::{Check, Rule},
    secret_fields,
    spec::Spec,
};

pub const RULE: Rule = Rule {
    id: "invalid-name",
    severity: Severity::Error,
    allowable: false,
    why: "A Kubernetes API server refuses it, or a path or a shell would read it as something else.",
    bad: "
metadata: { name: Shop_Cache }
spec: {}
",
    good: "
metadata: { name: shop-cache }
spec: {}
",
    check: Check::Spec(check),
};

/// What a name must look like.
struct Form {
    fits: fn(&str) -> bool,
    says: &'static str,
}

const SERVICE: Form = Form {
    fits: names::is_service,
    says: "1 to 63 of a-z 0-9 `-`, beginning with a letter, ending with a letter or a digit",
};
const LABEL: Form = Form {
    fits: names::is_label,
    says: "1 to 63 of a-z 0-9 `-`, beginning and ending with a letter or a digit",
};
const SUBDOMAIN: Form = Form {
    fits: names::is_subdomain,
    says: "a-z 0-9 `-` and dots, each part beginning and ending with a letter or a digit",
};
const DATA_KEY: Form =
    Form { fits: names::is_data_key, says: "1 to 253 of A-Z a-z 0-9 `.` `_` `-`" };
const ZONE: Form = Form {
    fits: |zone| !zone.is_empty() && names::is_label_value(zone),
    says: "what the zone label of a machine may hold",
};
const HOST: Form = Form {
    fits: |host| names::is_subdomain(&host.to_ascii_lowercase()),
    says: "a host name: letters, digits, `-` and dots",
};
/// Sentinel and the ACL parser split at blanks; quotes end words in .conf files.
const USER: Form = Form {
    fits: |user| {
        !user.is_empty()
            && user.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'`\\".contains(&byte))
    },
    says: "printable ASCII without blanks, quotes and backslashes",
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    let mut written = vec![("metadata.name".to_string(), spec.metadata.name.as_str(), SERVICE)];
    objects(spec, &mut written);
    secrets(spec, &mut written);
    for (index, host) in spec.spec.platform.hosts.iter().enumerate() {
        written.push((format!("spec.platform.hosts[{index}].name"), &host.name, HOST));
    }
    for (index, user) in spec.spec.auth.users.iter().enumerate() {
        written.push((format!("spec.auth.users[{index}].name"), &user.name, USER));
    }
    for (index, webhook) in spec.spec.notifications.webhooks.iter().enumerate() {
        written.push((format!("spec.notifications.webhooks[{index}].name"), &webhook.name, LABEL));
    }
    for (path, name, form) in written {
        if !(form.fits)(name) {
            findings.push(
                Finding::at(path, format!("`{}` is not a valid name", name.escape_debug()))
                    .help(format!("use {}", form.says)),
            );
        }
    }
}

type Written<'a> = Vec<(String, &'a str, Form)>;

fn objects<'a>(spec: &'a Spec, written: &mut Written<'a>) {
    let body = &spec.spec;
    for (index, master) in body.masters.iter().enumerate() {
        let is_part_of_object = spec.on_kubernetes() && master.name != spec.metadata.name;
        if is_part_of_object && master_name_characters::fits(&master.name) {
            written.push((format!("spec.masters[{index}].name"), &master.name, LABEL));
        }
        let storage_class = master.redis.persistence.storage_class_name.as_deref();
        written.extend(storage_class.map(|name| {
            (format!("spec.masters[{index}].redis.persistence.storageClassName"), name, SUBDOMAIN)
        }));
    }
    for (index, zone) in body.placement.zones.names.iter().enumerate() {
        written.push((format!("spec.placement.zones.names[{index}]"), zone, ZONE));
    }
    for (index, secret) in body.engine.image_pull_secrets.iter().enumerate() {
        written.push((
            format!("spec.engine.imagePullSecrets[{index}].name"),
            &secret.name,
            SUBDOMAIN,
        ));
    }
    let optional = [
        ("metadata.namespace", spec.metadata.namespace.as_deref(), LABEL),
        (
            "spec.placement.priorityClassName",
            body.placement.priority_class_name.as_deref(),
            SUBDOMAIN,
        ),
        (
            "spec.sentinel.persistence.storageClassName",
            body.sentinel.persistence.storage_class_name.as_deref(),
            SUBDOMAIN,
        ),
        (
            "spec.platform.kubernetes.clusterDomain",
            Some(body.platform.kubernetes.cluster_domain.as_str()),
            SUBDOMAIN,
        ),
    ];
    written.extend(
        optional.into_iter().filter_map(|(path, name, form)| Some((path.to_string(), name?, form))),
    );
}

fn secrets<'a>(spec: &'a Spec, written: &mut Written<'a>) {
    for (path, source) in secret_fields::written(spec) {
        if let Some(secret) = &source.secret_ref {
            written.push((format!("{path}.secretRef.name"), &secret.name, SUBDOMAIN));
            written.push((format!("{path}.secretRef.key"), &secret.key, DATA_KEY));
        }
    }
    let Some(certificate) = &spec.spec.tls.certificate else {
        return;
    };
    let issuer = certificate.issuer_ref.as_ref().map(|issuer| issuer.name.as_str());
    let optional = [("secretName", certificate.secret_name.as_deref()), ("issuerRef.name", issuer)];
    written.extend(optional.into_iter().filter_map(|(field, name)| {
        Some((format!("spec.tls.certificate.{field}"), name?, SUBDOMAIN))
    }));
}
