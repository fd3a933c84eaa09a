//! A whole network's gradient, on any device.
