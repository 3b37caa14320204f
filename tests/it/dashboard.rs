//! What people do at the dashboard, in a real browser on the real stack: its pages show what calls have left, and what
//! is done there counts for the next call.

mod access;
mod accessible;
mod calls;
mod console;
mod furnished;
mod outages;
mod settings;
mod watched;
mod weight;
