//! Many legacy sessions, a bounded number of them at a time, and the memory of a process meanwhile.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
    time::Duration,
};

use tokio::task::JoinSet;

use super::{
    call::{FIRST_ID, Fault, Target},
    process::rss,
    session::Client,
};

/// Shares of the sessions, in percent, after which memory is read.
pub const MARKS: [u64; 3] = [10, 50, 100];

/// What to do.
#[derive(Clone, Debug)]
pub struct Plan {
    pub target: Target,
    pub sessions: u64,
    /// How many clients go through sessions at a time, one after another.
    pub clients: usize,
    pub fate: Fate,
    pub timeout: Duration,
    /// The process whose memory is read.
    pub pid: u32,
}

/// What becomes of a session.
#[derive(Clone, Copy, Debug)]
pub enum Fate {
    /// One call; then this share is left to the other side, and the rest ended.
    Used { left: f64 },
    /// Nothing but being open.
    Idle,
}

/// What has happened so far.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Sessions that went all their way, or failed on it.
    pub done: u64,
    pub opened: u64,
    pub calls: u64,
    pub ended: u64,
    pub faults: BTreeMap<Fault, u64>,
    /// Resident bytes at each mark, in the order of [`MARKS`].
    pub rss: Vec<u64>,
}

/// Sessions under way.
pub struct Crowd {
    plan: Plan,
    next: Cell<u64>,
    tally: RefCell<Tally>,
}

impl Crowd {
    #[must_use]
    pub fn new(plan: Plan) -> Rc<Self> {
        Rc::new(Self { plan, next: Cell::new(0), tally: RefCell::default() })
    }

    #[must_use]
    pub fn tally(&self) -> Tally {
        self.tally.borrow().clone()
    }

    /// Goes through all sessions; wants to run in a [`tokio::task::LocalSet`].
    pub async fn run(self: Rc<Self>) -> Tally {
        let mut clients = JoinSet::new();
        for _ in 0..self.plan.clients {
            clients.spawn_local(Rc::clone(&self).work());
        }
        clients.join_all().await;
        self.tally()
    }

    async fn work(self: Rc<Self>) {
        let mut client = Client::new(self.plan.target.clone(), self.plan.timeout);
        while self.next.get() < self.plan.sessions {
            let number = self.next.replace(self.next.get() + 1);
            let result = self.go_through(&mut client, number).await;
            let mut tally = self.tally.borrow_mut();
            if let Err(fault) = result {
                *tally.faults.entry(fault).or_default() += 1;
            }
            tally.done += 1;
            let reached = |mark: &u64| tally.done * 100 >= mark * self.plan.sessions;
            let marks = MARKS.iter().filter(|mark| reached(mark)).count();
            while tally.rss.len() < marks {
                tally.rss.push(rss(self.plan.pid).unwrap_or_default());
            }
        }
    }

    async fn go_through(&self, client: &mut Client, number: u64) -> Result<(), Fault> {
        let session = client.open().await?;
        self.tally.borrow_mut().opened += 1;
        let Fate::Used { left } = self.plan.fate else { return Ok(()) };
        client.call(&session, FIRST_ID + number).await?;
        self.tally.borrow_mut().calls += 1;
        if !is_left(number, left) {
            client.end(&session).await?;
            self.tally.borrow_mut().ended += 1;
        }
        Ok(())
    }
}

/// Spreads the share evenly over the numbers.
fn is_left(number: u64, share: f64) -> bool {
    let until = |number: u64| (number as f64 * share).floor();
    until(number + 1) > until(number)
}

#[cfg(test)]
mod tests {
    use tokio::{
        net::TcpListener,
        task::{LocalSet, spawn_local},
    };

    use super::*;
    use crate::load::{stateful, wire::Wire};

    async fn seen(authority: &str) -> stateful::Seen {
        let mut wire = Wire::connect(authority).await.unwrap();
        stateful::seen(&mut wire, authority).await.unwrap()
    }

    #[tokio::test]
    async fn what_is_not_ended_stays_open() {
        let test = async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let authority = listener.local_addr().unwrap().to_string();
            spawn_local(stateful::run(listener));
            let plan = Plan {
                target: Target { authority: authority.clone(), path: "/mcp".into(), key: None },
                sessions: 40,
                clients: 4,
                fate: Fate::Used { left: 0.5 },
                timeout: Duration::from_secs(10),
                pid: std::process::id(),
            };
            let tally = Crowd::new(plan.clone()).run().await;
            assert!(tally.faults.is_empty(), "{tally:?}");
            assert_eq!((tally.done, tally.opened, tally.calls, tally.ended), (40, 40, 40, 20));
            assert!(tally.rss.len() == MARKS.len() && tally.rss.iter().all(|bytes| *bytes > 0), "{tally:?}");
            let after = stateful::Seen { open: 20, opened: 40, calls: 40, unknown: 0 };
            assert_eq!(seen(&authority).await, after);

            let mut client = Client::new(plan.target, plan.timeout);
            let session = client.open().await.unwrap();
            client.end(&session).await.unwrap();
            assert_eq!(client.call(&session, 1).await, Err(Fault::Status(404)));
            assert_eq!(client.end(&session).await, Err(Fault::Status(404)));
            assert_eq!(seen(&authority).await, stateful::Seen { opened: 41, unknown: 2, ..after });
        };
        LocalSet::new().run_until(test).await;
    }
}
