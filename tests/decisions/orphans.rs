//! Which copy of orphans may be promoted: what the watcher and the volume say, piece by piece, in both shells.

use std::{fs, process::Command};

use tempfile::TempDir;

use crate::shells::{SHELLS, script};

/// Runs a program in each shell, in a directory of its own; all must print the same.
fn print(program: &str, bench: &TempDir) -> String {
    let printed = SHELLS.map(|shell| {
        let mut command = Command::new(shell[0]);
        command.args(&shell[1..]).args(["-c", program]).current_dir(bench.path());
        let output = command.output().unwrap();
        assert!(output.stderr.is_empty(), "{shell:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    });
    assert_eq!(printed[0], printed[1]);
    printed[0].trim().into()
}

#[test]
fn a_replica_is_an_orphan_while_nobody_has_or_follows_more() {
    let bench = TempDir::new().unwrap();
    let watcher = script("watch-redis.sh");
    let functions = ["value() {", "orphans_picture() {"].map(|name| {
        let from = &watcher[watcher.find(name).unwrap()..];
        &from[..from.find("\n}\n").unwrap() + 3]
    });
    let judge = |own: &str, peers: [&str; 2]| {
        let program = format!(
            "data=. copy=current cache_only='' master=m; node_at() {{ echo b; }}\n\
             ask_everyone() {{ printf 'data b {}\\ndata c {}\\n'; }}\n{}\n\
             info=$(printf 'role:slave\\nmaster_link_status:down\\n{own}'); orphans_picture",
            peers[0],
            peers[1],
            functions.concat()
        );
        print(&program, &bench)
    };
    let keys = "db0:keys=1";
    let old = "replica b keys unsynced never 0";
    let picture = judge(keys, ["silent no-answer", old]);
    assert_eq!(picture, "no master at b c of b");
    assert_ne!(judge(keys, ["replica c keys unsynced never 0", old]), picture, "it follows now");
    assert_ne!(judge(keys, ["replica c keys unsynced never 0", old]), "", "a ring of replicas");
    for (why, peers) in [
        ("the master serves", ["master - keys synced up 9", old]),
        ("one is synced", ["silent no-answer", "replica b keys synced 5 9"]),
        ("one may have a link", ["silent no-answer", "replica b keys unsynced syncing 0"]),
        ("one is silent", ["silent no-answer", "silent no-answer"]),
        ("one is empty", ["silent no-answer", "replica b empty unsynced never 0"]),
        ("its master is synced", ["replica c keys synced up 9", old]),
    ] {
        assert_eq!(judge(keys, peers), "", "{why}");
    }
    let empty = ["silent no-answer", "replica b empty unsynced never 0"];
    assert_eq!(judge("", empty), picture, "nothing to lose");
}

#[test]
fn a_copy_is_as_old_as_its_aof_and_one_behind_a_sync_is_none() {
    let bench = TempDir::new().unwrap();
    let data = bench.path().join("data/appendonlydir");
    fs::create_dir_all(data).unwrap();
    fs::write(bench.path().join("redis.conf"), "appendonly yes\n").unwrap();
    let judge = |touch: &str| {
        let program = format!(
            "here=. data=data persistence=AOF\n{}\n{touch}; echo \"$(judge_copy) $(copy_written)\"",
            script("volume.sh")
        );
        print(&program, &bench)
    };
    let aof = "touch -d @1000 data/member data/appendonlydir/appendonly.aof.manifest";
    assert_eq!(judge(aof), "current 10000");
    assert_eq!(judge("touch -d @2000 data/dump.rdb"), "current 10000", "a sync is not in the AOF");
    assert_eq!(judge("touch -d @3000 data/behind"), "none 10000", "nor may it start as current");
    let anew = "touch -d @4000 data/appendonlydir/appendonly.aof.1.incr.aof";
    assert_eq!(judge(anew), "none 30000", "what came after the sync may be missing");
    assert_eq!(judge("rm -f data/behind"), "current 40000");
}
