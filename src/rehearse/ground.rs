//! Where the processes of a rehearsal run: each machine in a network namespace of its own, or all on the loopback network.
//!
//! In namespaces the program itself is the first process of a process namespace, so whatever ends it ends all that it
//! started; and machines reach each other through its own network namespace, where a rule cuts them off from each other.

use std::{
    env, fs,
    io::Write,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use serde::Serialize;

/// The address of the other end of every machine's only link.
const ROUTER: &str = "169.254.1.1";
/// Of the rules that cut machines off.
const PARTITION: u32 = 10;
/// A name server that never answers.
const SILENCE: &str = "192.0.2.1";
/// In namespaces, everything of the rehearsal lies here, in memory, and goes with it.
const SCRATCH: &str = "/run/rehearsal";
const NAMES: &str = "/run/rehearsal/hosts";
const RESOLVER: &str = "/run/rehearsal/resolv.conf";
const NAMESPACES: &[&str] =
    &["--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "--mount-proc"];
/// The machine's own; scripts may run under another.
const SHELL: &str = "/bin/sh";
/// What a rehearsal does in them before all else.
const TRIAL: &str = "mount -t tmpfs none /run && mkdir /run/netns && ip netns add trial && echo 1 >/proc/sys/net/ipv4/ip_forward";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Ground {
    /// Machines have the addresses of the spec; names, partitions and new addresses are real.
    Namespaces,
    /// Without the rights for that: machines have loopback addresses, and there are no names.
    Loopback,
}

/// How this program is run again in namespaces, where that is possible.
pub struct Namespaces {
    program: PathBuf,
    /// Without the right to make namespaces, in one for a user who has it.
    user: &'static [&'static str],
}

/// Tries whether this machine lets the program make namespaces.
///
/// # Errors
/// Why it does not.
pub fn in_namespaces() -> Result<Namespaces> {
    let program = env::current_exe().context("cannot find this program's own file")?;
    let mut reasons = Vec::new();
    for user in [&[][..], &["--user", "--map-root-user"]] {
        let trial =
            Command::new("unshare").args(user).args(NAMESPACES).args([SHELL, "-c", TRIAL]).output();
        match trial {
            Ok(trial) if trial.status.success() => return Ok(Namespaces { program, user }),
            Ok(trial) => reasons.push(String::from_utf8_lossy(&trial.stderr).trim().to_string()),
            Err(error) => bail!("cannot run unshare: {error}"),
        }
    }
    bail!("{}", reasons.join("; "))
}

impl Namespaces {
    /// The command that runs this program in new ones, and ends with this process; its arguments are still to come.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = Command::new("setpriv");
        // The shell becomes unshare, whose namespaces others enter by its number.
        let as_user = if self.user.is_empty() { "" } else { " --as-user" };
        let script = format!("exec unshare \"$@\" --entry $${as_user}");
        command.args(["--pdeathsig", "KILL", SHELL, "-c", &script, "sh"]);
        command.args(self.user).args(NAMESPACES).arg(&self.program);
        command
    }
}

/// The command that runs this program on this very machine, and ends with this process.
///
/// # Errors
/// When the program's own file is gone.
pub fn on_loopback() -> Result<Command> {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM"]);
    command.arg(env::current_exe().context("cannot find this program's own file")?);
    Ok(command)
}

impl Ground {
    /// Prepares the ground, and says where the files of the rehearsal go.
    ///
    /// # Errors
    /// When a mount, a directory or a rule of the network cannot be made.
    pub fn prepare(self) -> Result<Scratch> {
        if self == Self::Loopback {
            let scratch = tempfile::Builder::new().prefix("redisforge-rehearsal-").tempdir();
            let scratch = scratch.context("cannot make a private directory")?;
            if !can_be_rendered(scratch.path()) {
                bail!(
                    "rendered files cannot name {}: set TMPDIR to a directory without blanks, quotes and the like",
                    scratch.path().display()
                );
            }
            return Ok(Scratch::Folder(scratch));
        }
        let resolver =
            fs::canonicalize("/etc/resolv.conf").unwrap_or_else(|_| "/etc/resolv.conf".into());
        run("mount", &["-t", "tmpfs", "-o", "mode=0755", "none", "/run"])?;
        fs::create_dir_all(SCRATCH)?;
        fs::create_dir_all("/run/netns")?;
        fs::write(NAMES, "127.0.0.1 localhost\n")?;
        fs::write(RESOLVER, "")?;
        run("mount", &["--bind", NAMES, "/etc/hosts"])?;
        if resolver.starts_with("/run") {
            fs::create_dir_all(resolver.parent().unwrap_or(Path::new("/run")))?;
            fs::write(&resolver, "")?;
        }
        run("mount", &["--bind", RESOLVER, "/etc/resolv.conf"])
            .context("without an /etc/resolv.conf")?;
        fs::write("/proc/sys/net/ipv4/ip_forward", "1")
            .context("cannot route between namespaces")?;
        ip(&["link set lo up".into(), format!("route add blackhole {SILENCE}")])?;
        Ok(Scratch::Memory(SCRATCH.into()))
    }

    /// Connects a machine.
    pub(super) fn connect(self, namespace: &str, address: Ipv4Addr) -> Result<()> {
        if self == Self::Loopback {
            return Ok(());
        }
        ip(&[
            format!("netns add {namespace}"),
            format!("link add {namespace} type veth peer name eth0 netns {namespace}"),
            format!("link set {namespace} up"),
            format!("address add {ROUTER}/32 dev {namespace}"),
        ])?;
        ip_in(namespace, &["link set lo up".into(), "link set eth0 up".into()])?;
        give(namespace, address)
    }

    /// Takes a machine away.
    pub(super) fn disconnect(self, namespace: &str) {
        if self == Self::Namespaces {
            let _ = ip(&[format!("link delete {namespace}")]);
            let _ = ip(&[format!("netns delete {namespace}")]);
        }
    }

    /// Connects all machines that are cut off.
    pub(super) fn heal(self) {
        let one = [format!("rule delete priority {PARTITION}")];
        while self == Self::Namespaces && ip(&one).is_ok() {}
    }

    /// What every machine finds in /etc/hosts.
    pub(super) fn name(self, names: &[(String, Ipv4Addr)]) -> Result<()> {
        if self == Self::Loopback {
            return Ok(());
        }
        let lines = names.iter().map(|(name, address)| format!("{address} {name}\n"));
        let text = format!("127.0.0.1 localhost\n{}", lines.collect::<String>());
        // In place: a mounted file that is replaced stays mounted.
        fs::write(NAMES, text).context("cannot write the names of the machines")
    }

    /// The command that runs a program on a machine.
    pub(super) fn on(self, namespace: &str) -> Command {
        let mut command;
        match self {
            Self::Namespaces => {
                command = Command::new("nsenter");
                command.arg(format!("--net=/run/netns/{namespace}"));
            }
            Self::Loopback => {
                command = Command::new("setpriv");
                command.args(["--pdeathsig", "KILL"]);
            }
        }
        command.stdin(Stdio::null());
        command
    }
}

/// Gives a machine another address.
pub(super) fn give(namespace: &str, address: Ipv4Addr) -> Result<()> {
    ip_in(
        namespace,
        &[
            "address flush dev eth0".into(),
            format!("address add {address}/32 dev eth0"),
            format!("route replace {ROUTER} dev eth0 src {address}"),
            format!("route replace default via {ROUTER} dev eth0 src {address}"),
        ],
    )?;
    ip(&[
        format!("route flush dev {namespace}"),
        format!("route add {address} dev {namespace} src {ROUTER}"),
    ])
}

/// Cuts two machines off from each other, or connects them again.
///
/// # Errors
/// When the rule of the network cannot be made, or is not there.
pub fn cut(one: Ipv4Addr, other: Ipv4Addr, is_cut: bool) -> Result<()> {
    let verb = if is_cut { "add" } else { "delete" };
    let rule = |from, to| format!("rule {verb} from {from} to {to} blackhole priority {PARTITION}");
    ip(&[rule(one, other), rule(other, one)])
}

/// Makes the name server one that never answers, or none.
pub(super) fn silence_dns(is_silent: bool) -> Result<()> {
    let text = if is_silent { format!("nameserver {SILENCE}\n") } else { String::new() };
    fs::write(RESOLVER, text).context("cannot write resolv.conf")
}

/// Whether the path can stand in a .conf file and in a shell's settings as it is.
fn can_be_rendered(path: &Path) -> bool {
    let is_plain = |character: char| character.is_alphanumeric() || "/._-+,:@=".contains(character);
    path.to_str().is_some_and(|path| path.chars().all(is_plain))
}

/// Where the files of a rehearsal are.
pub enum Scratch {
    Memory(PathBuf),
    /// Removed when it is dropped.
    Folder(tempfile::TempDir),
}

impl Scratch {
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Memory(path) => path,
            Self::Folder(folder) => folder.path(),
        }
    }
}

/// A part of the loopback network where nobody listens at these ports; another for each process that asks.
pub(super) fn free_loopback(ports: &[u32]) -> Result<Ipv4Addr> {
    let own = std::process::id();
    (0..u32::from(u8::MAX))
        .map(|attempt| {
            let third = own / 128 + attempt;
            Ipv4Addr::from(0x7f40_0000 + ((own % 128) << 16) + ((third % 256) << 8))
        })
        .find(|network| {
            let first = Ipv4Addr::from(u32::from(*network) + 1);
            ports.iter().all(|port| {
                u16::try_from(*port).is_ok_and(|port| TcpListener::bind((first, port)).is_ok())
            })
        })
        .context("no free part of the loopback network")
}

fn ip(lines: &[String]) -> Result<()> {
    batch(Command::new("ip").args(["-batch", "-"]), lines)
}

fn ip_in(namespace: &str, lines: &[String]) -> Result<()> {
    batch(Command::new("ip").args(["-netns", namespace, "-batch", "-"]), lines)
}

fn batch(command: &mut Command, lines: &[String]) -> Result<()> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot run ip; it is in the package iproute2")?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all((lines.join("\n") + "\n").as_bytes())?;
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("ip: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

fn run(program: &str, arguments: &[&str]) -> Result<()> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {program}"))?;
    if !output.status.success() {
        bail!(
            "{program} {}: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}
