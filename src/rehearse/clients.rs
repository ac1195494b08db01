//! How the rehearsal itself reaches the processes: as the scripts do, and as an application does.

use std::{sync::mpsc, thread, time::Duration};

use anyhow::{Context, Result};
use redis::{
    Client, Connection, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, RedisConnectionInfo,
    TlsCertificates, TlsMode,
    sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType},
};

use super::{
    adapted::{USER, USER_FILE},
    lab::Lab,
    machines::Kind,
};

/// What a call may take. A frozen server answers nothing.
pub const CALL: Duration = Duration::from_millis(700);
/// What finding the master may take; behind it a frozen server may sit.
const SEARCH: Duration = Duration::from_secs(3);

/// Who logs in, with what.
#[derive(Clone, Debug, Default)]
struct Login {
    user: Option<String>,
    password: Option<String>,
}

impl Login {
    fn into_info(self) -> RedisConnectionInfo {
        // Servers before 7.2 refuse what the library tells them of itself.
        let mut info = RedisConnectionInfo::default().set_skip_set_lib_name();
        if let Some(user) = self.user {
            info = info.set_username(user);
        }
        if let Some(password) = self.password {
            info = info.set_password(password);
        }
        info
    }
}

/// Everything that a thread needs to reach the processes of a lab as it is now.
#[derive(Clone)]
pub struct Access {
    tls: Option<TlsCertificates>,
    node_on_data: Login,
    node_on_sentinel: Login,
    application: Login,
    application_on_sentinel: Login,
    /// Announced addresses of the Sentinels.
    sentinels: Vec<(String, u16)>,
}

impl Access {
    pub fn to(lab: &Lab) -> Result<Self> {
        let mut access = Self {
            tls: lab.topology.tls.as_ref().map(|_| lab.authority.client()).transpose()?,
            node_on_data: Login::default(),
            node_on_sentinel: Login::default(),
            application: Login::default(),
            application_on_sentinel: Login::default(),
            sentinels: Vec::new(),
        };
        if let Some(auth) = &lab.topology.auth {
            let login = |user: Option<&str>, file: &str| Login {
                user: user.map(String::from),
                password: Some(lab.passwords.of(file).to_string()),
            };
            if auth.acl {
                access.node_on_data = login(Some("node"), &auth.node_password_file);
                access.node_on_sentinel = access.node_on_data.clone();
                let file = auth
                    .users
                    .iter()
                    .filter_map(|user| user.file.as_ref())
                    .find(|file| file.ends_with(USER_FILE));
                access.application = login(Some(USER), file.map_or("", String::as_str));
            } else {
                access.node_on_data = login(None, &auth.password_file);
                access.node_on_sentinel = login(None, &auth.sentinel_password_file);
                access.application = access.node_on_data.clone();
            }
            access.application_on_sentinel = login(None, &auth.sentinel_password_file);
        }
        for process in &lab.processes {
            if process.place.kind == Kind::Sentinel {
                access.sentinels.push((process.place.host.clone(), port(process.place.port)?));
            }
        }
        Ok(access)
    }

    /// A client of one process, with the rights of its scripts.
    pub fn node(&self, kind: Kind, address: &str, port: u16) -> Result<Client> {
        let login = match kind {
            Kind::Data(_) => &self.node_on_data,
            Kind::Sentinel => &self.node_on_sentinel,
        };
        self.client(login, address, port)
    }

    /// A client of one data node, with the rights of an application.
    pub fn application(&self, address: &str, port: u16) -> Result<Client> {
        self.client(&self.application, address, port)
    }

    fn client(&self, login: &Login, address: &str, port: u16) -> Result<Client> {
        let target = self.address(address, port);
        let info: ConnectionInfo =
            target.into_connection_info()?.set_redis_settings(login.clone().into_info());
        let client = match &self.tls {
            Some(tls) => Client::build_with_tls(info, tls.clone()),
            None => Client::open(info),
        };
        client.context("cannot make a client")
    }

    /// A client that asks the Sentinels for a master, as applications do.
    fn follower(&self, master: &str) -> Result<SentinelClient> {
        let sentinels = self.sentinels.iter().map(|(host, port)| self.address(host, *port));
        let mut builder =
            SentinelClientBuilder::new(sentinels, master, SentinelServerType::Master)?;
        if let Some(tls) = &self.tls {
            builder = builder
                .set_client_to_redis_tls_mode(TlsMode::Secure)
                .set_client_to_redis_certificates(tls.clone())
                .set_client_to_sentinel_certificates(tls.clone());
        }
        let Login { user, password } = self.application.clone();
        if let Some(user) = user {
            builder = builder.set_client_to_redis_username(user);
        }
        if let Some(password) = password {
            builder = builder.set_client_to_redis_password(password);
        }
        if let Some(password) = self.application_on_sentinel.password.clone() {
            builder = builder.set_client_to_sentinel_password(password);
        }
        builder.build().context("cannot make a client of Sentinel")
    }

    /// Asks the Sentinels for the master. In a thread of its own, because the library waits for a frozen server for ever.
    pub fn connect_to_master(&self, master: &str) -> Option<Connection> {
        let mut follower = self.follower(master).ok()?;
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let client = follower.get_client();
            let _ = sender.send(client.and_then(|client| connect(&client)));
        });
        receiver.recv_timeout(SEARCH).ok()?.ok()
    }

    fn address(&self, host: &str, port: u16) -> ConnectionAddr {
        match &self.tls {
            Some(_) => ConnectionAddr::TcpTls {
                host: host.into(),
                port,
                insecure: false,
                tls_params: None,
            },
            None => ConnectionAddr::Tcp(host.into(), port),
        }
    }
}

/// Connects within the time of a call, which then holds for each answer too.
pub fn connect(client: &Client) -> redis::RedisResult<Connection> {
    let connection = client.get_connection_with_timeout(CALL)?;
    connection.set_read_timeout(Some(CALL))?;
    connection.set_write_timeout(Some(CALL))?;
    Ok(connection)
}

pub fn port(port: u32) -> Result<u16> {
    u16::try_from(port).context("no such port")
}
