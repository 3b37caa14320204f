//! Enumerations as the database and messages write them: a value is a word, and its JSON is the word's text.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// The text of a word.
pub fn text(word: impl Serialize) -> String {
    json!(word).as_str().unwrap_or_default().to_owned()
}

pub fn texts<T: Serialize>(words: &[T]) -> Vec<String> {
    words.iter().map(text).collect()
}

/// The word of a text; none for one that only a newer version knows.
pub fn word<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(Value::from(text)).ok()
}

pub fn words<T: DeserializeOwned>(texts: &[String]) -> Vec<T> {
    texts.iter().filter_map(|text| word(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::safety::{Disposition, Kind, Mode, Severity};

    #[test]
    fn a_word_and_its_text_lead_to_each_other() {
        for kind in Kind::ALL {
            assert_eq!(word(&text(kind)), Some(kind));
        }
        assert_eq!(text(Disposition::FalsePositive), "false_positive");
        assert_eq!(word::<Mode>("shout"), None);
        assert_eq!(
            words::<Severity>(&["low".into(), "odd".into(), "high".into()]),
            [Severity::Low, Severity::High]
        );
    }
}
