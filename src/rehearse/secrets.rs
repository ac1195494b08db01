//! What a rehearsal makes up: passwords, and certificates by an authority that is thrown away.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
};
use redis::{ClientTlsConfig, TlsCertificates};

use super::machines::{Machine, Place, below, put};
use crate::topology::Topology;

/// Bytes that are hard on a shell, on .conf files and on JSON, but that Sentinel keeps.
const AWKWARD: &str = "$\\#{}é%";
/// Bytes that Sentinel could not read back, for passwords that it never writes.
const IMPOSSIBLE_FOR_SENTINEL: &str = " \"'";

/// Every file that the processes of a topology expect and that is not rendered.
#[must_use]
pub fn files(topology: &Topology) -> Vec<String> {
    let mut files: Vec<String> = passwords(topology).into_keys().collect();
    files.extend(topology.notifications.webhooks.iter().map(|webhook| webhook.file.clone()));
    files.extend(
        topology.tls.iter().flat_map(|tls| [tls.ca.clone(), tls.cert.clone(), tls.key.clone()]),
    );
    files
}

/// Files of passwords, and whether Sentinel writes what is in them.
fn passwords(topology: &Topology) -> BTreeMap<String, bool> {
    let mut files = BTreeMap::new();
    if let Some(auth) = &topology.auth {
        let users = auth.users.iter().chain(&topology.sentinel.users);
        for file in users.filter_map(|user| user.file.as_ref()) {
            files.insert(file.clone(), false);
        }
        for file in [
            &auth.password_file,
            &auth.replication_password_file,
            &auth.exporter_password_file,
            &auth.node_password_file,
        ] {
            files.entry(file.clone()).or_insert(false);
        }
        files.insert(auth.sentinel_auth_password_file.clone(), true);
        if !auth.acl {
            files.insert(auth.sentinel_password_file.clone(), true);
        }
    }
    files
}

/// The passwords of a rehearsal by the file that holds them.
#[derive(Clone, Debug)]
pub struct Passwords(BTreeMap<String, String>);

impl Passwords {
    /// New ones for every file.
    pub fn new(topology: &Topology) -> Result<Self> {
        let password = |(file, sentinel_writes_it)| {
            let awkward = if sentinel_writes_it { "" } else { IMPOSSIBLE_FOR_SENTINEL };
            Ok((file, format!("{}{AWKWARD}{awkward}", random_hex()?)))
        };
        passwords(topology).into_iter().map(password).collect::<Result<_>>().map(Self)
    }

    #[must_use]
    pub fn of(&self, file: &str) -> &str {
        self.0.get(file).map_or("", String::as_str)
    }

    /// Puts all where a machine's processes read them.
    pub fn put(&self, topology: &Topology, machine: &Machine) -> Result<()> {
        for (file, password) in &self.0 {
            put(&below(&machine.root, Path::new(file)), format!("{password}\n").as_bytes(), 0o600)?;
        }
        for webhook in &topology.notifications.webhooks {
            put(&below(&machine.root, Path::new(&webhook.file)), b"http://127.0.0.1:9\n", 0o600)?;
        }
        Ok(())
    }
}

fn random_hex() -> Result<String> {
    let mut bytes = [0; 12];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// An authority, as long as the rehearsal lasts.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

impl Authority {
    pub fn new() -> Result<Self> {
        let key = KeyPair::generate().context("cannot make a key")?;
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.distinguished_name.push(DnType::CommonName, "a rehearsal's authority");
        let certificate = parameters.self_signed(&key).context("cannot make a certificate")?.pem();
        Ok(Self { issuer: Issuer::new(parameters, key), certificate })
    }

    /// Puts a certificate for all that runs on a machine where it is read.
    pub fn put(&self, topology: &Topology, machine: &Machine, places: &[&Place]) -> Result<()> {
        let Some(tls) = &topology.tls else { return Ok(()) };
        let mut names: Vec<String> = places.iter().map(|place| place.host.clone()).collect();
        names.extend([machine.address.to_string(), "127.0.0.1".into(), "localhost".into()]);
        let (certificate, key) = self.sign(names)?;
        let at = |path: &str| below(&machine.root, Path::new(path));
        put(&at(&tls.ca), self.certificate.as_bytes(), 0o644)?;
        put(&at(&tls.cert), certificate.as_bytes(), 0o644)?;
        put(&at(&tls.key), key.as_bytes(), 0o600)
    }

    /// What a client of the rehearsal shows and trusts.
    pub fn client(&self) -> Result<TlsCertificates> {
        let (certificate, key) = self.sign(vec!["client".into()])?;
        Ok(TlsCertificates {
            client_tls: Some(ClientTlsConfig {
                client_cert: certificate.into_bytes(),
                client_key: key.into_bytes(),
            }),
            root_cert: Some(self.certificate.clone().into_bytes()),
        })
    }

    fn sign(&self, names: Vec<String>) -> Result<(String, String)> {
        let key = KeyPair::generate().context("cannot make a key")?;
        let mut parameters = CertificateParams::new(names).context("cannot name a certificate")?;
        parameters.distinguished_name.push(DnType::CommonName, "redis");
        parameters.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = parameters.signed_by(&key, &self.issuer).context("cannot sign")?;
        Ok((certificate.pem(), key.serialize_pem()))
    }
}
