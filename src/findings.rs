//! What is found before and beside the rules: by the reader of the text, by the schema, and about `spec.allow`.

use crate::diagnostic::Severity;

/// A kind of finding that no rule makes.
pub struct Kind {
    pub id: &'static str,
    pub severity: Severity,
    pub why: &'static str,
    /// A spec without `apiVersion` and `kind` in which it is found.
    pub wrong: &'static [u8],
    /// The same, mended.
    pub right: &'static [u8],
}

const fn error(
    id: &'static str,
    why: &'static str,
    wrong: &'static [u8],
    right: &'static [u8],
) -> Kind {
    Kind { id, severity: Severity::Error, why, wrong, right }
}

/// A spec with which nothing of this is wrong.
const SMALLEST: &[u8] = b"metadata: { name: cache }
spec: {}";

/// Every kind, in the order of its id.
pub const KINDS: &[Kind] = &[
    error(
        "allow-not-possible",
        "Such a spec would give files that cannot work.",
        b"metadata: { name: cache }
spec:
  redis: { config: { maxclient: 20000 } }
  allow:
  - { rule: unknown-directive, reason: a patched server }",
        b"metadata: { name: cache }
spec:
  redis: { config: { maxclients: 20000 } }",
    ),
    error(
        "allow-without-reason",
        "Whoever comes after you must be able to judge it again.",
        b"metadata: { name: cache }
spec:
  allow:
  - { rule: tls-undecided, reason: '' }",
        b"metadata: { name: cache }
spec:
  allow:
  - { rule: tls-undecided, reason: the network is encrypted }",
    ),
    error(
        "ambiguous-scalar",
        "Some YAML readers take a leading zero for octal and others for decimal; the spec must mean the same to all of them.",
        b"metadata: { name: cache }
spec:
  redis: { config: { port: 06379 } }",
        b"metadata: { name: cache }
spec:
  redis: { port: 6379 }",
    ),
    error(
        "base-nesting",
        "What a spec is based on must be readable at a glance; a circle has no beginning.",
        b"metadata: { name: cache }
spec:
  basedOn: [{ path: wrong.yaml }]",
        SMALLEST,
    ),
    error(
        "base-outside-repository",
        "Whoever checks out the repository must get the same spec.",
        b"metadata: { name: cache }
spec:
  basedOn: [{ path: /dev/null }]",
        SMALLEST,
    ),
    error(
        "base-unreadable",
        "Without it nobody knows what the spec says.",
        b"metadata: { name: cache }
spec:
  basedOn: [{ path: ../base/prod.yml }]",
        SMALLEST,
    ),
    error(
        "duplicate-key",
        "YAML readers keep the first or the last of two equal keys, each without a word.",
        b"metadata: { name: cache }
spec:
  redis:
    memory: 1Gi
    memory: 2Gi",
        b"metadata: { name: cache }
spec:
  redis:
    memory: 2Gi",
    ),
    error(
        "missing-field",
        "What the field would say cannot be guessed.",
        b"spec: {}",
        SMALLEST,
    ),
    error(
        "not-text",
        "A spec is YAML, and YAML is Unicode text; other encodings are read differently by different programs.",
        b"# caf\xe9
metadata: { name: cache }
spec: {}",
        b"# caf\xc3\xa9
metadata: { name: cache }
spec: {}",
    ),
    error(
        "out-of-range",
        "No deployment has that number of anything.",
        b"metadata: { name: cache }
spec:
  redis: { replicasPerMaster: -1 }",
        b"metadata: { name: cache }
spec:
  redis: { replicasPerMaster: 2 }",
    ),
    error(
        "several-documents",
        "A file holds one spec, so that its name and its findings belong to one topology.",
        b"metadata: { name: cache }
spec: {}
---
metadata: { name: sessions }
spec: {}",
        SMALLEST,
    ),
    error(
        "too-large",
        "Aliases multiply: a few lines can stand for more values than a machine can hold.",
        b"metadata: { name: cache }
a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]",
        SMALLEST,
    ),
    error(
        "too-many-findings",
        "Nobody reads more than a thousand findings about one file; often one mistake near the top makes them all.",
        b"metadata: { name: cache }
spec:
  redis: &m { a: , b: , c: , d: , e: , f: , g: , h: , i: , j: , k: , l: , m: , n: , o: , p: , q: , r: , s: , t: , u: , v: , w: , x: , y: , z: }
  masters: [
    *m, *m, *m, *m, *m, *m, *m, *m, *m, *m, *m, *m, *m, *m, *m, *m, *m, *m, *m, *m,
    *m, *m, *m, *m, *m, *m, *m, *m, *m, *m, *m, *m, *m, *m, *m, *m, *m, *m, *m, *m ]",
        b"metadata: { name: cache }
spec:
  masters:
  - { name: first }",
    ),
    error(
        "unknown-field",
        "A field that is not known would be ignored, and whoever wrote it believes it holds.",
        b"metadata: { name: cache }
spec:
  sentinel: { quorom: 2 }",
        b"metadata: { name: cache }
spec:
  sentinel: { quorum: 2 }",
    ),
    error(
        "unknown-rule",
        "It lowers nothing, and whoever reads it believes it does.",
        b"metadata: { name: cache }
spec:
  allow:
  - { rule: tls-undecidet, reason: the network is encrypted }",
        b"metadata: { name: cache }
spec:
  allow:
  - { rule: tls-undecided, reason: the network is encrypted }",
    ),
    error(
        "unknown-value",
        "Only these values have a meaning.",
        b"metadata: { name: cache }
spec:
  tls: { mode: Off }",
        b"metadata: { name: cache }
spec:
  tls: { mode: Disabled }",
    ),
    Kind {
        id: "unused-allow",
        severity: Severity::Warning,
        why: "A forgotten entry would hide the next mistake.",
        wrong: b"metadata: { name: cache }
spec:
  tls: { mode: Disabled }
  allow:
  - { rule: tls-undecided, reason: the network is encrypted }",
        right: b"metadata: { name: cache }
spec:
  tls: { mode: Disabled }",
    },
    error(
        "wrong-shape",
        "Such a value does not say which one of its meanings holds.",
        b"metadata: { name: cache }
spec:
  auth: { password: {} }",
        b"metadata: { name: cache }
spec:
  auth: { password: { secretRef: { name: cache, key: password } } }",
    ),
    error(
        "wrong-type",
        "Another kind of value could only be guessed at.",
        b"metadata: { name: cache }
spec:
  redis: { memory: 12 }",
        b"metadata: { name: cache }
spec:
  redis: { memory: 12Gi }",
    ),
    error(
        "yaml-syntax",
        "From here on the text is not YAML, so nothing more of it can be judged.",
        b"metadata: { name: cache
spec: {}",
        SMALLEST,
    ),
];
