//! Families of attacks, told by which classes of words follow one another within one sentence. A family is not a list of
//! sentences: it knows that something which takes out of force comes before what a model was told, in any words and in
//! any language of the lexicon.

use std::ops::Range;

use super::lexicon::{
    Class::{self, *},
    Hit,
};
use crate::finding::{Severity, Surface};

/// One way in which a family shows: sets of classes in this order, each near the one before.
type Shape = &'static [u64];

pub struct Family {
    pub name: &'static str,
    pub severity: Severity,
    /// How sure it is by itself where it speaks in its own voice: in arguments, results, prompts, definitions.
    pub trust: [f32; 4],
    shapes: &'static [Shape],
}

impl Match {
    /// How sure the family is by itself.
    pub fn trust(&self, surface: Surface) -> f32 {
        if self.voice == Voice::Plain { FAMILIES[self.family as usize].trust[surface as usize] } else { 0.0 }
    }

    /// Where the model's training begins, from -1 to 1: what is quoted speaks against an attack, but less so in prompts.
    pub fn prior(&self, surface: Surface) -> f32 {
        match (self.voice, surface) {
            (Voice::Plain, _) => self.trust(surface),
            (Voice::Quoted, Surface::Prompt) => 0.3 * FAMILIES[self.family as usize].trust[surface as usize],
            (Voice::Quoted, _) => -0.25,
            (Voice::Documented, _) => -0.4,
        }
    }
}

/// How the words stand there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Voice {
    /// As the text's own.
    Plain,
    /// As somebody else's, or not at all: quoted, in a code span, negated, or in a sentence that speaks about attacks.
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

/// With this bit a class stands close to the one before it.
const CLOSE: u64 = 1 << 63;

/// Most telling first: a sentence is told by the first that matches.
pub const FAMILIES: &[Family] = &[
    Family {
        name: "override_instructions",
        severity: Severity::High,
        trust: [0.9, 0.9, 0.9, 0.9],
        shapes: &[
            &[any([Override]), any([Prior]), any([Instruction, SystemPrompt, Safeguard])],
            &[any([Override]), any([Instruction, SystemPrompt]), any([Prior, Void])],
            &[any([Prior]), any([Instruction, Safeguard]), any([Void])],
            &[any([Instruction]), any([Override]), any([Instruction, Safeguard, Prior])],
            &[any([Prior]), any([Instruction]) | CLOSE, any([Override])],
        ],
    },
    Family {
        name: "forged_turn",
        severity: Severity::High,
        trust: [0.8, 0.9, 0.85, 0.9],
        shapes: &[
            &[any([Turn]), any([Override, Disable, Persona, Obey, SecondPerson, Unbound, Obligation])],
            &[any([Override, Persona, Obey, Unbound]), any([Turn])],
        ],
    },
    Family {
        name: "forged_authority",
        severity: Severity::High,
        trust: [0.6, 0.8, 0.75, 0.85],
        shapes: &[
            &[any([Authority]), any([Override, Disable, Unbound, Persona, Obey, Void])],
            &[any([Authority]), any([Obligation, SecondPerson, Assistant]), any([Send, Reveal, Obey, Act])],
            &[any([Authority]), any([Send]), any([Conversation, Link])],
        ],
    },
    Family {
        name: "extract_system_prompt",
        severity: Severity::High,
        trust: [0.6, 0.8, 0.78, 0.8],
        shapes: &[&[any([Reveal, Send]), any([SystemPrompt])], &[any([SystemPrompt]), any([Reveal])]],
    },
    Family {
        name: "change_role",
        severity: Severity::High,
        trust: [0.5, 0.7, 0.78, 0.7],
        shapes: &[
            &[any([Persona]), any([Unbound])],
            &[any([Unbound]), any([Persona, Obey])],
            &[any([Persona]), any([Void, Disable]), any([Safeguard, Instruction])],
            &[any([Persona]), any([Without]), any([Safeguard, Instruction]) | CLOSE],
            &[any([Persona]), any([Safeguard, Instruction]), any([Without]) | CLOSE],
        ],
    },
    Family {
        name: "disable_safeguards",
        severity: Severity::High,
        trust: [0.3, 0.5, 0.55, 0.5],
        shapes: &[
            &[any([Override, Disable]), any([Safeguard]) | CLOSE],
            &[any([Safeguard]), any([Void, Disable]) | CLOSE],
            &[any([SecondPerson, Assistant]), any([Unbound])],
            &[any([SecondPerson, Assistant]), any([Without]), any([Safeguard]) | CLOSE],
        ],
    },
    Family {
        name: "conceal_from_user",
        severity: Severity::High,
        trust: [0.5, 0.75, 0.8, 0.75],
        shapes: &[
            &[any([Conceal]), any([User])],
            &[any([Conceal]), any([Send, Reveal, Act])],
            &[any([Covert]), any([Send, Credential, Conversation]) | CLOSE],
        ],
    },
    Family {
        name: "encoded_instruction",
        severity: Severity::Medium,
        trust: [0.4, 0.8, 0.8, 0.8],
        shapes: &[&[any([Encoding]), any([Obey])], &[any([Obey]), any([Encoding])]],
    },
    Family {
        name: "send_to_address",
        severity: Severity::Medium,
        trust: [0.0, 0.8, 0.3, 0.8],
        shapes: &[
            &[any([Send]), any([Asset, Conversation, Credential]), any([Email, Link])],
            &[any([Asset, Conversation, Credential]), any([Send]), any([Email, Link])],
            &[any([Polite, Obligation]), any([Send]), any([Email, Link])],
        ],
    },
    Family {
        name: "hidden_instruction",
        severity: Severity::High,
        trust: [0.3, 0.6, 0.6, 0.6],
        shapes: &[&[any([Hidden]), any([Override, Obey, Obligation, SecondPerson, Assistant, Authority])]],
    },
    Family {
        name: "address_assistant",
        severity: Severity::Medium,
        trust: [0.2, 0.72, 0.6, 0.72],
        shapes: &[&[any([Aside])]],
    },
    Family {
        name: "exfiltrate",
        severity: Severity::High,
        trust: [0.0, 0.42, 0.42, 0.3],
        shapes: &[
            &[any([Send]), any([Credential, SystemPrompt, Conversation])],
            &[any([Credential, SystemPrompt, Conversation]), any([Send])],
            &[any([Reveal]), any([Credential]), any([Send])],
        ],
    },
    Family {
        name: "urgent_tool_direction",
        severity: Severity::Medium,
        trust: [0.2, 0.6, 0.25, 0.55],
        shapes: &[
            &[any([Urgent]), any([Before, Obligation]), any([Tool, Send, Credential])],
            &[any([Before]), any([Obligation]), any([Send, Credential, Procedure])],
            &[any([Urgent]), any([Assistant]), any([Obligation, Obey, Reveal, Send])],
            &[any([Obligation]), any([Obey]), any([Procedure])],
        ],
    },
    Family {
        name: "new_instructions",
        severity: Severity::Medium,
        trust: [0.2, 0.42, 0.6, 0.6],
        shapes: &[
            &[any([Obey]), any([Following, New]), any([Instruction])],
            &[any([Override]), any([Instruction]) | CLOSE],
            &[any([Override]), any([Prior]), any([Task, Reveal, Obey])],
        ],
    },
    Family {
        name: "standing_order",
        severity: Severity::Low,
        trust: [0.0, 0.3, 0.0, 0.52],
        shapes: &[
            &[any([Before]), any([Procedure, Send, Credential, Link, Email])],
            &[any([Obligation]), any([Act, Send, Obey]), any([Procedure])],
            &[any([Obligation]), any([Obligation]) | CLOSE, any([Procedure, Send, Link, Credential])],
            &[any([Obligation, Before]), any([Conceal, Send]), any([Credential, Conversation, Link])],
        ],
    },
    Family {
        name: "no_safeguards",
        severity: Severity::Medium,
        trust: [0.0, 0.25, 0.5, 0.4],
        shapes: &[&[any([Without]), any([Safeguard]) | CLOSE], &[any([Safeguard]), any([Without]) | CLOSE]],
    },
    Family {
        name: "request_in_data",
        severity: Severity::Low,
        trust: [0.0, 0.5, 0.0, 0.2],
        shapes: &[
            &[any([Polite]), any([Act, Send]), any([FirstPerson, Asset])],
            &[any([Act, Send]), any([FirstPerson]) | CLOSE, any([Asset])],
        ],
    },
    Family {
        name: "steer_answer",
        severity: Severity::Low,
        trust: [0.0, 0.5, 0.0, 0.0],
        shapes: &[&[any([Task]), any([Answer])], &[any([Following]), any([Answer])]],
    },
];

/// What the shapes of each family begin with: most sentences have nothing of it.
const FIRSTS: [u64; FAMILIES.len()] = {
    let mut firsts = [0; FAMILIES.len()];
    let mut family = 0;
    while family < FAMILIES.len() {
        let shapes = FAMILIES[family].shapes;
        let mut shape = 0;
        while shape < shapes.len() {
            firsts[family] |= shapes[shape][0];
            shape += 1;
        }
        family += 1;
    }
    firsts
};

/// The next class of a shape stands at most this many bytes after the one before.
const GAP: usize = 72;
const CLOSE_GAP: usize = 24;
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
    if hits.is_empty() {
        return None;
    }
    let hits = &hits[..hits.len().min(MOST)];
    let classes = hits.iter().fold(0, |all, hit| all | hit.classes);
    for (number, family) in FAMILIES.iter().enumerate() {
        if classes & FIRSTS[number] == 0 {
            continue;
        }
        let found = family.shapes.iter().find_map(|shape| matches(shape, hits, classes));
        if let Some(found) = found {
            let voice = if reported(classes) || negated(hits, &found) || in_quotes(text, &span, &found) {
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

/// Whether there are words of these classes enough for some family.
pub(crate) fn may_match(classes: u64) -> bool {
    FAMILIES.iter().flat_map(|family| family.shapes).any(|shape| has_all(shape, classes))
}

fn has_all(shape: Shape, classes: u64) -> bool {
    shape.iter().all(|set| set & !CLOSE & classes != 0)
}

fn matches(shape: Shape, hits: &[Hit], classes: u64) -> Option<Range<usize>> {
    if !has_all(shape, classes) {
        return None;
    }
    let (first, rest) = shape.split_first()?;
    hits.iter().enumerate().filter(|(_, hit)| hit.classes & first != 0).find_map(|(at, hit)| {
        let mut end = hit.end;
        let mut later = &hits[at + 1..];
        for set in rest {
            let next = later.iter().position(|next| next.start >= end && next.classes & set != 0)?;
            let gap = if set & CLOSE == 0 { GAP } else { CLOSE_GAP };
            if later[next].start > end + gap {
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

/// "Never ignore …" asks for the opposite.
fn negated(hits: &[Hit], found: &Range<usize>) -> bool {
    let just_before = |hit: &&Hit| hit.end < found.start && found.start <= hit.end + 2;
    hits.iter().filter(just_before).any(|hit| hit.classes & Negation.bit() != 0)
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
