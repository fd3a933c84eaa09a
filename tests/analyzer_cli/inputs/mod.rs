//! What the analyzer reads, and how much of it is kept: running sums instead of margins, AUM tables
//! instead of logs.

mod aum_tables;
mod data_parts;
mod epoch_numbers;
mod layouts;
mod low_memory;
mod repeats;
mod right_or_wrong;
