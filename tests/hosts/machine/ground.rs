//! What machines stand on: a file system each, and a network.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::{PermissionsExt, chown, symlink},
    path::Path,
    process::{Child, Command, Stdio},
};

use redisforge::topology::Topology;

use crate::{
    expected::{self, under},
    nodes::names,
    support::installed::run,
};

const REDIS: u32 = 990;
/// What a machine without devices, seats and messages does not need.
const MASKED: &[&str] = &[
    "dbus.service",
    "dbus.socket",
    "getty.target",
    "kmod-static-nodes.service",
    "proc-sys-fs-binfmt_misc.automount",
    "sys-fs-fuse-connections.mount",
    "sys-kernel-config.mount",
    "sys-kernel-debug.mount",
    "sys-kernel-tracing.mount",
    "systemd-binfmt.service",
    "systemd-logind.service",
    "systemd-modules-load.service",
    "systemd-udev-trigger.service",
    "systemd-udevd-control.socket",
    "systemd-udevd-kernel.socket",
    "systemd-udevd.service",
];

/// What an installation of a system leaves, and the secrets, which the first host has made.
pub fn furnish(root: &Path, host: usize, first: &Path, topology: &Topology) {
    let put = |path: &str, content: &str| {
        let file = under(root, path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, content).unwrap();
    };
    for file in ["/etc/ld.so.cache", "/etc/nsswitch.conf"] {
        put(file, "");
        fs::copy(file, under(root, file)).unwrap();
    }
    // Names of programs, awk for one, are links to there.
    run(Command::new("cp").args(["-a", "/etc/alternatives"]).arg(root.join("etc")));
    put(
        "etc/passwd",
        "root:x:0:0::/:/bin/sh\nredis:x:990:990::/:/bin/false\nnobody:x:65534:65534::/:/bin/false\n",
    );
    put("etc/group", "root:x:0:\nadm:x:4:\nredis:x:990:\nnogroup:x:65534:\n");
    put("etc/hosts", &names(topology));
    put("etc/machine-id", &format!("{:032x}\n", host + 1));
    let wanted = topology.expectations();
    if host == 0 {
        expected::put(&wanted, root, &topology.hosts);
    } else {
        expected::copy(&wanted, first, root);
    }
    for file in &wanted {
        let file = under(root, file);
        chown(&file, Some(0), Some(REDIS)).expect("this test needs root");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    }
    // Not the zone of those who install.
    symlink("/usr/share/zoneinfo/Asia/Kolkata", root.join("etc/localtime")).unwrap();
    let units = root.join("etc/systemd/system");
    fs::create_dir_all(&units).unwrap();
    for unit in MASKED {
        symlink("/dev/null", units.join(unit)).unwrap();
    }
    fs::create_dir_all(root.join("var/log/journal")).unwrap();
    fs::create_dir_all(root.join("var/tmp")).unwrap();
}

/// The process that holds the network which all machines are plugged into.
pub fn network(topology: &Topology) -> Child {
    let address = &topology.hosts[0].address;
    let subnet = address.rsplit_once('.').unwrap().0;
    let script = format!(
        "ip link set lo up && ip link add br0 type bridge && ip address add {subnet}.250/8 dev br0 \
         && ip link set br0 up && echo ready && exec sleep 86400"
    );
    let mut child = Command::new("setpriv")
        .args(["--pdeathsig", "KILL", "unshare", "--net", "sh", "-c", &script])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n", "this machine lets nobody have a network");
    child
}
