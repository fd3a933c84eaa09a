//! What every figure is drawn with: canvas, text, axes, panels and colours.

pub(crate) mod areas;
pub(crate) mod axis;
pub(crate) mod canvas;
pub(crate) mod figure;
pub(crate) mod geometry;
pub(crate) mod heat_map;
pub(crate) mod lettering;
pub(crate) mod panel;
pub(crate) mod pen;
pub(crate) mod picture;
pub(crate) mod png_file;
pub(crate) mod png_shapes;
pub(crate) mod quantiles;
pub(crate) mod svg_text;
pub(crate) mod theme;
