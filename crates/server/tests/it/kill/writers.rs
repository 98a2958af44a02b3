//! Eight senders that never give up: what is not acknowledged is sent again, as it was.

use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

use serde_json::{Value, json};

use crate::harness::{Api, Mllp, adt, critical};
use crate::ledger::Ledger;

/// What the senders need.
#[derive(Clone)]
pub(super) struct Load {
    pub(super) api: Api,
    /// The integration of the events.
    pub(super) events: String,
    /// The MLLP port.
    pub(super) port: SocketAddr,
    pub(super) ledger: Arc<Ledger>,
}

/// The senders, and what they wait for when a server is gone.
pub(super) struct Writers {
    turn: Arc<Turn>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Turn {
    life: Mutex<Life>,
    changed: Condvar,
}

#[derive(Default, Clone, Copy)]
struct Life {
    /// How often the server has begun to live.
    number: u64,
    is_over: bool,
}

/// What one sender speaks.
#[derive(Debug, Clone, Copy)]
enum Door {
    Single,
    Array,
    Mllp,
}

impl Writers {
    /// Starts eight; they wait for the first `go_on`.
    pub(super) fn start(load: &Load) -> Writers {
        let turn = Arc::new(Turn::default());
        let doors = [
            Door::Single,
            Door::Single,
            Door::Single,
            Door::Array,
            Door::Array,
            Door::Mllp,
            Door::Mllp,
            Door::Mllp,
        ];
        let begin = |(place, door): (usize, Door)| {
            let (load, turn) = (load.clone(), turn.clone());
            std::thread::spawn(move || Writer { load, turn, door, place, line: None }.run())
        };
        Writers { threads: doors.into_iter().enumerate().map(begin).collect(), turn }
    }

    /// The server lives: whoever waits for it goes on.
    pub(super) fn go_on(&self) {
        self.turn.change(|life| life.number += 1);
    }

    /// Ends them, each after the call it is in.
    pub(super) fn stop(self) {
        self.turn.change(|life| life.is_over = true);
        for thread in self.threads {
            thread.join().expect("a sender has failed");
        }
    }
}

impl Turn {
    fn now(&self) -> Life {
        *self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Life)) {
        change(&mut self.life.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    /// Waits for a life after this one.
    fn after(&self, number: u64) {
        let life = self.life.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |life: &mut Life| life.number == number && !life.is_over;
        drop(self.changed.wait_while(life, same));
    }
}

struct Writer {
    load: Load,
    turn: Arc<Turn>,
    door: Door,
    place: usize,
    line: Option<Send>,
}

impl Writer {
    fn run(mut self) {
        self.turn.after(0);
        let mut number = 0_u64;
        while !self.turn.now().is_over {
            let of_one_call = if matches!(self.door, Door::Array) { 10 } else { 1 };
            let kind = if matches!(self.door, Door::Mllp) { 'm' } else { 'w' };
            let ids: Vec<String> =
                (0..of_one_call).map(|n| format!("{kind}{}-{}", self.place, number + n)).collect();
            number += of_one_call;
            self.send(&ids);
        }
    }

    /// Sends until it is acknowledged, over as many lives as it takes.
    fn send(&mut self, ids: &[String]) {
        loop {
            let life = self.turn.now();
            if life.is_over {
                return;
            }
            if let Ok(events) = self.try_send(ids) {
                let told = ids.iter().zip(events);
                told.for_each(|(id, event)| self.load.ledger.acknowledge(id.clone(), event));
                return;
            }
            self.line = None;
            self.turn.after(life.number);
        }
    }

    fn try_send(&mut self, ids: &[String]) -> std::io::Result<Vec<Option<String>>> {
        if self.line.is_none() {
            self.line = Some(match self.door {
                Door::Single | Door::Array => by_http(&self.load)?,
                Door::Mllp => by_mllp(&self.load)?,
            });
        }
        self.line.as_mut().expect("made above")(ids)
    }
}

type Send = Box<dyn FnMut(&[String]) -> std::io::Result<Vec<Option<String>>>>;

fn by_http(load: &Load) -> std::io::Result<Send> {
    let (api, path) = (load.api.clone(), format!("/ingest/{}/events", load.events));
    let mut line = api.line()?;
    Ok(Box::new(move |ids| {
        let events: Vec<Value> = ids.iter().map(|id| critical(id, id)).collect();
        let body = if let [one] = events.as_slice() { one.clone() } else { json!(events) };
        let headers = [("content-type", "application/json")];
        let answer = line.call(&api, ("POST", &path), &headers, body.to_string().as_bytes())?;
        if answer.status != 202 {
            return Err(std::io::Error::other(format!("{}", answer.status)));
        }
        let told = answer.json(202);
        let one = |told: &Value| Some(told["id"].as_str().expect("an id").to_owned());
        Ok(told["accepted"]
            .as_array()
            .map_or_else(|| vec![one(&told)], |many| many.iter().map(one).collect()))
    }))
}

fn by_mllp(load: &Load) -> std::io::Result<Send> {
    let mut line = Mllp::dial(load.port)?;
    Ok(Box::new(move |ids| {
        let told = line.send(&adt("A01", &ids[0], &ids[0], "I"))?;
        match told.verdict() {
            ("AA", id) if id == ids[0] => Ok(vec![None]),
            other => Err(std::io::Error::other(format!("{other:?}"))),
        }
    }))
}
