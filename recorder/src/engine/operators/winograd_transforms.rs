//! Winograd's minimal filtering F(4×4, 3×3) (Lavin and Gray, 2016): 4×4 outputs of a 3×3 convolution from 36
//! products instead of 144.
//!
//! Y = Aᵀ \[(G g Gᵀ) ⊙ (Bᵀ d B)\] A, for the tile d of 6×6 inputs, the kernel g and the tile Y of 4×4 outputs.
//! The matrices follow from six points at which polynomials are evaluated (Cook and Toom). With the usual 0, ±1,
//! ±2, ∞ rounding errors are five times those of the plain sum of products and more; with 0, ±3/4, ±3/2, ∞ they
//! stay below three times (Barabasz et al., 2020, on the choice of points).
//!
//! Here are the matrices' products with one column each, on whatever can be added up: a register, or an array.

/// The points ±P and ±Q beside 0 and ∞.
const P: f32 = 0.75;
const Q: f32 = 1.5;
const P2: f32 = P * P;
const Q2: f32 = Q * Q;
/// Π of a point's distances to the other finite ones, inverted: for 0, ±P and ±Q.
const INVERSE_0: f32 = 1.0 / (P2 * Q2);
const INVERSE_P: f32 = 1.0 / (2.0 * P2 * (P2 - Q2));
const INVERSE_Q: f32 = 1.0 / (2.0 * Q2 * (Q2 - P2));

/// What the transforms compute with.
pub(crate) trait Arithmetic<T: Copy>: Copy {
    fn add(self, a: T, b: T) -> T;
    fn subtract(self, a: T, b: T) -> T;
    fn times(self, a: T, factor: f32) -> T;
    /// a · factor + b
    fn times_add(self, a: T, factor: f32, b: T) -> T;
}

/// Bᵀ d
#[inline(always)]
pub(crate) fn input<T: Copy>(on: impl Arithmetic<T>, d: [T; 6]) -> [T; 6] {
    let even_p = on.times_add(d[2], -Q2, d[4]);
    let odd_p = on.times_add(d[1], -Q2, d[3]);
    let even_q = on.times_add(d[2], -P2, d[4]);
    let odd_q = on.times_add(d[1], -P2, d[3]);
    let ends = |a: T, b: T, c: T| on.times_add(a, P2 * Q2, on.times_add(b, -(P2 + Q2), c));
    [
        ends(d[0], d[2], d[4]),
        on.times_add(odd_p, P, even_p),
        on.times_add(odd_p, -P, even_p),
        on.times_add(odd_q, Q, even_q),
        on.times_add(odd_q, -Q, even_q),
        ends(d[1], d[3], d[5]),
    ]
}

/// Aᵀ m
#[inline(always)]
pub(crate) fn output<T: Copy>(on: impl Arithmetic<T>, m: [T; 6]) -> [T; 4] {
    let (sum_p, sum_q) = (on.add(m[1], m[2]), on.add(m[3], m[4]));
    let (difference_p, difference_q) = (on.subtract(m[1], m[2]), on.subtract(m[3], m[4]));
    let odd = on.times_add(difference_q, Q * Q2, m[5]);
    [
        on.add(m[0], on.add(sum_p, sum_q)),
        on.times_add(difference_p, P, on.times(difference_q, Q)),
        on.times_add(sum_p, P2, on.times(sum_q, Q2)),
        on.times_add(difference_p, P * P2, odd),
    ]
}

/// G g
#[inline(always)]
pub(crate) fn kernel<T: Copy>(on: impl Arithmetic<T>, g: [T; 3]) -> [T; 6] {
    let pair = |point: f32, inverse: f32| {
        let even = on.times_add(g[2], point * point * inverse, on.times(g[0], inverse));
        let factor = point * inverse;
        (
            on.times_add(g[1], factor, even),
            on.times_add(g[1], -factor, even),
        )
    };
    let ((plus_p, minus_p), (plus_q, minus_q)) = (pair(P, INVERSE_P), pair(Q, INVERSE_Q));
    let first = on.times(g[0], INVERSE_0);
    [first, plus_p, minus_p, plus_q, minus_q, g[2]]
}

/// A y, for the gradient y of a tile's outputs.
#[inline(always)]
pub(crate) fn output_gradient<T: Copy>(on: impl Arithmetic<T>, y: [T; 4]) -> [T; 6] {
    let pair = |point: f32| {
        let even = on.times_add(y[2], point * point, y[0]);
        let odd = on.times_add(y[3], point * point, y[1]);
        (
            on.times_add(odd, point, even),
            on.times_add(odd, -point, even),
        )
    };
    let ((plus_p, minus_p), (plus_q, minus_q)) = (pair(P), pair(Q));
    [y[0], plus_p, minus_p, plus_q, minus_q, y[3]]
}

/// Gᵀ m, the gradient of a kernel.
#[inline(always)]
pub(crate) fn kernel_gradient<T: Copy>(on: impl Arithmetic<T>, m: [T; 6]) -> [T; 3] {
    let (sum_p, sum_q) = (on.add(m[1], m[2]), on.add(m[3], m[4]));
    let (difference_p, difference_q) = (on.subtract(m[1], m[2]), on.subtract(m[3], m[4]));
    let both = |p: T, of_p: f32, q: T, of_q: f32| on.times_add(p, of_p, on.times(q, of_q));
    let even = both(sum_p, INVERSE_P, sum_q, INVERSE_Q);
    let last = both(sum_p, P2 * INVERSE_P, sum_q, Q2 * INVERSE_Q);
    [
        on.times_add(m[0], INVERSE_0, even),
        both(difference_p, P * INVERSE_P, difference_q, Q * INVERSE_Q),
        on.add(last, m[5]),
    ]
}
