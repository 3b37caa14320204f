//! What the fuzz targets of `proxy/fuzz` run, one function each: any input may come, and a broken promise panics.
//!
//! In a build of the product none of this exists. The unit tests run it over the seeds in `proxy/fuzz/corpus`.

mod event_stream;
mod input;
mod json;
mod jwt;
mod message;
mod policy;
mod scanner;
mod tokens;
mod uri;

pub use event_stream::check as event_stream;
pub use jwt::check as jwt;
pub use policy::check as policy;
pub use tokens::check as tokens;
pub use uri::check as uri;

/// What is read of a client's message, and of a server's answer while it passes.
pub fn message(input: &[u8]) {
    message::check(input);
    scanner::check(input);
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    /// An input that once broke a promise stays mended when it is kept as a seed.
    #[test]
    fn every_seed_holds() {
        type Target = (&'static str, fn(&[u8]));
        let targets: [Target; 6] = [
            ("event_stream", super::event_stream),
            ("jwt", super::jwt),
            ("message", super::message),
            ("policy", super::policy),
            ("tokens", super::tokens),
            ("uri", super::uri),
        ];
        for (name, check) in targets {
            // Tests run in the folder of their package.
            let seeds = Path::new("fuzz/corpus").join(name);
            let mut seeds: Vec<_> = fs::read_dir(seeds).unwrap().map(|seed| seed.unwrap().path()).collect();
            assert!(!seeds.is_empty(), "{name} has no seeds");
            seeds.sort();
            for seed in seeds {
                eprintln!("{}", seed.display());
                check(&fs::read(&seed).unwrap());
            }
        }
    }
}
