//! Hello, who we are, the letter.

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::ClientId;
use model::{EmailAddress, Letter};

use super::MailServer;
use super::fault::Fault;
use super::opening::open;

/// Hands one letter over.
pub(super) async fn hold(server: &MailServer, letter: &Letter) -> Result<(), Fault> {
    let message = message(server, letter)?;
    let pipe = open(server).await?;
    let hello = ClientId::Domain("carehook".to_owned());
    let connection = AsyncSmtpConnection::connect_with_transport(Box::new(pipe), &hello).await;
    let mut connection = connection.map_err(|error| Fault::of(&error))?;
    if let Some((user, password)) = &server.options.credentials {
        let credentials = Credentials::new(user.clone(), password.expose().clone());
        let proved = connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await;
        if let Err(error) = proved {
            return Err(Fault::of_auth(&error));
        }
    }
    let sent = connection.send(message.envelope(), &message.formatted()).await;
    let outcome = sent.map(drop).map_err(|error| Fault::of(&error));
    // The letter is the server's now, whatever it says to a goodbye.
    drop(connection.quit().await);
    outcome
}

fn message(server: &MailServer, letter: &Letter) -> Result<Message, Fault> {
    let mailbox = |name: Option<&str>, address: &EmailAddress| {
        let address = address.as_str().parse().map_err(|_| Fault::Address)?;
        Ok::<_, Fault>(Mailbox::new(name.map(str::to_owned), address))
    };
    let domain = server.options.from.as_str().rsplit('@').next().unwrap_or("carehook");
    let message = Message::builder()
        .from(mailbox(Some("Carehook"), &server.options.from)?)
        .to(mailbox(None, &letter.to)?)
        .subject(letter.subject.clone())
        .message_id(Some(format!("<{}@{domain}>", unique()?)))
        .header(ContentType::TEXT_PLAIN);
    message.body(letter.text.clone()).map_err(|_| Fault::Address)
}

/// What tells this letter from all others.
fn unique() -> Result<String, Fault> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Fault::Internal)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}
