use super::{NO_YES, Row};
use crate::families::monitoring::dashboard::panels::Panel;

pub const ROW: Row = Row {
    title: "Exporter",
    panels: &[
        Panel::graph(
            "Exporter answers",
            "Whether Prometheus reaches each exporter.",
            "short",
            &[(r#"min by (instance) (up{<topology>,instance=~"$instance"})"#, "{{instance}}")],
        )
        .words(NO_YES),
        Panel::graph(
            "Duration of a scrape",
            "Time that the exporter needs to ask Redis.",
            "s",
            &[(
                r#"max by (instance) (redis_exporter_last_scrape_duration_seconds{<topology>,instance=~"$instance"})"#,
                "{{instance}}",
            )],
        ),
        Panel::graph(
            "Failed scrapes",
            "What the exporter could not ask, and why.",
            "short",
            &[(
                r#"max by (instance, err) (redis_exporter_last_scrape_error{<topology>,instance=~"$instance"} > 0)"#,
                "{{instance}} {{err}}",
            )],
        ),
    ],
};
