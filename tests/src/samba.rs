//! A real Active Directory: a Samba domain controller of our own on a loopback address.
#![allow(clippy::expect_used, clippy::panic)]

use std::fs::{self, File};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, Mod, Scope, SearchEntry};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// Password of the domain's administrator.
pub const PASSWORD: &str = "Passw0rd.Samba";

/// A running forest of one domain with one domain controller. It ends with the value.
pub struct Forest {
    folder: tempfile::TempDir,
    controller: Child,
    address: String,
    realm: String,
}

impl Forest {
    /// Provisions and starts a forest. `realm` is like `CONTOSO.TEST`, `address` a loopback address.
    ///
    /// # Panics
    /// Where Samba is missing (`tests/install` installs it) or does not start.
    pub async fn start(realm: &str, address: &str) -> Forest {
        let folder = tempfile::tempdir().expect("a temporary folder");
        if address != "127.0.0.1" {
            let _ = Command::new("ip")
                .args(["addr", "add", &format!("{address}/8"), "dev", "lo"])
                .output();
        }
        provision(folder.path(), realm, address);
        certify(folder.path(), address);
        let controller = launch(folder.path());
        let mut forest = Forest {
            folder,
            controller,
            address: address.to_owned(),
            realm: realm.to_owned(),
        };
        forest.wait().await;
        forest
    }

    /// `ldaps://127.0.0.1`.
    pub fn url(&self) -> String {
        format!("ldaps://{}", self.address)
    }

    /// `127.0.0.1`.
    pub fn host(&self) -> &str {
        &self.address
    }

    /// `DC=contoso,DC=test`.
    pub fn base(&self) -> String {
        self.realm
            .to_lowercase()
            .split('.')
            .map(|part| format!("DC={part}"))
            .collect::<Vec<_>>()
            .join(",")
    }

    /// `administrator@contoso.test`.
    pub fn user(&self) -> String {
        format!("administrator@{}", self.realm.to_lowercase())
    }

    /// The certificate (PEM) of the authority that vouches for the domain controller.
    pub fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A file with [`PASSWORD`].
    pub fn password_file(&self) -> PathBuf {
        self.folder.path().join("password")
    }

    /// What a connector to the whole domain says.
    pub fn connector(&self) -> String {
        format!(
            "url = \"{}\"\nbase = \"{}\"\nbind = {{ user = \"{}\", password = {{ file = \"{}\" }} }}\nca = \"{}\"",
            self.url(),
            self.base(),
            self.user(),
            self.password_file().display(),
            self.ca().display(),
        )
    }

    /// A connection on which the administrator is logged on.
    pub async fn connect(&self) -> Ldap {
        self.try_connect()
            .await
            .expect("the domain controller lets the administrator in")
    }

    async fn try_connect(&self) -> Result<Ldap, ldap3::LdapError> {
        let mut roots = rustls::RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_file(self.ca()).expect("our certificate"))
            .expect("our certificate");
        let tls = rustls::ClientConfig::builder_with_provider(
            rustls::crypto::ring::default_provider().into(),
        )
        .with_safe_default_protocol_versions()
        .expect("TLS")
        .with_root_certificates(roots)
        .with_no_client_auth();
        let settings = LdapConnSettings::new()
            .set_conn_timeout(Duration::from_secs(5))
            .set_config(tls.into());
        let (connection, mut ldap) = LdapConnAsync::with_settings(settings, &self.url()).await?;
        ldap3::drive!(connection);
        ldap.simple_bind(&self.user(), PASSWORD).await?.success()?;
        Ok(ldap)
    }

    async fn wait(&mut self) {
        let end = Instant::now() + Duration::from_secs(60);
        while let Err(error) = self.try_connect().await {
            let ended = self.controller.try_wait().expect("the state of samba");
            let log =
                || fs::read_to_string(self.folder.path().join("samba.log")).unwrap_or_default();
            assert!(ended.is_none(), "samba ended: {}", log());
            assert!(
                Instant::now() < end,
                "samba does not answer: {error}\n{}",
                log()
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Adds an entry; `dn` is relative to the domain.
    pub async fn add(&self, dn: &str, attributes: &[(&str, &str)]) {
        let mut grouped: Vec<(&str, std::collections::HashSet<&str>)> = Vec::new();
        for (name, value) in attributes {
            match grouped.iter_mut().find(|(known, _)| known == name) {
                Some((_, values)) => drop(values.insert(value)),
                None => grouped.push((name, [*value].into())),
            }
        }
        let result = self.connect().await.add(&self.dn(dn), grouped).await;
        result
            .and_then(ldap3::LdapResult::success)
            .unwrap_or_else(|error| panic!("add {dn}: {error}"));
    }

    /// Adds an organizational unit.
    pub async fn add_unit(&self, dn: &str) {
        self.add(dn, &[("objectClass", "organizationalUnit")]).await;
    }

    /// Adds an enabled user that can log on with [`PASSWORD`].
    pub async fn add_user(&self, dn: &str, account: &str, attributes: &[(&str, &str)]) {
        let principal = format!("{account}@{}", self.realm.to_lowercase());
        let fixed = [
            ("objectClass", "user"),
            ("sAMAccountName", account),
            ("userPrincipalName", &principal),
        ];
        self.add(dn, &[&fixed, attributes].concat()).await;
        let password: Vec<u8> = format!("\"{PASSWORD}\"")
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        self.modify(
            dn,
            vec![Mod::Replace(b"unicodePwd".to_vec(), [password].into())],
        )
        .await;
        self.replace(dn, "userAccountControl", &["512"]).await;
    }

    /// Adds a security group; members are relative to the domain.
    pub async fn add_group(&self, dn: &str, account: &str, members: &[&str]) {
        let members: Vec<String> = members.iter().map(|member| self.dn(member)).collect();
        let mut attributes = vec![("objectClass", "group"), ("sAMAccountName", account)];
        attributes.extend(members.iter().map(|member| ("member", member.as_str())));
        self.add(dn, &attributes).await;
    }

    /// Makes changes to an entry.
    pub async fn modify(&self, dn: &str, changes: Vec<Mod<Vec<u8>>>) {
        let result = self.connect().await.modify(&self.dn(dn), changes).await;
        result
            .and_then(ldap3::LdapResult::success)
            .unwrap_or_else(|error| panic!("modify {dn}: {error}"));
    }

    /// Gives an attribute other values; none take it away.
    pub async fn replace(&self, dn: &str, attribute: &str, values: &[&str]) {
        let values = values
            .iter()
            .map(|value| value.as_bytes().to_vec())
            .collect();
        self.modify(
            dn,
            vec![Mod::Replace(attribute.as_bytes().to_vec(), values)],
        )
        .await;
    }

    /// Adds a member to a group.
    pub async fn add_member(&self, group: &str, member: &str) {
        self.modify(
            group,
            vec![Mod::Add(
                b"member".to_vec(),
                [self.dn(member).into_bytes()].into(),
            )],
        )
        .await;
    }

    /// Takes a member out of a group.
    pub async fn remove_member(&self, group: &str, member: &str) {
        self.modify(
            group,
            vec![Mod::Delete(
                b"member".to_vec(),
                [self.dn(member).into_bytes()].into(),
            )],
        )
        .await;
    }

    /// Renames an entry, and moves it where a new parent is given.
    pub async fn rename(&self, dn: &str, rdn: &str, parent: Option<&str>) {
        let parent = parent.map(|parent| self.dn(parent));
        let result = self
            .connect()
            .await
            .modifydn(&self.dn(dn), rdn, true, parent.as_deref())
            .await;
        result
            .and_then(ldap3::LdapResult::success)
            .unwrap_or_else(|error| panic!("rename {dn}: {error}"));
    }

    /// Deletes an entry.
    pub async fn delete(&self, dn: &str) {
        let result = self.connect().await.delete(&self.dn(dn)).await;
        result
            .and_then(ldap3::LdapResult::success)
            .unwrap_or_else(|error| panic!("delete {dn}: {error}"));
    }

    /// The `objectGUID` of an entry.
    pub async fn anchor(&self, dn: &str) -> Vec<u8> {
        let found = self
            .connect()
            .await
            .search(&self.dn(dn), Scope::Base, "(objectClass=*)", ["objectGUID"])
            .await;
        let (mut entries, _) = found
            .and_then(ldap3::SearchResult::success)
            .unwrap_or_else(|error| panic!("read {dn}: {error}"));
        let entry = SearchEntry::construct(entries.pop().expect("the entry"));
        let text = entry.attrs.into_values().flatten().map(String::into_bytes);
        text.chain(entry.bin_attrs.into_values().flatten())
            .next()
            .expect("an objectGUID")
    }

    /// The full name of what is given relative to the domain; "" is the domain.
    pub fn dn(&self, relative: &str) -> String {
        if relative.is_empty() {
            self.base()
        } else {
            format!("{relative},{}", self.base())
        }
    }
}

impl Forest {
    /// Ends the domain controller, whose processes are a group of their own.
    pub fn stop(&mut self) {
        let group = format!("-{}", self.controller.id());
        let _ = Command::new("kill")
            .args(["-KILL", "--", &group])
            .stderr(Stdio::null())
            .status();
        let _ = self.controller.wait();
    }
}

impl Drop for Forest {
    fn drop(&mut self) {
        self.stop();
    }
}

fn provision(folder: &Path, realm: &str, address: &str) {
    let domain = realm.split('.').next().unwrap_or(realm);
    let output = Command::new("samba-tool")
        .args([
            "domain",
            "provision",
            "--host-name=dc1",
            "--server-role=dc",
            "--dns-backend=NONE",
        ])
        .arg(format!("--realm={realm}"))
        .arg(format!("--domain={domain}"))
        .arg(format!("--adminpass={PASSWORD}"))
        .arg(format!("--targetdir={}", folder.join("dc").display()))
        .arg("--option=bind interfaces only=yes")
        .arg(format!("--option=interfaces={address}/8"))
        .output()
        .expect("samba-tool runs (tests/install installs it)");
    assert!(
        output.status.success(),
        "provision: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    fs::write(folder.join("password"), format!("{PASSWORD}\n")).expect("the password file");
}

/// Makes an authority and a certificate for the address, and has Samba use them.
fn certify(folder: &Path, address: &str) {
    let mut authority = rcgen::CertificateParams::new(Vec::new()).expect("parameters");
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    authority
        .distinguished_name
        .push(rcgen::DnType::CommonName, "Tributary tests");
    let key = rcgen::KeyPair::generate().expect("a key");
    let certificate = authority.self_signed(&key).expect("a certificate");
    let issuer = rcgen::Issuer::from_params(&authority, &key);
    fs::write(folder.join("ca.pem"), certificate.pem()).expect("the authority's certificate");

    let mut server =
        rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    let address: IpAddr = address.parse().expect("an address");
    server
        .subject_alt_names
        .push(rcgen::SanType::IpAddress(address));
    let key = rcgen::KeyPair::generate().expect("a key");
    let certificate = server.signed_by(&key, &issuer).expect("a certificate");
    write_private(&folder.join("server.key"), &key.serialize_pem());
    fs::write(folder.join("server.pem"), certificate.pem()).expect("the server's certificate");

    let path = folder.join("dc/etc/smb.conf");
    let text = fs::read_to_string(&path).expect("the configuration that was provisioned");
    let file = |name: &str| folder.join(name).display().to_string();
    let tls = format!(
        "[global]\n\ttls enabled = yes\n\ttls keyfile = {}\n\ttls certfile = {}\n\ttls cafile = {}\n",
        file("server.key"),
        file("server.pem"),
        file("ca.pem")
    );
    fs::write(path, text.replacen("[global]\n", &tls, 1)).expect("the configuration");
}

/// Samba refuses a key that others can read.
fn write_private(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, text).expect("the key");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("the key's permissions");
}

fn launch(folder: &Path) -> Child {
    use std::os::unix::process::CommandExt;
    fs::create_dir_all(folder.join("run/ncalrpc")).expect("the run folder");
    let log = File::create(folder.join("samba.log")).expect("the log");
    Command::new("samba")
        .args([
            "-i",
            "--no-process-group",
            "--option=server services=ldap,cldap",
        ])
        .arg(format!(
            "--configfile={}",
            folder.join("dc/etc/smb.conf").display()
        ))
        .arg(format!(
            "--option=pid directory={}",
            folder.join("run").display()
        ))
        .arg(format!(
            "--option=ncalrpc dir={}",
            folder.join("run/ncalrpc").display()
        ))
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("the log"))
        .stderr(log)
        .spawn()
        .expect("samba starts (tests/install installs it)")
}
