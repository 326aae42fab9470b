//! A stand between the engine and a domain controller that spoils answers.
#![allow(clippy::expect_used)]

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;

use crate::samba::Forest;

/// A request to search.
pub const SEARCH: u8 = 0x63;
/// An entry that was found.
pub const ENTRY: u8 = 0x64;
/// The end of what was found.
pub const DONE: u8 = 0x65;

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

/// Ends, and closes both connections, with the first of the two.
async fn between(
    engine: TcpStream,
    tls: TlsConnector,
    host: String,
    act: &(impl Fn(u8, &[u8]) -> Act + Sync),
) -> Option<()> {
    let server = TcpStream::connect((host.as_str(), 636)).await.ok()?;
    let server = tls
        .connect(ServerName::try_from(host).ok()?, server)
        .await
        .ok()?;
    let (mut asked, mut told) = tokio::io::split(engine);
    let (mut answers, mut questions) = tokio::io::split(server);
    loop {
        tokio::select! {
            question = message(&mut asked) => {
                let question = question?;
                match act(kind(&question)?, &question) {
                    Act::Done(code) => told.write_all(&done(&question, code)).await.ok()?,
                    Act::Close => return None,
                    _ => send(&mut questions, &question).await?,
                }
                // Searches follow one another: the whole answer before the next question.
                loop {
                    if kind(&question)? == 0x42 || act(kind(&question)?, &question) != Act::Pass {
                        break;
                    }
                    let answer = message(&mut answers).await?;
                    match act(kind(&answer)?, &answer) {
                        Act::Pass => send(&mut told, &answer).await?,
                        Act::Done(code) => send(&mut told, &done(&answer, code)).await?,
                        Act::Refer(to) => {
                            send(&mut told, &reference(&answer, to)).await?;
                            send(&mut told, &answer).await?;
                        }
                        Act::Close => return None,
                    }
                    if !matches!(kind(&answer)?, ENTRY | 0x73) {
                        break;
                    }
                }
            }
        }
    }
}
