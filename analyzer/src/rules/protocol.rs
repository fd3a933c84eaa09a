//! The rules on which the paper (Pleiss et al., NeurIPS 2020) and the code that its authors published
//! differ: each can be chosen by itself, and two presets choose all of them.
//!
//! | rule | paper | authors' code |
//! |---|---|---|
//! | cut | AUM at or below the percentile | AUM below the k-th largest threshold AUM |
//! | first epoch | counted | left out |
//! | passes | the procedure is repeated; what either finds counts | every judging pass must flag |
//!
//! The paper does not say how its repetitions are joined; "either" is the plain reading of it.

/// All the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protocol {
    /// Where exactly the AUM threshold lies.
    pub cut: Cut,
    /// Whether the default window begins with the first epoch.
    pub first_epoch: FirstEpoch,
    /// How passes are joined.
    pub join: Join,
}

/// Where exactly the AUM threshold lies, for a percentile p of n threshold AUMs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Flagged is an AUM below the k-th largest, k = floor(n · (1 − p / 100)) + 1.
    BelowRank,
    /// Flagged is an AUM at or below the percentile, interpolated linearly between the two nearest
    /// ranks (as NumPy does by default).
    AtOrBelowPercentile,
}

/// Whether the default window begins with the first epoch, which shows the random initialisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstEpoch {
    /// It begins with the second.
    LeftOut,
    /// It begins with the first.
    Counted,
}

/// How several passes are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// A sample is flagged when every pass that judges it flags it.
    Every,
    /// A sample is flagged when any pass flags it.
    Any,
}

impl Protocol {
    /// The paper's rules.
    pub const PAPER: Self = Self {
        cut: Cut::AtOrBelowPercentile,
        first_epoch: FirstEpoch::Counted,
        join: Join::Any,
    };

    /// The rules of the authors' code; the default.
    pub const AUTHORS_CODE: Self = Self {
        cut: Cut::BelowRank,
        first_epoch: FirstEpoch::LeftOut,
        join: Join::Every,
    };

    /// The presets with their names.
    pub const PRESETS: [(&'static str, Self); 2] =
        [("paper", Self::PAPER), ("authors-code", Self::AUTHORS_CODE)];

    /// The name of the preset that these rules are; `None` for a choice of one's own.
    pub fn name(self) -> Option<&'static str> {
        let preset = Self::PRESETS.iter().find(|(_, preset)| *preset == self);
        preset.map(|(name, _)| *name)
    }

    /// The rules in words.
    pub(crate) fn in_words(self) -> String {
        let cut = match self.cut {
            Cut::BelowRank => "below the percentile's rank, ",
            Cut::AtOrBelowPercentile => "at or below the percentile, ",
        };
        self.described(cut)
    }

    /// The rules in words where no percentile is cut at.
    pub(crate) fn in_words_without_cut(self) -> String {
        self.described("")
    }

    fn described(self, cut: &str) -> String {
        let name = self.name().unwrap_or("of your own");
        let first_epoch = match self.first_epoch {
            FirstEpoch::LeftOut => "first epoch left out",
            FirstEpoch::Counted => "first epoch counted",
        };
        let join = match self.join {
            Join::Every => "every judging pass must flag",
            Join::Any => "any pass may flag",
        };
        format!("{name}: {cut}{first_epoch}, {join}")
    }
}

impl Default for Protocol {
    fn default() -> Self {
        Self::AUTHORS_CODE
    }
}

impl Cut {
    /// Its name on the command line and for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::BelowRank => "rank",
            Self::AtOrBelowPercentile => "percentile",
        }
    }
}

impl FirstEpoch {
    /// Its name on the command line and for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::LeftOut => "left-out",
            Self::Counted => "counted",
        }
    }
}

impl Join {
    /// Its name on the command line and for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Every => "every",
            Self::Any => "any",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preset_is_known_by_its_rules() {
        assert_eq!(Protocol::default().name(), Some("authors-code"));
        assert_eq!(Protocol::PAPER.name(), Some("paper"));
        let mixed = Protocol {
            join: Join::Any,
            ..Protocol::default()
        };
        assert_eq!(mixed.name(), None);
        assert_eq!(
            mixed.in_words(),
            "of your own: below the percentile's rank, first epoch left out, any pass may flag"
        );
    }
}
