//! A source that nothing was found in needs no text any more, only where its lines are.

use super::{Kind, Node, Source};

impl Source {
    /// Lets go of the text where places in it can be told without, and of the tree.
    pub fn forget(&mut self) {
        self.forget_tree();
        if self.text.is_ascii() {
            self.forgotten = std::mem::take(&mut self.text).len();
        }
    }

    /// Lets go of the tree: no path is located any more.
    pub fn forget_tree(&mut self) {
        self.is_base = self.is_base();
        self.alone = None;
        let span = self.root.first_line();
        self.root = Node { span, kind: Kind::Scalar(serde_json::Value::Null) };
    }

    /// Whether the text is wanted again, to be shown.
    #[must_use]
    pub fn is_forgotten(&self) -> bool {
        self.forgotten > 0
    }

    /// The text again, if it is still the same as far as can be told.
    pub fn recall(&mut self, text: String) {
        if text.is_ascii() && text.len() == self.forgotten {
            self.text = text;
            self.forgotten = 0;
        }
    }
}
