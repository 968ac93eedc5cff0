//! An API server that answers from a script, over real TCP.

use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// Path and raw query.
    pub(crate) target: String,
    /// The headers in one text, lower case.
    pub(crate) headers: String,
    pub(crate) body: Value,
}

impl Asked {
    /// Method and path, without the query.
    pub(crate) fn line(&self) -> String {
        let path = self.target.split('?').next().unwrap();
        format!("{} {path}", self.method)
    }
}

/// What the script does with a request.
pub(crate) enum Reply {
    /// Answers.
    Json(u16, Value),
    /// Answers with one more header.
    With(u16, &'static str, Value),
    /// Answers with something that is not JSON.
    Text(u16, &'static str),
    /// Announces a body, sends half of it and hangs up.
    Half,
    /// Hangs up without a word.
    Nothing,
}

/// The server; it lives as long as the test process.
pub(crate) struct Scripted {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Scripted {
    pub(crate) fn new(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (script, log) = (Arc::new(script), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (script, log) = (Arc::clone(&script), Arc::clone(&log));
                std::thread::spawn(move || serve(stream, &*script, &log));
            }
        });
        Self { url, asked }
    }

    /// Everything that was asked so far, in the order of arrival.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// How often `line` was asked.
    pub(crate) fn count(&self, line: &str) -> usize {
        self.asked()
            .iter()
            .filter(|asked| asked.line() == line)
            .count()
    }

    pub(crate) fn client(&self) -> kube::Client {
        refit_cluster::client(kube::Config::new(self.url.parse().unwrap())).unwrap()
    }
}

fn serve(mut stream: TcpStream, script: &dyn Fn(&Asked) -> Reply, log: &Mutex<Vec<Asked>>) {
    while let Some(asked) = read(&mut stream) {
        log.lock().unwrap().push(asked.clone());
        let (code, header, body) = match script(&asked) {
            Reply::Json(code, body) => (code, "", body.to_string()),
            Reply::With(code, header, body) => (code, header, body.to_string()),
            Reply::Text(code, text) => (code, "", text.to_owned()),
            Reply::Half => {
                write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{{").unwrap();
                return;
            }
            Reply::Nothing => return,
        };
        let header = if header.is_empty() {
            String::new()
        } else {
            format!("{header}\r\n")
        };
        let length = body.len();
        let answer =
            format!("HTTP/1.1 {code} Said\r\n{header}content-length: {length}\r\n\r\n{body}");
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let mut words = head.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let headers = head.to_lowercase();
    let length = headers
        .split("content-length: ")
        .nth(1)
        .and_then(|rest| rest.split("\r\n").next()?.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(Asked {
        method,
        target,
        headers,
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    })
}
