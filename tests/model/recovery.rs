//! What becomes of a set once nothing fails any more.

use crate::{
    Rules,
    data_node::Does,
    starts::Patience,
    steps::Step,
    world::{Budget, NODES, World},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// A master has everyone's ear.
    Serves,
    /// A start waits, and its log says for what.
    Waits,
    /// Everything runs, nobody serves and nobody says why.
    Silent,
}

impl World {
    /// The network heals, everything is started again, and whatever can happen does, until nothing can.
    pub fn recover(&self, rules: &Rules) -> (End, World) {
        let mut world = self.clone();
        world.heal();
        world.learn();
        world.budget = Budget::NOTHING;
        // Each round starts or turns something; a set that goes round in circles ends as silent.
        for _ in 0..60 {
            let Some(next) = world.goes_on(rules) else { return (world.end(rules), world) };
            world = next;
        }
        (End::Silent, world)
    }

    fn goes_on(&self, rules: &Rules) -> Option<World> {
        let mut steps: Vec<Step> =
            (0..3).filter(|place| !self.sentinels[*place].runs).map(Step::StartSentinel).collect();
        let down: Vec<_> = NODES.into_iter().filter(|node| self.server(*node).is_none()).collect();
        steps.extend(down.iter().map(|node| Step::Start(*node, Patience::New)));
        steps.extend(down.iter().map(|node| Step::Start(*node, Patience::AfterG)));
        self.progress(&mut steps);
        steps.extend(NODES.map(Step::Persist));
        self.late_steps(&mut steps);
        let left_over = |place| Some(Step::Promote(place, self.left_over(place)?));
        steps.extend((0..3).filter_map(left_over));
        steps.into_iter().find_map(|step| self.after(rules, step))
    }

    fn end(&self, rules: &Rules) -> End {
        if NODES.into_iter().any(|node| self.acknowledges(node)) {
            return End::Serves;
        }
        let node_waits = NODES.into_iter().any(|node| {
            self.server(node).is_none()
                && self.decide(&rules.contract, node, Patience::AfterW).1 == Does::Wait
        });
        let sentinel_waits = self.sentinels.iter().any(|sentinel| !sentinel.runs);
        if node_waits || sentinel_waits { End::Waits } else { End::Silent }
    }
}
