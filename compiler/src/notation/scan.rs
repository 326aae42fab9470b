//! Reading a short text from left to right.

/// What is left of a text.
pub(crate) struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str) -> Scanner<'a> {
        Scanner { rest: text }
    }

    /// Takes `expected` if it comes next, letters in either case.
    pub(crate) fn take(&mut self, expected: &str) -> bool {
        match self.rest.split_at_checked(expected.len()) {
            Some((head, tail)) if head.eq_ignore_ascii_case(expected) => {
                self.rest = tail;
                true
            }
            _ => false,
        }
    }

    /// Takes what comes next if it is one of `expected`.
    pub(crate) fn one_of(&mut self, expected: &[char]) -> Option<char> {
        let next = self
            .rest
            .chars()
            .next()
            .filter(|next| expected.contains(next))?;
        self.rest = self.rest.strip_prefix(next)?;
        Some(next)
    }

    /// Takes all spaces that come next; `false` if there are none.
    pub(crate) fn spaces(&mut self) -> bool {
        let before = self.rest.len();
        self.rest = self.rest.trim_start_matches(' ');
        self.rest.len() < before
    }

    /// Takes between `least` and `most` digits.
    pub(crate) fn digits(&mut self, least: usize, most: usize) -> Option<&'a str> {
        let count = self
            .rest
            .bytes()
            .take(most)
            .take_while(u8::is_ascii_digit)
            .count();
        let (digits, rest) = self.rest.split_at_checked(count)?;
        if count < least {
            return None;
        }
        self.rest = rest;
        Some(digits)
    }

    /// Takes a number of between `least` and `most` digits.
    pub(crate) fn number(&mut self, least: usize, most: usize) -> Option<i64> {
        self.digits(least, most)?.parse().ok()
    }

    /// Takes the digits of a fraction of a second, as 100-nanosecond intervals.
    pub(crate) fn fraction(&mut self) -> Option<i64> {
        let digits = self.digits(1, usize::MAX)?;
        digits
            .bytes()
            .chain(std::iter::repeat(b'0'))
            .take(7)
            .try_fold(0i64, |sum, digit| {
                Some(sum * 10 + i64::from(digit.checked_sub(b'0')?))
            })
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }
}
