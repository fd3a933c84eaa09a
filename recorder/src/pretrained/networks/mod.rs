//! The architectures, a file each.

pub(crate) mod efficientnet_lite;
pub(crate) mod positions;
pub(crate) mod resnet;
#[cfg(test)]
mod tests;
pub(crate) mod vision_transformer;
