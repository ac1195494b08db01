use crate::{
    diagnostic::{Finding, Severity},
    rules::{Check, Rule},
    spec::{Expression, Spec},
};

pub const RULE: Rule = Rule {
    id: "invalid-selector",
    severity: Severity::Error,
    allowable: false,
    why: "A Kubernetes API server refuses the NetworkPolicy.",
    bad: "
metadata: { name: cache }
spec:
  network:
    policy:
      allowFrom: [{ podSelector: { matchExpressions: [{ key: app, operator: in, values: [shop] }] } }]
",
    good: "
metadata: { name: cache }
spec:
  network:
    policy:
      allowFrom: [{ podSelector: { matchExpressions: [{ key: app, operator: In, values: [shop] }] } }]
",
    check: Check::Spec(check),
};

fn check(spec: &Spec, findings: &mut Vec<Finding>) {
    for (index, peer) in spec.spec.network.policy.allow_from.iter().enumerate() {
        let at = format!("spec.network.policy.allowFrom[{index}]");
        let selectors =
            [("namespaceSelector", &peer.namespace_selector), ("podSelector", &peer.pod_selector)];
        let written = selectors.iter().any(|(_, selector)| selector.is_some());
        if peer.ip_block.is_some() && written {
            findings.push(
                Finding::at(
                    format!("{at}.ipBlock"),
                    "a peer is either a range of addresses or a selector",
                )
                .help("write two entries of `allowFrom`"),
            );
        }
        for (field, selector) in selectors {
            let expressions = selector.iter().flat_map(|selector| &selector.match_expressions);
            for (index, expression) in expressions.enumerate() {
                judge(&format!("{at}.{field}.matchExpressions[{index}]"), expression, findings);
            }
        }
    }
}

fn judge(at: &str, expression: &Expression, findings: &mut Vec<Finding>) {
    let operator = expression.operator.as_str();
    let has_values = !expression.values.is_empty();
    let (path, message, help) = match (operator, has_values) {
        ("In" | "NotIn", true) | ("Exists" | "DoesNotExist", false) => return,
        ("In" | "NotIn", false) => {
            ("operator", format!("`{operator}` needs `values`"), "write `values: […]` beside it")
        }
        ("Exists" | "DoesNotExist", true) => (
            "values",
            format!("`{operator}` takes no `values`"),
            "remove them, or write `operator: In`",
        ),
        _ => (
            "operator",
            format!("there is no operator `{operator}`"),
            "write `In`, `NotIn`, `Exists` or `DoesNotExist`",
        ),
    };
    findings.push(Finding::at(format!("{at}.{path}"), message).help(help));
}
