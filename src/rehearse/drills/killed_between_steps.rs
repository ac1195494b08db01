//! Drill 19: kill -9 start scripts and stop scripts, with their servers, between any two of their steps.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{Drill, Need};
use crate::rehearse::stage::Stage;

pub const DRILL: Drill = Drill {
    number: 19,
    name: "killed-between-steps",
    does: "kill -9 start scripts and stop scripts, with their servers, between any two of their steps",
    holds: "nothing lost; a good end within 30 s of the last start",
    needs: &[Need::Persistence],
    run,
    leaves_set_as_it_was: true,
};

/// Lines of start-redis.sh, and of what writes the live file, behind which a node dies.
const STARTING: &[(&str, &str)] = &[
    ("start-redis.sh", "prepare_volume\n"),
    ("start-redis.sh", "written=${written:-0}\n"),
    ("volume.sh", "    (umask 077 && \"$@\" >\"$file.new\") || return 1\n"),
    ("start-redis.sh", "write_live redis.conf redis_conf || exit 1\n"),
    ("start-redis.sh", "rm -f \"$live/waiting\" \"$live/force-master\"\n"),
    ("start-redis.sh", "sh \"$here/watch-redis.sh\" $$ \"$copy\" \"$written\" &\n"),
];
/// Lines of start-sentinel.sh behind which one Sentinel dies meanwhile; the others know the master.
const WATCHING: &[&str] = &[
    "prepare_volume\n",
    "write_live sentinel.conf sentinel_conf || exit 1\n",
    "rm -f \"$live/waiting\"\n",
];
/// Lines of stop-redis.sh behind which it and its server die.
const STOPPING: &[&str] = &[
    "can_hand_over\n",
    "order_self \"CLIENT PAUSE 60000 WRITE\" | grep -q '^OK' || resume \"cannot pause the writers\"\n",
    "until_over 5 is_everyone_level || resume \"the replicas did not catch up\"\n",
    "address=$(address_of_sentinel \"$usable_sentinel\")\n",
    "reply=$(order sentinel \"${address% *}\" \"${address#* }\" \"SENTINEL FAILOVER $master\" | head -n 1)\n",
];

fn run(stage: &mut Stage) -> Result<()> {
    let nodes = stage.nodes();
    let sentinel = stage.sentinels()[0];
    for (round, steps) in STARTING.chunks(nodes.len()).enumerate() {
        stage.write()?;
        stage.rest(Duration::from_secs(1))?;
        let all = stage.everything();
        stage.kill_all(&all);
        for (node, (file, line)) in nodes.iter().zip(steps) {
            stage.tell(format!("{} will die behind `{}`", stage.title(*node), line.trim()));
            stage.lab.break_behind(*node, file, line)?;
        }
        let line = WATCHING[round % WATCHING.len()];
        stage.tell(format!("{} will die behind `{}`", stage.title(sentinel), line.trim()));
        stage.lab.break_behind(sentinel, "start-sentinel.sh", line)?;
        for index in &all {
            stage.start(*index)?;
        }
        stage.rest(stage.seconds(5.0) + Duration::from_secs(3))?;
        stage.kill_all(&nodes);
        stage.kill(sentinel);
        stage.lab.put_files()?;
        stage.start(sentinel)?;
        for node in &nodes {
            stage.start(*node)?;
        }
        stage.good_end(Duration::from_secs(30))?;
        stage.read_back_after_outage()?;
    }
    for line in STOPPING {
        stage.settle()?;
        stage.write()?;
        let old = stage.master()?;
        stage.excuse(&[old]);
        stage.tell(format!(
            "the stop script of {} will die behind `{}`",
            stage.title(old),
            line.trim()
        ));
        stage.lab.break_behind(old, "stop-redis.sh", line)?;
        let began = Instant::now();
        let _ = stage.lab.script(old, "stop-redis.sh").output()?;
        stage.kill(old);
        stage.lab.put_files()?;
        stage.rest(Duration::from_secs(1))?;
        stage.start(old)?;
        stage.good_end(Duration::from_secs(30))?;
        stage.tell(format!("{:.1} s after the stop began", began.elapsed().as_secs_f64()));
        stage.read_back()?;
    }
    Ok(())
}
