//! A stand between the engine and a domain controller that spoils answers.
#![allow(clippy::expect_used)]

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;

use crate::samba::Forest;

/// A request to search.
pub const SEARCH: u8 = 0x63;
/// An entry that was found.
pub const ENTRY: u8 = 0x64;
/// The end of what was found.
pub const DONE: u8 = 0x65;

/// An address where more would be found.
pub const REFERENCE: u8 = 0x73;

/// What is done to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// It goes on.
    Pass,
    /// Instead of it the engine gets the end of a search with this code.
    Done(u8),
    /// Before it the engine gets a reference to this address.
    Refer(&'static str),
    /// The connection ends.
    Close,
}

/// Takes plain LDAP on a port of its own and passes it on over TLS.
pub struct Meddler(SocketAddr);

impl Meddler {
    /// `act` sees the kind and the bytes of every message of both sides.
    ///
    /// # Panics
    /// Where no port is free.
    pub async fn start(
        forest: &Forest,
        act: impl Fn(u8, &[u8]) -> Act + Send + Sync + 'static,
    ) -> Meddler {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let act = Arc::new(act);
        let (tls, host) = (connector(forest), forest.host().to_owned());
        tokio::spawn(async move {
            while let Ok((engine, _)) = listener.accept().await {
                let (tls, host, act) = (tls.clone(), host.clone(), act.clone());
                tokio::spawn(async move { between(engine, tls, host, &*act).await });
            }
        });
        Meddler(address)
    }

    /// What the engine connects to.
    pub fn url(&self) -> String {
        format!("ldap://{}", self.0)
    }
}

fn connector(forest: &Forest) -> TlsConnector {
    let mut roots = rustls::RootCertStore::empty();
    let authority = CertificateDer::from_pem_file(forest.ca()).expect("the authority");
    roots.add(authority).expect("the authority");
    let provider = rustls::crypto::ring::default_provider();
    let config = rustls::ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .expect("TLS")
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// One question after the other, each with its whole answer. Ends with either connection.
async fn between(
    engine: TcpStream,
    tls: TlsConnector,
    host: String,
    act: &(impl Fn(u8, &[u8]) -> Act + Sync),
) -> Option<()> {
    let mut engine = engine;
    let server = TcpStream::connect((host.as_str(), 636)).await.ok()?;
    let name = ServerName::try_from(host).ok()?;
    let mut server = tls.connect(name, server).await.ok()?;
    loop {
        let question = message(&mut engine).await?;
        let (id, kind) = parts(&question)?;
        match act(kind, &question) {
            Act::Done(code) => {
                engine.write_all(&done(id, code)).await.ok()?;
                continue;
            }
            Act::Close => return None,
            Act::Pass | Act::Refer(_) => server.write_all(&question).await.ok()?,
        }
        let mut more = true;
        while more {
            let answer = message(&mut server).await?;
            let (id, kind) = parts(&answer)?;
            more = matches!(kind, ENTRY | REFERENCE);
            match act(kind, &answer) {
                Act::Pass => engine.write_all(&answer).await.ok()?,
                Act::Done(code) => engine.write_all(&done(id, code)).await.ok()?,
                Act::Refer(to) => {
                    let reference = element(REFERENCE, &element(0x04, to.as_bytes()));
                    let both = [envelope(id, &reference), answer].concat();
                    engine.write_all(&both).await.ok()?;
                }
                Act::Close => return None,
            }
        }
    }
}

/// The bytes of one message.
async fn message(stream: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let mut bytes = vec![0; 2];
    stream.read_exact(&mut bytes).await.ok()?;
    let first = *bytes.last()?;
    let mut length = usize::from(first);
    if first >= 0x80 {
        let mut digits = vec![0; usize::from(first & 0x7f)];
        stream.read_exact(&mut digits).await.ok()?;
        length = digits
            .iter()
            .fold(0, |length, digit| length << 8 | usize::from(*digit));
        bytes.extend(digits);
    }
    let start = bytes.len();
    bytes.resize(start + length, 0);
    stream.read_exact(bytes.get_mut(start..)?).await.ok()?;
    Some(bytes)
}

/// The number of a message, as an element, and its kind.
fn parts(message: &[u8]) -> Option<(&[u8], u8)> {
    let first = *message.get(1)?;
    let start = 2 + if first < 0x80 {
        0
    } else {
        usize::from(first & 0x7f)
    };
    let end = start + 2 + usize::from(*message.get(start + 1)?);
    Some((message.get(start..end)?, *message.get(end)?))
}

fn done(id: &[u8], code: u8) -> Vec<u8> {
    envelope(id, &element(DONE, &[0x0a, 1, code, 4, 0, 4, 0]))
}

fn envelope(id: &[u8], operation: &[u8]) -> Vec<u8> {
    element(0x30, &[id, operation].concat())
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).expect("a short element");
    [&[tag, 0x81, length], content].concat()
}
