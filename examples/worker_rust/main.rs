//! A Drover worker in Rust: answers one HTTP request at a time and closes the
//! connection. While a client is slow, commands are heard all the same.

mod drover;
mod poll;

use drover::{Error, Event, Worker};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::io::{AsRawFd, FromRawFd, RawFd};
use std::process::exit;
use std::time::{Duration, Instant};

/// For a client to send its request.
const PATIENCE: Duration = Duration::from_secs(5);

struct Client {
    stream: TcpStream,
    request: Vec<u8>,
    ends: Instant,
}

impl Client {
    fn new(stream: TcpStream) -> Client {
        Client { stream, request: Vec::new(), ends: Instant::now() + PATIENCE }
    }

    /// Reads what is there; true when the connection is over.
    fn serve(&mut self, body: &str) -> bool {
        let mut buffer = [0; 4096];
        match self.stream.read(&mut buffer) {
            Ok(0) | Err(_) => return true,
            Ok(size) => self.request.extend_from_slice(&buffer[..size]),
        }
        if !self.request.windows(4).any(|end| end == b"\r\n\r\n") {
            return self.request.len() > 8192;
        }
        let answer = format!(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{}",
            body.len(),
            body
        );
        let _ = self.stream.write_all(answer.as_bytes()); // or it has left
        true
    }
}

struct Program {
    worker: Worker,
    listener: TcpListener,
    accepting: bool,
    leaving: bool,
    client: Option<Client>,
}

impl Program {
    /// Returns what to exit with.
    fn run(&mut self) -> Result<i32, Error> {
        loop {
            let ready = self.wait()?;
            // Commands first: after a Stop nothing more is accepted.
            while let Some(event) = self.worker.next_event()? {
                if let Event::End { exit_code } = event {
                    return Ok(exit_code);
                }
                self.act(event)?;
            }
            self.work(&ready);
            if self.client.is_none() {
                if self.worker.is_stopping() {
                    self.worker.stopped()?;
                }
                if self.leaving {
                    return Ok(0);
                }
            }
        }
    }

    fn wait(&self) -> Result<Vec<RawFd>, Error> {
        let mut fds = vec![self.worker.fd()?];
        let mut timeout = None;
        if let Some(client) = &self.client {
            fds.push(client.stream.as_raw_fd());
            timeout = Some(client.ends.saturating_duration_since(Instant::now()));
        } else if self.accepting {
            fds.push(self.listener.as_raw_fd());
        }
        Ok(poll::readable(&fds, timeout))
    }

    fn act(&mut self, event: Event) -> Result<(), Error> {
        match event {
            // A Stop may have cancelled it.
            Event::Start => self.accepting = self.worker.started().is_ok(),
            Event::Stop => self.accepting = false,
            Event::Deadline if self.client.is_some() && self.worker.is_stopping() => {
                self.client = None;
                self.worker.stopped_forced(1)?;
            }
            Event::Quit | Event::Lost => {
                self.accepting = false;
                self.leaving = true;
            }
            _ => {}
        }
        Ok(())
    }

    fn work(&mut self, ready: &[RawFd]) {
        let body = format!("hello from {}\n", self.worker.place());
        if let Some(client) = &mut self.client {
            let is_over = if ready.contains(&client.stream.as_raw_fd()) {
                client.serve(&body)
            } else {
                Instant::now() >= client.ends
            };
            if is_over {
                self.client = None;
            }
        } else if self.accepting && ready.contains(&self.listener.as_raw_fd()) {
            // A sibling may have been faster.
            self.client = self.listener.accept().ok().map(|(stream, _)| Client::new(stream));
        }
    }
}

fn supervised(mut worker: Worker) -> Result<i32, Error> {
    let fd = match worker.listener("http") {
        Ok(fd) => fd,
        Err(error) => {
            worker.fatal(error.exit_code(), &format!("listener \"http\": {error}"));
            return Ok(error.exit_code());
        }
    };
    // The library checked that it is a listening socket, and leaves it to us.
    let listener = unsafe { TcpListener::from_raw_fd(fd) };
    let mut program =
        Program { worker, listener, accepting: false, leaving: false, client: None };
    program.run()
}

fn main() {
    let result = Worker::open("worker_rust").and_then(|worker| match worker {
        Some(worker) => supervised(worker),
        None => {
            println!("worker_rust: not supervised; see README.md for how to run it");
            Ok(0)
        }
    });
    exit(result.unwrap_or_else(|error| {
        eprintln!("worker_rust: {error}");
        error.exit_code()
    }));
}
