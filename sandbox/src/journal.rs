//! The last requests, so that a test can say what was sent.

use std::collections::VecDeque;

use serde_json::{Value, json};

use crate::call::{Call, Reply};

const KEPT: usize = 10_000;

#[derive(Debug, Default)]
pub(crate) struct Journal(VecDeque<(String, String, u16)>);

impl Journal {
    pub fn note(&mut self, call: &Call, reply: &Reply) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        let path = call.path.strip_prefix("/v1.0").unwrap_or(&call.path);
        self.0
            .push_back((call.method.clone(), path.to_owned(), reply.status));
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn show(&self) -> Value {
        let shown = self.0.iter().map(
            |(method, path, status)| json!({"method": method, "path": path, "status": status}),
        );
        json!({"requests": shown.collect::<Vec<_>>()})
    }
}
