//! The list of all networks, as the command line knows them: each is in a file beside this one and a line here.

use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::models::cifar_resnet::{RESNET20, RESNET32, RESNET44, RESNET56};
use crate::models::cnn::CNN;
use crate::models::imagenet_resnet::{RESNET18, RESNET50};
use crate::models::lenet::LENET;
use crate::models::mlp::MLP;
use crate::models::settings::NetworkKind;

static KINDS: [&NetworkKind; 9] = [
    &MLP, &CNN, &LENET, &RESNET20, &RESNET32, &RESNET44, &RESNET56, &RESNET18, &RESNET50,
];

impl ValueEnum for &'static NetworkKind {
    fn value_variants<'a>() -> &'a [Self] {
        &KINDS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name).help(self.help))
    }
}
