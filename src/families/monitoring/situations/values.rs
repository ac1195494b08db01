//! Values of a series, in promtool's notation.

use std::fmt::Write;

/// Samples one after the other; the last of them goes on for as long as somebody looks.
#[derive(Clone)]
pub struct Values {
    before: String,
    samples: u32,
    after: After,
}

#[derive(Clone, Copy)]
enum After {
    Line { from: f64, slope: f64 },
    Nothing,
}

/// Always the same.
pub fn flat(value: f64) -> Values {
    rising(value, 0.0)
}

/// More with each sample.
pub fn rising(from: f64, slope: f64) -> Values {
    Values { before: String::new(), samples: 0, after: After::Line { from, slope } }
}

impl Values {
    /// Goes on in another way after some samples.
    pub fn until(self, samples: u32, then: Self) -> Self {
        Self {
            before: [self.before, self.after.text(samples), " ".into(), then.before].concat(),
            samples: self.samples + samples + then.samples,
            after: then.after,
        }
    }

    /// Ends after some samples.
    pub fn ending(self, samples: u32) -> Self {
        Self {
            before: format!("{}{} stale", self.before, self.after.text(samples)),
            samples: self.samples + samples,
            after: After::Nothing,
        }
    }

    /// Comes again after its end.
    pub fn again(self, then: Self) -> Self {
        Self {
            before: [self.before, " ".into(), then.before].concat(),
            samples: self.samples + then.samples,
            after: then.after,
        }
    }

    /// What promtool reads, for so many samples.
    pub fn write(&self, text: &mut String, samples: u32) {
        let rest = samples.saturating_sub(self.samples).max(1);
        text.push_str(&self.before);
        self.after.write(text, rest);
    }
}

/// Begins after some samples.
pub fn beginning(samples: u32, then: Values) -> Values {
    Values {
        before: [format!("_x{samples} "), then.before].concat(),
        samples: samples + then.samples,
        after: then.after,
    }
}

impl After {
    fn text(self, samples: u32) -> String {
        let mut text = String::new();
        self.write(&mut text, samples);
        text
    }

    fn write(self, text: &mut String, samples: u32) {
        let Self::Line { from, slope } = self else { return };
        write_number(text, from);
        let more = samples - 1;
        if more > 0 {
            if slope != 0.0 {
                // Writing to a string cannot fail.
                let _ = write!(text, "{slope:+}");
            }
            text.push('x');
            text.push_str(itoa::Buffer::new().format(more));
        }
    }
}

/// Small whole numbers, as nearly all are, take less time as such.
fn write_number(text: &mut String, number: f64) {
    if number.fract() != 0.0 || !(0.0..f64::from(u32::MAX)).contains(&number) {
        let _ = write!(text, "{number}");
        return;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it fits")]
    let whole = number as u32;
    text.push_str(itoa::Buffer::new().format(whole));
}
