//! JSON Pointers (RFC 6901).

/// One that can be followed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pointer(Box<[Step]>);

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Step {
    pub(super) name: Box<str>,
    /// In a list.
    pub(super) index: Option<usize>,
}

impl Pointer {
    /// None: it is no pointer, or one to the whole (the empty one), which is never a single value.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let steps: Option<Box<[Step]>> = text.strip_prefix('/')?.split('/').map(Step::read).collect();
        steps.map(Self)
    }

    pub(super) fn steps(&self) -> &[Step] {
        &self.0
    }
}

impl Step {
    fn read(text: &str) -> Option<Self> {
        let mut name = String::with_capacity(text.len());
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            name.push(match character {
                '~' => match characters.next()? {
                    '0' => '~',
                    '1' => '/',
                    _ => return None,
                },
                other => other,
            });
        }
        let is_index = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_digit())
            && (name.len() == 1 || !name.starts_with('0'));
        let index = if is_index { name.parse().ok() } else { None };
        Some(Self { name: name.into(), index })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_read_as_the_rfc_says() {
        let names = |text| {
            Pointer::read(text)
                .map(|pointer| pointer.0.iter().map(|step| step.name.to_string()).collect::<Vec<_>>())
        };
        assert_eq!(names("/a~1b/m~0n/"), Some(vec!["a/b".into(), "m~n".into(), String::new()]));
        assert_eq!(names("/~01"), Some(vec!["~1".into()]));
        for bad in ["", "a", "a/b", "/~", "/~2", "#/a"] {
            assert_eq!(names(bad), None, "{bad}");
        }
        let index = |text| Pointer::read(text).and_then(|pointer| pointer.0[0].index);
        assert_eq!(
            [index("/0"), index("/12"), index("/01"), index("/-"), index("/1x")],
            [Some(0), Some(12), None, None, None]
        );
    }
}
