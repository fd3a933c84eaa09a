//! Weights of networks that others have trained, as files hold them: safetensors, and what PyTorch saves.

pub(crate) mod file;
pub(crate) mod number;
pub(crate) mod pickle;
pub(crate) mod safetensors_file;
pub(crate) mod tensors;
#[cfg(test)]
mod tests;
pub(crate) mod torch_file;
