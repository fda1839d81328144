//! How a program of Slipway's keeps its memory together.

/// Lets all threads share one arena of the C library's heap. By default each thread gets one of its own, and each keeps what
/// was once freed in it: 5 MiB more in a gateway after 200 steps. To be called before other threads are there; does
/// nothing where the C library is another one than glibc.
///
/// What threads allocate and free in quick succession stays in their own caches either way (`mallopt(3)`).
#[cfg_attr(
    all(target_os = "linux", target_env = "gnu"),
    expect(unsafe_code, reason = "the C library's setting has no safe function")
)]
pub fn share_one_arena() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: mallopt only stores the number, under the allocator's own lock.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}
