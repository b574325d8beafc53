//! Drover workers in Rust, over the C library (libdrover.so.1).
//!
//! `drover.h` is the reference. One thread owns a `Worker`: the library would
//! bear more, but what an event says is copied out here before the next one.

use std::ffi::{CStr, CString};
use std::fmt;
use std::os::raw::{c_char, c_int};
use std::os::unix::io::RawFd;
use std::ptr;

/// Opaque to us: only ever behind a pointer.
#[repr(C)]
struct Handle {
    _private: [u8; 0],
}

extern "C" {
    fn drover_strerror(error: c_int) -> *const c_char;
    fn drover_exit_code(error: c_int) -> c_int;
    fn drover_options_new(options: *mut *mut Handle) -> c_int;
    fn drover_options_free(options: *mut Handle);
    fn drover_options_set_name(options: *mut Handle, name: *const c_char) -> c_int;
    fn drover_options_set_sdk(options: *mut Handle, sdk: *const c_char) -> c_int;
    fn drover_options_add_capability(options: *mut Handle, capability: u32) -> c_int;
    fn drover_open(options: *const Handle, worker: *mut *mut Handle) -> c_int;
    fn drover_close(worker: *mut Handle);
    fn drover_listener(worker: *mut Handle, name: *const c_char) -> c_int;
    fn drover_fd(worker: *mut Handle) -> c_int;
    fn drover_next_event(worker: *mut Handle, timeout: c_int, event: *mut *const Handle) -> c_int;
    fn drover_event_kind(event: *const Handle) -> c_int;
    fn drover_event_exit_code(event: *const Handle) -> c_int;
    fn drover_state(worker: *mut Handle) -> c_int;
    fn drover_started(worker: *mut Handle, text: *const c_char) -> c_int;
    fn drover_stopped(worker: *mut Handle, text: *const c_char) -> c_int;
    fn drover_stopped_forced(worker: *mut Handle, text: *const c_char, abandoned: u32) -> c_int;
    fn drover_fatal(worker: *mut Handle, code: u32, text: *const c_char) -> c_int;
    fn drover_worker_session(worker: *const Handle) -> *const Handle;
    fn drover_session_pool(session: *const Handle) -> *const c_char;
    fn drover_session_slot(session: *const Handle) -> u32;
    fn drover_session_generation(session: *const Handle) -> u64;
}

const RESUME: u32 = 2;
const STOPPING: c_int = 4;

/// A call that failed. A program that cannot go on exits with `exit_code()`.
#[derive(Debug, Clone, Copy)]
pub struct Error(c_int);

impl Error {
    pub fn exit_code(self) -> i32 {
        unsafe { drover_exit_code(self.0) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str(&text(unsafe { drover_strerror(self.0) }))
    }
}

/// What there is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    Start,
    Stop,
    Quit,
    Lost,
    Deadline,
    End { exit_code: i32 },
    Other,
}

/// The channel to the supervisor.
pub struct Worker(*mut Handle);

impl Worker {
    /// `None` where no supervisor started this program.
    pub fn open(name: &str) -> Result<Option<Worker>, Error> {
        let mut options = ptr::null_mut();
        check(unsafe { drover_options_new(&mut options) })?;
        let mut worker = ptr::null_mut();
        let got = unsafe {
            drover_options_set_name(options, c_text(name).as_ptr());
            drover_options_set_sdk(options, c_text("drover-rust/1.0").as_ptr());
            drover_options_add_capability(options, RESUME);
            let got = drover_open(options, &mut worker);
            drover_options_free(options);
            got
        };
        Ok(if check(got)? == 0 { None } else { Some(Worker(worker)) })
    }

    /// The descriptor of the listening socket of that name; it is the caller's.
    pub fn listener(&self, name: &str) -> Result<RawFd, Error> {
        check(unsafe { drover_listener(self.0, c_text(name).as_ptr()) })
    }

    /// Readable when there is something to do; it stays the library's.
    pub fn fd(&self) -> Result<RawFd, Error> {
        check(unsafe { drover_fd(self.0) })
    }

    /// The next event that is there, without waiting.
    pub fn next_event(&mut self) -> Result<Option<Event>, Error> {
        let mut event = ptr::null();
        if check(unsafe { drover_next_event(self.0, 0, &mut event) })? == 0 {
            return Ok(None);
        }
        Ok(Some(match unsafe { drover_event_kind(event) } {
            2 => Event::Start,
            3 => Event::Stop,
            4 => Event::Quit,
            7 => Event::Lost,
            8 => Event::Deadline,
            11 => Event::End { exit_code: unsafe { drover_event_exit_code(event) } },
            _ => Event::Other,
        }))
    }

    pub fn is_stopping(&self) -> bool {
        unsafe { drover_state(self.0) == STOPPING }
    }

    /// An error where a stronger command has come meanwhile.
    pub fn started(&mut self) -> Result<(), Error> {
        check(unsafe { drover_started(self.0, ptr::null()) }).map(drop)
    }

    pub fn stopped(&mut self) -> Result<(), Error> {
        check(unsafe { drover_stopped(self.0, ptr::null()) }).map(drop)
    }

    pub fn stopped_forced(&mut self, abandoned: u32) -> Result<(), Error> {
        check(unsafe { drover_stopped_forced(self.0, ptr::null(), abandoned) }).map(drop)
    }

    /// Last words, before an exit with that code.
    pub fn fatal(&mut self, code: i32, why: &str) {
        unsafe { drover_fatal(self.0, code as u32, c_text(why).as_ptr()) };
    }

    /// `web/3 generation 2`, once Welcome was read.
    pub fn place(&self) -> String {
        unsafe {
            let session = drover_worker_session(self.0);
            format!(
                "{}/{} generation {}",
                text(drover_session_pool(session)),
                drover_session_slot(session),
                drover_session_generation(session)
            )
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        unsafe { drover_close(self.0) }
    }
}

fn check(result: c_int) -> Result<c_int, Error> {
    if result < 0 { Err(Error(result)) } else { Ok(result) }
}

fn c_text(text: &str) -> CString {
    CString::new(text).unwrap_or_default()
}

fn text(text: *const c_char) -> String {
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}
