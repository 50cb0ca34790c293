//! The simulated providers as a program: `simpul-simulator [ADDRESS [SMTP_ADDRESS]]` prints where it listens and runs until it is stopped.

use std::io::Write as _;
use std::net::SocketAddr;

use simpul_simulator::{Settings, Simulator};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut addresses = std::env::args().skip(1);
    let address: SocketAddr = addresses.next().as_deref().unwrap_or("127.0.0.1:0").parse()?;
    let smtp_address = addresses.next().map(|text| text.parse()).transpose()?;
    let running = Simulator::start_with(address, Settings { smtp_address, ..Settings::default() }).await?;
    writeln!(
        std::io::stdout(),
        "{{\"http\": \"{}\", \"smtp\": \"{}\"}}",
        running.http_address(),
        running.smtp_address()
    )?;
    std::future::pending::<()>().await;
    Ok(())
}
