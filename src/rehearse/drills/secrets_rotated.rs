//! Drill 16: replace the Secrets under running nodes; then change the passwords in the servers, replace the Secrets and restart every process in turn, or with ACL stop everything and start it again.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::{Drill, Need};
use crate::rehearse::{
    clients::Access,
    machines::{Kind, put},
    secrets::Passwords,
    stage::Stage,
};

pub const DRILL: Drill = Drill {
    number: 16,
    name: "secrets-rotated",
    does: "replace the Secrets under running nodes; then change the passwords in the servers, replace the Secrets and restart every process in turn, or with ACL stop everything and start it again",
    holds: "no probe fails; afterwards the old passwords are refused; nothing lost",
    needs: &[Need::Passwords],
    run,
    leaves_set_as_it_was: false,
};

fn run(stage: &mut Stage) -> Result<()> {
    let old = stage.lab.passwords.clone();
    let new = Passwords::new(&stage.lab.topology)?;
    stage.write()?;
    stage.lab.passwords = new.clone();
    stage.lab.put_secrets()?;
    stage.tell("the Secrets are replaced");
    stage.rest(Duration::from_secs(2))?;
    for index in stage.everything() {
        for probe in ["alive.sh", "ready.sh"] {
            let is_well = stage.probe(index, probe)?;
            let title = stage.title(index);
            stage.check(is_well, format!("{probe} of {title} fails"));
        }
    }
    stage.lab.passwords = old;
    stage.lab.put_secrets()?;
    let before = Access::to(&stage.lab)?;
    if stage.lab.topology.auth.as_ref().is_some_and(|auth| auth.acl) {
        full_stop(stage, &new)?;
    } else {
        live(stage, &new)?;
    }
    let began = Instant::now();
    stage.good_end(Duration::from_mins(1))?;
    for index in stage.everything() {
        let is_refused = stage.is_refused(index, &before)?;
        let title = stage.title(index);
        stage.check(is_refused, format!("{title} takes the old password"));
    }
    stage.tell(format!("old passwords tried after {:.1} s", began.elapsed().as_secs_f64()));
    Ok(())
}

/// Passwords of ACL users cannot change without an administrator, whom the users of the spec need not have.
fn full_stop(stage: &mut Stage, new: &Passwords) -> Result<()> {
    let written = stage.end_load()?;
    for index in stage.everything() {
        stage.kill(index);
    }
    stage.lab.passwords = new.clone();
    stage.lab.put_secrets()?;
    stage.watch_anew()?;
    for index in stage.everything() {
        stage.start(index)?;
    }
    stage.good_end(stage.patience())?;
    stage.count_lost_in_outage(&written)
}

/// First every server takes both passwords and shows the new one, then the Secret changes, then each restarts.
fn live(stage: &mut Stage, new: &Passwords) -> Result<()> {
    let auth = stage.lab.topology.auth.clone().context("there are no passwords")?;
    let (data, watching) = (new.of(&auth.password_file), new.of(&auth.sentinel_password_file));
    for (index, process) in stage.lab.processes.iter().enumerate() {
        let master_of = |index: usize| stage.lab.topology.masters[index].name.clone();
        match process.place.kind {
            Kind::Data(_) => {
                stage.order(index, &["ACL", "SETUSER", "default", &format!(">{data}")])?;
                stage.order(
                    index,
                    &["CONFIG", "SET", "masterauth", new.of(&auth.replication_password_file)],
                )?;
            }
            Kind::Sentinel => {
                stage.order(index, &["ACL", "SETUSER", "default", &format!(">{watching}")])?;
                stage.order(index, &["SENTINEL", "CONFIG", "SET", "sentinel-pass", watching])?;
                for master in 0..stage.lab.topology.masters.len() {
                    let name = master_of(master);
                    let password = new.of(&auth.sentinel_auth_password_file);
                    stage.order(index, &["SENTINEL", "SET", &name, "auth-pass", password])?;
                }
            }
        }
    }
    let written = stage.end_load()?;
    stage.lab.passwords = new.clone();
    stage.lab.put_secrets()?;
    // The running scripts log in with their own copies until their process restarts.
    for process in &stage.lab.processes {
        for (file, password) in [("auth-data", data), ("auth-sentinel", watching)] {
            let hex: String = password.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
            put(
                &process.place.volume.join("live").join(file),
                format!("AUTH \"{hex}\"\n").as_bytes(),
                0o600,
            )?;
        }
    }
    stage.watch_anew()?;
    stage.count_lost(&written, 0)?;
    stage.tell("every server takes both passwords");
    stage.write()?;
    let mut order = stage.sentinels();
    stage.until("the new password is taken", Duration::from_secs(10), |stage| {
        stage.serving(0).is_some()
    })?;
    order.extend(stage.replicas()?);
    for index in order {
        stage.stop(index)?;
        stage.start(index)?;
        stage.good_end(Duration::from_mins(1))?;
    }
    stage.settle()?;
    let master = stage.master()?;
    stage.stop(master)?;
    stage.start(master)?;
    stage.good_end(Duration::from_mins(1))?;
    stage.read_back()?;
    Ok(())
}
