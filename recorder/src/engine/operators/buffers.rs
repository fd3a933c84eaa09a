//! Memory that operators use again: fresh pages from the system cost as much time as the arithmetic
//! on them.
#![expect(
    unsafe_code,
    reason = "memory that is written before it is read is not cleared first"
)]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::mem::MaybeUninit;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is kept at most; beyond it the allocator takes over.
const MOST_VALUES_KEPT: usize = 128 << 20; // 512 MiB

/// Buffers that were given back.
#[derive(Default)]
struct Pool {
    by_capacity: BTreeMap<usize, SameCapacity>,
    kept: usize, // values
}

/// Buffers of one capacity. No more of them are kept than were in use at once: buffers that come from
/// elsewhere, step after step, would pile up.
#[derive(Default)]
struct SameCapacity {
    buffers: Vec<Vec<f32>>,
    in_use: usize,
    most_in_use: usize,
}

static POOL: Mutex<Pool> = Mutex::new(Pool {
    by_capacity: BTreeMap::new(),
    kept: 0,
});

fn pool() -> MutexGuard<'static, Pool> {
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A buffer of `length` values, whatever they are.
pub(crate) fn take(length: usize) -> Vec<f32> {
    let mut buffer = pool().take(length).unwrap_or_default();
    buffer.resize(length, 0.0);
    buffer
}

/// A buffer of `length` zeros.
pub(crate) fn zeros(length: usize) -> Vec<f32> {
    match pool().take(length) {
        Some(mut buffer) => {
            buffer.clear();
            buffer.resize(length, 0.0);
            buffer
        }
        None => vec![0.0; length],
    }
}

/// A buffer of `length` values that `fill` writes: zeros first would be one more pass over memory,
/// on one thread.
///
/// # Safety
/// `fill` writes every value.
pub(crate) unsafe fn written<T>(length: usize, fill: impl FnOnce(&mut [MaybeUninit<T>])) -> Vec<T> {
    // SAFETY: the caller promises the same.
    unsafe { overwritten(Vec::new(), length, fill) }
}

/// As [`written`], in a buffer that was given back where there is one.
///
/// # Safety
/// `fill` writes every value.
pub(crate) unsafe fn taken_and_written(
    length: usize,
    fill: impl FnOnce(&mut [MaybeUninit<f32>]),
) -> Vec<f32> {
    let buffer = pool().take(length).unwrap_or_default();
    // SAFETY: the caller promises the same.
    unsafe { overwritten(buffer, length, fill) }
}

/// # Safety
/// `fill` writes every value.
unsafe fn overwritten<T>(
    mut buffer: Vec<T>,
    length: usize,
    fill: impl FnOnce(&mut [MaybeUninit<T>]),
) -> Vec<T> {
    buffer.clear();
    buffer.reserve_exact(length);
    fill(&mut buffer.spare_capacity_mut()[..length]);
    // SAFETY: there is room for `length` values, and the caller promises that each is written.
    unsafe { buffer.set_len(length) };
    buffer
}

/// Sets all of `values` to one value, by which they may be read: for what is only then worked on, piece
/// by piece, in a thread's own cache.
#[inline(always)]
pub(crate) fn filled(values: &mut [MaybeUninit<f32>], value: f32) -> &mut [f32] {
    values.fill(MaybeUninit::new(value));
    // SAFETY: each has just been written.
    unsafe { values.assume_init_mut() }
}

/// Values as ones that need not be there, to be copied to such.
#[inline(always)]
pub(crate) fn as_uninitialised(values: &[f32]) -> &[MaybeUninit<f32>] {
    // SAFETY: a `MaybeUninit` has the layout of its value, and nothing is written through this.
    unsafe { &*(std::ptr::from_ref(values) as *const [MaybeUninit<f32>]) }
}

/// Gives a buffer back for others to use.
pub(crate) fn give(buffer: Vec<f32>) {
    pool().give(buffer);
}

/// Gives what is kept back to the system, where what comes next has other sizes.
pub(crate) fn forget() {
    *pool() = Pool::default();
}

impl Pool {
    /// The smallest buffer that is large enough, and not more than twice that. Of a length that was never asked for
    /// any larger one is taken: the last batch of an epoch is a small one, whose buffers would be kept beside the others.
    fn take(&mut self, length: usize) -> Option<Vec<f32>> {
        let most = match self.by_capacity.contains_key(&length) {
            true => 2 * length,
            false => usize::MAX,
        };
        let mut sizes = self.by_capacity.range_mut(length..=most);
        let Some((_, size)) = sizes.find(|(_, size)| !size.buffers.is_empty()) else {
            // The caller makes one of this capacity.
            self.by_capacity.entry(length).or_default().take();
            return None;
        };
        let buffer = size.take();
        self.kept -= buffer.as_ref().map_or(0, Vec::capacity);
        buffer
    }

    fn give(&mut self, buffer: Vec<f32>) {
        let capacity = buffer.capacity();
        let Some(size) = self.by_capacity.get_mut(&capacity) else {
            return;
        };
        size.in_use = size.in_use.saturating_sub(1);
        let has_room = self.kept + capacity <= MOST_VALUES_KEPT;
        if has_room && size.buffers.len() < size.most_in_use {
            self.kept += capacity;
            size.buffers.push(buffer);
        }
    }
}

impl SameCapacity {
    fn take(&mut self) -> Option<Vec<f32>> {
        self.in_use += 1;
        self.most_in_use = self.most_in_use.max(self.in_use);
        self.buffers.pop()
    }
}

thread_local! {
    static SCRATCH: RefCell<Vec<Vec<f32>>> = const { RefCell::new(Vec::new()) };
}

/// Runs `work` with this thread's own buffer of `length` zeros.
pub(crate) fn with_zeros<R>(length: usize, work: impl FnOnce(&mut [f32]) -> R) -> R {
    with_scratch(length, |scratch| {
        scratch.fill(0.0);
        work(scratch)
    })
}

/// Runs `work` with this thread's own buffer of `length` values, whatever they are.
pub(crate) fn with_scratch<R>(length: usize, work: impl FnOnce(&mut [f32]) -> R) -> R {
    // Taken out while it is used: `work` may itself ask for another.
    let mut buffer = SCRATCH.with_borrow_mut(Vec::pop).unwrap_or_default();
    if buffer.len() < length {
        buffer.resize(length, 0.0);
    }
    let result = work(&mut buffer[..length]);
    SCRATCH.with_borrow_mut(|scratch| scratch.push(buffer));
    result
}

/// As [`with_scratch`], from the beginning of a cache line on: registers that are as long as one do not reach over
/// its end then.
pub(crate) fn with_aligned<R>(length: usize, work: impl FnOnce(&mut [f32]) -> R) -> R {
    const LINE: usize = 16; // values
    with_scratch(length + LINE, |scratch| {
        let start = scratch.as_ptr().align_offset(4 * LINE).min(LINE);
        work(&mut scratch[start..start + length])
    })
}

/// Values as ones that need not be there, to be written.
///
/// # Safety
/// Nothing uninitialised is written.
pub(crate) unsafe fn as_uninitialised_mut(values: &mut [f32]) -> &mut [MaybeUninit<f32>] {
    // SAFETY: a `MaybeUninit` has the layout of its value; the rest is the caller's promise.
    unsafe { &mut *(std::ptr::from_mut(values) as *mut [MaybeUninit<f32>]) }
}

/// A buffer that operators keep from the forward to the backward pass; it goes back to the others
/// with its owner.
pub(crate) struct Kept(Vec<f32>);

impl Kept {
    pub(crate) fn new(values: Vec<f32>) -> Self {
        Self(values)
    }
}

impl std::ops::Deref for Kept {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.0
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        give(std::mem::take(&mut self.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_from_elsewhere_are_not_piled_up() {
        let mut pool = Pool::default();
        for _ in 0..1000 {
            assert_eq!(pool.take(10), None, "the caller makes one of 10");
            pool.give(vec![0.0; 7]);
        }
        assert_eq!(pool.kept, 0);
        // Of the 1,000 of 10 that are in use, two come back, and are used again.
        pool.give(vec![0.0; 10]);
        pool.give(vec![0.0; 10]);
        assert_eq!(pool.kept, 20);
        assert!(pool.take(9).is_some() && pool.take(10).is_some());
        assert_eq!((pool.take(10), pool.kept), (None, 0));
    }

    #[test]
    fn a_small_batch_uses_the_buffers_of_large_ones() {
        let mut pool = Pool::default();
        for _ in 0..3 {
            assert_eq!(pool.take(1000), None);
        }
        for _ in 0..3 {
            pool.give(vec![0.0; 1000]);
        }
        assert_eq!(pool.take(10).unwrap().capacity(), 1000);
        pool.give(vec![0.0; 1000]);
        assert_eq!((pool.kept, pool.by_capacity.len()), (3000, 1));
    }

    #[test]
    fn no_more_buffers_are_kept_than_were_in_use_at_once() {
        let mut pool = Pool::default();
        for _ in 0..100 {
            pool.take(8);
            pool.give(vec![0.0; 8]);
            pool.give(vec![0.0; 8]);
        }
        assert_eq!(pool.kept, 8);
    }

    #[test]
    fn zeros_are_zero_in_a_buffer_that_was_used() {
        take(12_345);
        give(vec![1.0; 12_345]);
        assert!(zeros(12_340).iter().all(|&value| value == 0.0));
    }

    #[test]
    fn scratch_within_scratch_is_another_buffer() {
        with_zeros(4, |outer| {
            outer.fill(1.0);
            with_zeros(4, |inner| assert_eq!(inner, [0.0; 4]));
            assert_eq!(outer, [1.0; 4]);
        });
    }
}
