use super::*;
use crate::rehearse::drills::DRILLS;

fn lost(figures: &Figures) -> (String, serde_json::Value) {
    let run = Run::of(
        &DRILLS[0],
        Verdict::Failed,
        Vec::new(),
        figures,
        Duration::from_secs(1),
        Vec::new(),
    );
    let [_, _, _, cell, ..] = run.cells();
    (cell, serde_json::to_value(run).unwrap()["lost"].clone())
}

#[test]
fn writes_that_nobody_could_look_for_are_not_told_as_kept() {
    let counted = Figures { acknowledged: 7, ..Figures::default() };
    assert_eq!(lost(&counted), ("0".into(), 0.into()));
    let uncounted = Figures { is_uncounted: true, ..counted };
    assert_eq!(lost(&uncounted), ("?".into(), serde_json::Value::Null));
}

#[test]
fn writes_that_a_kill_cut_short_are_told_beside_the_lost_ones() {
    let cut_short = Figures { acknowledged: 7, lost: 3, lost_at_kill: 2, ..Figures::default() };
    assert_eq!(lost(&cut_short), ("3 (2 at a kill)".into(), 3.into()));
}
