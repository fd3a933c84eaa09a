//! Everything that decides what a final training does.

use logformat::configuration::LOSS;
use serde_json::{Value, json};

use crate::engine::operators::losses::Loss;
use crate::final_training::removal::Removal;
use crate::run::settings::{RunSettings, loss_name_part};
use crate::training::device::OpenedDevice;

/// The settings of a final training.
#[derive(Debug, Clone, PartialEq)]
pub struct FinalSettings {
    /// Data, labels, network and how it is trained: a single pass without threshold samples, by the loss below.
    pub training: RunSettings,
    /// What is minimised in every epoch.
    pub loss: Loss,
    /// What is left out, and what gets another label.
    pub removal: Removal,
    /// The run whose labels these have to be.
    pub like: Option<LikeRun>,
}

/// A run that a final training follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LikeRun {
    /// Its name, which tells its rows in a table of several.
    pub name: String,
    /// The hash of its given labels; `None` where other labels were asked for.
    pub given_hash: Option<String>,
}

impl FinalSettings {
    /// The name: the one that was given, or that of a run of these settings with what is left out.
    pub fn name(&self) -> String {
        let training = &self.training;
        training.name.clone().unwrap_or_else(|| {
            let loss = loss_name_part(self.loss);
            format!("{}-{}{loss}", training.run_name(), self.removal.name_part())
        })
    }

    /// The settings as they are recorded.
    pub(crate) fn to_json(&self, device: &OpenedDevice) -> Value {
        let mut settings = self.training.to_json(device);
        let own = json!({ (LOSS): self.loss.name(), "removal": self.removal.to_json() });
        if let (Value::Object(settings), Value::Object(own)) = (&mut settings, own) {
            settings.remove("passes");
            settings.extend(own);
        }
        settings
    }
}
