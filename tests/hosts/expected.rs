//! What the processes of a host read and somebody else puts there.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use redisforge::topology::Host;

use crate::support::installed::run;

/// Nobody listens there.
pub const NOBODY: &str = "http://127.0.0.1:9";

/// Where a file of a host lies below its root.
pub fn under(root: &Path, path: &str) -> PathBuf {
    root.join(path.trim_start_matches('/'))
}

/// Secrets that differ wherever they may, and certificates.
pub fn put(expected: &[String], root: &Path, hosts: &[Host]) {
    for path in expected {
        let file = under(root, path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        fs::write(
            &file,
            if name.ends_with("url") { NOBODY.into() } else { format!("secret-of-{name}") },
        )
        .unwrap();
    }
    let find =
        |end: &str| expected.iter().find(|path| path.ends_with(end)).map(|path| under(root, path));
    if let (Some(ca), Some(key)) = (find("ca.crt"), find(".key")) {
        let certificate = key.with_extension("crt");
        let names: Vec<String> = hosts.iter().map(|host| format!("IP:{}", host.address)).collect();
        run(openssl()
            .args(["-subj", "/CN=authority", "-keyout"])
            .arg(root.join("ca.key"))
            .arg("-out")
            .arg(&ca));
        run(openssl()
            .args(["-subj", "/CN=redis", "-keyout"])
            .arg(&key)
            .arg("-out")
            .arg(certificate)
            .arg("-CA")
            .arg(&ca)
            .arg("-CAkey")
            .arg(root.join("ca.key"))
            .arg("-addext")
            .arg(format!("subjectAltName={}", names.join(","))));
    }
}

/// The same for every host, signed by one authority.
pub fn copy(expected: &[String], from: &Path, to: &Path) {
    for path in expected {
        fs::create_dir_all(under(to, path).parent().unwrap()).unwrap();
        fs::copy(under(from, path), under(to, path)).unwrap();
    }
}

fn openssl() -> Command {
    let mut command = Command::new("openssl");
    command.args(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(' '),
    );
    command
}
