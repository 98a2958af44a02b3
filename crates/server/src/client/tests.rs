use std::net::TcpListener;

use super::*;

fn client(url: &str) -> Client {
    Client::new(url, Secret::new("chk_x".to_owned())).unwrap()
}

#[tokio::test]
async fn nobody_there_is_told_from_a_refusal() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = client(&format!("http://{address}")).get("/readyz").await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains(&address.to_string()), "{error}");
}

#[tokio::test]
async fn what_is_no_server_of_ours_is_said_to_be_none() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = observe::tasks::spawn("server", async move {
        for answer in
            ["200 OK\r\ncontent-length: 6\r\n\r\n<html>", "502 Bad Gateway\r\ncontent-length: 0\r\n\r\n"]
        {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            let read = stream.read(&mut request).await.unwrap();
            let text = String::from_utf8_lossy(&request[..read]).to_lowercase();
            assert!(text.contains("authorization: bearer chk_x"), "{text}");
            stream.write_all(format!("HTTP/1.1 {answer}").as_bytes()).await.unwrap();
        }
    });
    let error = client(&url).get("/").await.unwrap_err();
    assert!(matches!(error, Error::Unreadable { status: 200, .. }), "{error}");
    let error = client(&url).post("/", &Value::Null).await.unwrap_err();
    assert!(matches!(&error, Error::Refused(refusal) if refusal.status() == 502), "{error}");
    server.await.unwrap();
}
