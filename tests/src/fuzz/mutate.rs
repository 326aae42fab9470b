//! Changed inputs without a fuzzer: repeatable from a number.

/// Pieces of text that mean something to a reader of rules, LDIF or JSON.
const WORDS: [&str; 40] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "\\",
    "#",
    "//",
    "\n",
    "\r\n",
    "\t",
    "%",
    "=",
    "==",
    "<-",
    "->",
    ",",
    ":",
    "::",
    ":<",
    " and ",
    " or ",
    "not ",
    "if ",
    " then ",
    " else ",
    " for x in ",
    "null",
    "-9223372036854775808",
    "18446744073709551616",
    "\u{0}",
    "\u{feff}",
    "é",
    "\u{202e}",
    "rule \"x\" {",
    "use \"..\"",
    "dn:",
    "script fn f() -> string {",
];

/// Numbers that look random and are the same in every run.
pub struct Random(pub u64);

impl Random {
    /// The next number (splitmix64).
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 where there is none.
    pub fn below(&mut self, end: usize) -> usize {
        match end {
            0 => 0,
            end => (self.number() % end as u64) as usize,
        }
    }
}

/// One of the seeds after a few edits, some with parts of another.
pub fn mutated(seeds: &[Vec<u8>], number: u64) -> Vec<u8> {
    let mut random = Random(number);
    let pick = |random: &mut Random| {
        seeds
            .get(random.below(seeds.len()))
            .cloned()
            .unwrap_or_default()
    };
    let mut bytes = pick(&mut random);
    for _ in 0..=random.below(6) {
        let start = random.below(bytes.len() + 1);
        let end = (start + random.below(40)).min(bytes.len());
        let piece: Vec<u8> = match random.below(6) {
            0 => Vec::new(),
            1 => vec![random.number() as u8],
            2 => {
                let from = random.below(bytes.len() + 1);
                let to = (from + random.below(200)).min(bytes.len());
                bytes.get(from..to).unwrap_or_default().to_vec()
            }
            3 => {
                let other = pick(&mut random);
                let from = random.below(other.len() + 1);
                let to = (from + random.below(200)).min(other.len());
                other.get(from..to).unwrap_or_default().to_vec()
            }
            4 => {
                let word = WORDS.get(random.below(WORDS.len())).unwrap_or(&"");
                word.repeat(1 + random.below(3)).into_bytes()
            }
            _ => {
                let word = WORDS.get(random.below(WORDS.len())).unwrap_or(&"");
                bytes.splice(start..start, word.bytes());
                continue;
            }
        };
        bytes.splice(start..end, piece);
    }
    bytes
}
