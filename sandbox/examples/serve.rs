//! Serves an empty directory in memory on a free port of the loopback interface.

use trib_sandbox::{Options, Sandbox};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listen = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let sandbox = Sandbox::start(listen.parse()?, Options::default()).await?;
    println!("sandbox listening on {}", sandbox.url());
    sandbox.run().await;
    Ok(())
}
