//! Asks the store about one call: all its limits in one step, and not for long.

use std::sync::{LazyLock, atomic::Ordering};

use gatewayops_proto::limit;
use redis::Script;
use tokio::time::timeout;

use super::{
    Call, Limiter, Passed, Refused, Rules,
    member::{Question, Word},
};
use crate::store::{Away, Store};

impl Limiter {
    pub(super) async fn ask(
        &self,
        store: &Store,
        rules: &Rules,
        call: &Call<'_>,
        now_ms: u64,
    ) -> Result<Passed, Refused> {
        let (org, mut questions) = (call.caller.org, Vec::new());
        rules.each(call, |matched| {
            let id = self.members.id(org, matched);
            questions.push(self.members.with(id, org, matched, |member| member.question(now_ms)));
            true
        });
        let alone = match timeout(self.presence.patience, put(store, questions.iter())).await {
            Ok(Ok((has_passed, words))) => {
                return self.answered(rules, call, now_ms, &questions, has_passed, &words);
            }
            Ok(Err(Away)) => &self.alone.away,
            Err(_) => &self.alone.slow,
        };
        alone.fetch_add(1, Ordering::Relaxed);
        self.presence.lost(now_ms);
        self.by_share(rules, call, now_ms)
    }

    fn answered(
        &self,
        rules: &Rules,
        call: &Call<'_>,
        now_ms: u64,
        questions: &[Question],
        has_passed: bool,
        words: &[Word],
    ) -> Result<Passed, Refused> {
        let mut passed = Passed::new(now_ms);
        let mut refused: Option<Refused> = None;
        let (org, mut answers) = (call.caller.org, questions.iter().zip(words));
        rules.each(call, |matched| {
            let Some((question, word)) = answers.next() else { return false };
            let id = self.members.id(org, matched);
            let (remaining, until_ms) = self.members.with(id, org, matched, |member| {
                member.answered(now_ms, question, has_passed, *word);
                (member.remaining(), member.full_until_ms())
            });
            passed.note(matched, remaining);
            // The one that is full for longest is what the caller has to wait for.
            if word.frees.is_some() && refused.is_none_or(|longest| longest.until_ms() < until_ms) {
                refused = Some(Refused::new(matched, now_ms, until_ms));
            }
            true
        });
        match refused {
            Some(refused) if !has_passed => Err(refused),
            _ => Ok(passed),
        }
    }
}

/// Whether all counters let it pass, and what is to be known of each.
pub(super) async fn put<'a>(
    store: &Store,
    questions: impl ExactSizeIterator<Item = &'a Question>,
) -> Result<(bool, Vec<Word>), Away> {
    let count = questions.len();
    static SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(limit::SCRIPT));
    let mut asked = SCRIPT.prepare_invoke();
    for question in questions {
        asked.key(&*question.counter);
        asked.arg(question.slot).arg(question.oldest).arg(question.keep_ms).arg(question.limit);
        asked.arg(question.asked).arg(question.pending).arg(question.told.len());
        for (slot, count) in &question.told {
            asked.arg(*slot).arg(*count);
        }
    }
    let reply: Vec<i64> = store.run(&asked).await?;
    let (has_passed, rest) = reply.split_first().ok_or(Away)?;
    let words: Vec<_> = rest.chunks_exact(2).map(word).collect();
    if words.len() == count { Ok((*has_passed == 1, words)) } else { Err(Away) }
}

fn word(pair: &[i64]) -> Word {
    Word { used: u64::try_from(pair[0]).unwrap_or_default(), frees: u64::try_from(pair[1]).ok() }
}
