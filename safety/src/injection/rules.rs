//! Families of attacks, told by which classes of words follow one another within one sentence. A family is not a list of
//! sentences: it knows that something which takes out of force comes before what a model was told, in any words and in
//! any language of the lexicon.

use std::ops::Range;

use super::lexicon::{
    Class::{self, *},
    Hit,
};
use crate::finding::Severity;

/// One way in which a family shows: sets of classes in this order, each near the one before.
type Shape = &'static [u64];

pub struct Family {
    pub name: &'static str,
    pub severity: Severity,
    shapes: &'static [Shape],
}

impl Family {
    /// How much it says before any training, from 0 to 1.
    pub fn prior(&self) -> f32 {
        match self.severity {
            Severity::Critical | Severity::High => 1.0,
            Severity::Medium => 0.5,
            Severity::Low => 0.25,
        }
    }
}

/// How the words stand there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Voice {
    /// As the text's own.
    Plain,
    /// As somebody else's: in quotation marks, in a code span, or in a sentence that speaks about attacks.
    Quoted,
    /// In a document about attacks.
    Documented,
}

/// A family in a sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    pub family: u8,
    pub voice: Voice,
    /// Bytes of the text that was read.
    pub span: Range<usize>,
}

const fn any<const N: usize>(classes: [Class; N]) -> u64 {
    let mut set = 0;
    let mut at = 0;
    while at < N {
        set |= classes[at].bit();
        at += 1;
    }
    set
}

/// Most telling first: a sentence is told by the first that matches.
pub const FAMILIES: &[Family] = &[
    Family {
        name: "override_instructions",
        severity: Severity::High,
        shapes: &[
            &[any([Override]), any([Prior]), any([Instruction, SystemPrompt, Safeguard])],
            &[any([Override]), any([Instruction, SystemPrompt]), any([Prior, Void])],
            &[any([Prior]), any([Instruction, Safeguard]), any([Void])],
            &[any([Instruction]), any([Override]), any([Instruction, Safeguard, Prior])],
        ],
    },
    Family {
        name: "forged_turn",
        severity: Severity::High,
        shapes: &[
            &[any([Turn]), any([Override, Disable, Persona, Obey, SecondPerson, Unbound])],
            &[any([Override, Persona, Obey, Unbound]), any([Turn])],
        ],
    },
    Family {
        name: "forged_authority",
        severity: Severity::High,
        shapes: &[
            &[any([Authority]), any([Override, Disable, Unbound, Persona, Obey, Void])],
            &[any([Authority]), any([Obligation, SecondPerson]), any([Send, Reveal, Obey, Act])],
        ],
    },
    Family {
        name: "extract_system_prompt",
        severity: Severity::High,
        shapes: &[&[any([Reveal, Send]), any([SystemPrompt])], &[any([SystemPrompt]), any([Reveal])]],
    },
    Family {
        name: "change_role",
        severity: Severity::High,
        shapes: &[
            &[any([Persona]), any([Unbound])],
            &[any([Unbound]), any([Persona, Obey])],
            &[any([Persona]), any([Void, Disable]), any([Safeguard, Instruction])],
        ],
    },
    Family {
        name: "disable_safeguards",
        severity: Severity::High,
        shapes: &[
            &[any([Override, Disable]), any([Safeguard])],
            &[any([Safeguard]), any([Void, Disable])],
            &[any([SecondPerson, Assistant]), any([Unbound])],
        ],
    },
    Family {
        name: "conceal_from_user",
        severity: Severity::High,
        shapes: &[&[any([Conceal]), any([User])], &[any([Conceal]), any([Send, Reveal, Act])]],
    },
    Family {
        name: "hidden_instruction",
        severity: Severity::High,
        shapes: &[&[any([Hidden]), any([Override, Obey, Obligation, SecondPerson, Assistant, Authority])]],
    },
    Family {
        name: "encoded_instruction",
        severity: Severity::Medium,
        shapes: &[&[any([Encoding]), any([Obey])], &[any([Obey]), any([Encoding])]],
    },
    Family {
        name: "exfiltrate",
        severity: Severity::High,
        shapes: &[
            &[any([Send]), any([Credential, SystemPrompt, Conversation])],
            &[any([Credential, SystemPrompt, Conversation]), any([Send])],
            &[any([Reveal]), any([Credential]), any([Send])],
        ],
    },
    Family {
        name: "urgent_tool_direction",
        severity: Severity::Medium,
        shapes: &[
            &[any([Urgent]), any([Before, Obligation]), any([Tool, Send, Credential])],
            &[any([Before]), any([Obligation]), any([Send, Credential])],
            &[any([Urgent]), any([Assistant]), any([Obligation, Obey, Reveal, Send])],
        ],
    },
    Family {
        name: "new_instructions",
        severity: Severity::Medium,
        shapes: &[
            &[any([Obey]), any([Following, New]), any([Instruction])],
            &[any([Override]), any([Instruction])],
            &[any([Override]), any([Prior]), any([Task, Reveal, Obey])],
        ],
    },
    Family {
        name: "send_to_address",
        severity: Severity::Medium,
        shapes: &[
            &[any([Send]), any([Asset, Conversation]), any([Email, Link])],
            &[any([Asset, Conversation]), any([Send]), any([Email, Link])],
            &[any([Polite, Obligation]), any([Send]), any([Email, Link])],
        ],
    },
    Family {
        name: "request_in_data",
        severity: Severity::Low,
        shapes: &[
            &[any([Polite]), any([Act, Send]), any([FirstPerson, Asset])],
            &[any([Act, Send]), any([FirstPerson]), any([Asset])],
        ],
    },
    Family {
        name: "steer_answer",
        severity: Severity::Low,
        shapes: &[&[any([Task]), any([Answer])], &[any([Following]), any([Answer])]],
    },
];

/// The next class of a shape stands at most this many bytes after the one before.
const GAP: usize = 72;
/// A sentence with more words of the lexicon than this is a list of words; the rest is not looked at.
const MOST: usize = 96;

/// What the text around a sentence is.
#[derive(Clone, Copy, Default)]
pub(crate) struct Around {
    /// It speaks about attacks throughout.
    pub(crate) documented: bool,
}

impl Around {
    pub(crate) fn of(text: &str, hits: &[Hit]) -> Self {
        let discussed = hits.iter().filter(|hit| hit.classes & Discussion.bit() != 0).count();
        Self { documented: discussed >= 4 && discussed * 500 > text.len() }
    }
}

/// The first family in the sentence `span` of `text`.
pub(crate) fn best(text: &str, span: Range<usize>, hits: &[Hit], around: Around) -> Option<Match> {
    let hits = &hits[..hits.len().min(MOST)];
    let classes = hits.iter().fold(0, |all, hit| all | hit.classes);
    for (number, family) in FAMILIES.iter().enumerate() {
        let found = family.shapes.iter().find_map(|shape| matches(shape, hits, classes));
        if let Some(found) = found {
            let voice = if reported(classes) || in_quotes(text, &span, &found) {
                Voice::Quoted
            } else if around.documented {
                Voice::Documented
            } else {
                Voice::Plain
            };
            return Some(Match { family: number as u8, voice, span: found });
        }
    }
    None
}

fn matches(shape: Shape, hits: &[Hit], classes: u64) -> Option<Range<usize>> {
    if shape.iter().any(|set| set & classes == 0) {
        return None;
    }
    let (first, rest) = shape.split_first()?;
    hits.iter().enumerate().filter(|(_, hit)| hit.classes & first != 0).find_map(|(at, hit)| {
        let mut end = hit.end;
        let mut later = &hits[at + 1..];
        for set in rest {
            let next = later.iter().position(|next| next.start >= end && next.classes & set != 0)?;
            if later[next].start > end + GAP {
                return None;
            }
            end = later[next].end;
            later = &later[next + 1..];
        }
        Some(hit.start..end)
    })
}

/// The sentence speaks about attacks, or says that it gives words of others.
fn reported(classes: u64) -> bool {
    classes & any([Discussion, Mention]) != 0
}

/// An opening mark before the match and a closing one after it, within the sentence.
fn in_quotes(text: &str, sentence: &Range<usize>, found: &Range<usize>) -> bool {
    let (before, after) = (&text[sentence.start..found.start], &text[found.end..sentence.end.max(found.end)]);
    ["\"", "'", "`", "“", "‘", "«"].iter().zip(["\"", "'", "`", "”", "’", "»"]).any(|(open, close)| {
        let opened = before.rfind(open).filter(|&at| {
            // The quotation mark that opens a field is no quotation.
            let words = before[..at].bytes().any(|byte| byte.is_ascii_alphanumeric());
            words && matches!(before.as_bytes()[at - 1], b' ' | b'(' | b'\\' | b':' | b'#' | b'[')
        });
        opened.is_some() && after.contains(close)
    })
}
