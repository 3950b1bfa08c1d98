//! One call: its memory is made ready, it is announced, made, looked at and written down.

use std::borrow::Cow;
use std::sync::MutexGuard;

use crate::scenario::plan::{Length, PATTERN, Show, StepId};

use super::callbacks;
use super::engine_arrays;
use super::journal::{Journal, Tag, UNTOUCHED};
use super::memory::{Arena, Layout};
use super::prepared::{Place, Precall, Preoutput, Words};
use super::state::{Context, Run, State};
use super::trace::End;

/// The memory and the words of a call.
pub(super) struct Ready {
    arena: Arena,
    words: Words,
    /// The layout of this one call, where it depends on a variable.
    layout: Option<Box<Layout>>,
}

/// A call that has returned, for whoever watches what calls do to the process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Called<'c> {
    /// The documented name.
    pub(crate) function: &'c str,
    /// The first argument.
    pub(crate) argument: u64,
    /// What stands where the first argument points to, if that is memory of the call's own.
    pub(crate) pointed: Option<u64>,
    /// What it returned.
    pub(crate) code: i32,
}

/// What came of a call.
pub(super) enum Outcome {
    /// It returned this code, and what it wrote is in the journal or not, as asked.
    Returned(i32),
    /// It was not made: an argument was never bound, or the library lacks the function.
    NotMade,
}

/// Which attempts of a call are written down.
pub(super) type Keep<'k> = &'k dyn Fn(i32) -> bool;

/// Makes a call. `keep` tells by its code whether the attempt counts.
pub(super) fn call(run: &Run, context: &Context, call: usize, keep: Keep) -> Outcome {
    let precall = &run.prepared.calls[call];
    let mut state = run.lock();
    let late = late_write(run, &mut state);
    state
        .journal
        .begin(Tag::Begin, context.thread)
        .word(precall.step);
    let mut ready = match make_ready(&mut state, precall, call, context) {
        Ok(ready) => ready,
        Err(variable) => {
            never_bound(run, &mut state, context, variable);
            write_late(&mut state, late);
            return Outcome::NotMade;
        }
    };
    state.journal.announce_step(context.in_body);
    drop(state);

    let inside = callbacks::inside();
    // SAFETY: the words are numbers, addresses of this call's own memory, of our own functions, or
    // what the plan says that the library is meant to refuse.
    let code = unsafe { precall.function.call(&run.api, precall.form, &ready.words) };

    if callbacks::inside() != inside {
        callbacks::left(inside);
        jumped(run, precall);
        return Outcome::NotMade;
    }
    let mut state = run.lock();
    let Some(code) = code else {
        write_late(&mut state, late);
        lacking(run, state, precall);
        return Outcome::NotMade;
    };
    if let Some(watcher) = run.watcher {
        watcher(&called(precall, &ready, code));
    }
    if keep(code) {
        write_down(run, &mut state, context, precall, &mut ready, code, late);
    } else {
        state.journal.begin(Tag::Discard, context.thread);
        write_late(&mut state, late);
        settle(precall, &mut ready);
    }
    give_back(&mut state, call, ready);
    Outcome::Returned(code)
}

/// A library has come back from inside a callback without letting that come to its end. What the
/// frames in between held is lost, so nothing more is done in this process.
fn jumped(run: &Run, precall: &Precall) {
    let end = End::Died {
        step: StepId(precall.step),
        doing: precall.function.name.to_owned(),
        how: "left a callback by a jump: it had not come to its end".to_owned(),
    };
    run.stop(&mut run.lock(), end);
}

fn called<'c>(precall: &'c Precall, ready: &Ready, code: i32) -> Called<'c> {
    let first = precall.addresses.iter().find(|(word, _)| *word == 0);
    let pointed = first.and_then(|(_, place)| {
        let piece = layout_of(precall, ready)?.piece(place.piece as usize);
        let from = piece.start + place.offset as usize;
        Some(number(ready.arena.bytes(from..piece.end)))
    });
    Called {
        function: precall.function.name,
        argument: ready.words.first().copied().unwrap_or(0),
        pointed,
        code,
    }
}

/// Takes memory for the call and fills in what is known only now; the variable that was never bound
/// where one is missing.
fn make_ready(
    state: &mut State,
    precall: &Precall,
    call: usize,
    context: &Context,
) -> Result<Ready, usize> {
    let mut ready = match &precall.layout {
        None => sized_now(state, precall)?,
        Some(layout) => match state.pools[call].pop() {
            Some(mut ready) => {
                ready.arena.prepare(layout);
                ready
            }
            None => with_addresses(precall, layout),
        },
    };
    for &(word, live) in &precall.live_words {
        ready.words[word] = state.live(context, live)?;
    }
    let Some(layout) = precall.layout.as_ref().or(ready.layout.as_deref()) else {
        return Ok(ready);
    };
    for (number, piece) in precall.pieces.iter().enumerate() {
        for &(offset, size, live) in &piece.live {
            let at = layout.piece(number).start + offset;
            ready.arena.put(at, size, state.live(context, live)?);
        }
    }
    Ok(ready)
}

/// The memory of a call whose size depends on a variable.
fn sized_now(state: &State, precall: &Precall) -> Result<Ready, usize> {
    let sources = || {
        precall
            .pieces
            .iter()
            .filter_map(|piece| piece.source.as_deref())
    };
    let mut contents = Vec::with_capacity(precall.pieces.len());
    for source in sources() {
        contents.push(match source.from {
            None => Cow::Borrowed(&*source.memory.bytes),
            Some(variable) => {
                let held = state.variables.get(variable);
                let held = &*held.filter(|held| held.bound).ok_or(variable)?.bytes;
                match source.is_text {
                    // A zero unit in either width, behind half a unit too.
                    true => Cow::Owned([held, &[0, 0, 0]].concat()),
                    false => Cow::Borrowed(held),
                }
            }
        });
    }
    let pieces = sources().map(|source| &source.memory);
    let contents = contents.iter().map(|content| &**content);
    let layout = Layout::new(pieces.zip(contents));
    let mut ready = with_addresses(precall, &layout);
    ready.layout = Some(Box::new(layout));
    Ok(ready)
}

/// New memory, with the addresses of its pieces where the words and other pieces hold them.
fn with_addresses(precall: &Precall, layout: &Layout) -> Ready {
    let mut ready = Ready {
        arena: Arena::new(layout),
        words: precall.words.clone(),
        layout: None,
    };
    let Ready { arena, words, .. } = &mut ready;
    let start = |place: Place| layout.piece(place.piece as usize).start + place.offset as usize;
    for &(word, place) in &precall.addresses {
        words[word] = arena.address(start(place));
    }
    for (number, piece) in precall.pieces.iter().enumerate() {
        for &(offset, other) in &piece.addresses {
            let address = arena.address(start(other));
            arena.put(layout.piece(number).start + offset, 8, address);
        }
    }
    arena.prepare(layout);
    ready
}

fn layout_of<'r>(precall: &'r Precall, ready: &'r Ready) -> Option<&'r Layout> {
    precall.layout.as_ref().or(ready.layout.as_deref())
}

fn settle(precall: &Precall, ready: &mut Ready) {
    let Ready { arena, layout, .. } = ready;
    if let Some(layout) = precall.layout.as_ref().or(layout.as_deref()) {
        arena.settle(layout);
    }
}

/// Memory of earlier calls that stays allocated for each step whose memory depends on a variable.
const KEPT: usize = 16;

fn give_back(state: &mut State, call: usize, ready: Ready) {
    state.last_call = Some(call);
    let pool = &mut state.pools[call];
    if pool.len() >= KEPT {
        pool.remove(0);
    }
    pool.push(ready);
}

/// A write into the memory of the call that returned last, since it returned.
struct Late {
    step: u32,
    piece: usize,
}

fn late_write(run: &Run, state: &mut State) -> Option<Late> {
    let call = state.last_call?;
    let precall = &run.prepared.calls[call];
    let ready = state.pools[call].last_mut()?;
    let layout = layout_of(precall, ready)?;
    let piece = ready.arena.late_write(layout)?;
    ready.arena.settle_all();
    let step = precall.step;
    Some(Late { step, piece })
}

/// Writes down by itself what no record of a call takes.
fn write_late(state: &mut State, late: Option<Late>) {
    if let Some(Late { step, piece }) = late {
        let record = state.journal.begin(Tag::Late, 0).word(step);
        record.word(piece as u32);
    }
}

/// Looks once more at the memory of every call and writes down what came late: step, piece.
pub(super) fn late_writes(run: &Run, state: &mut State) {
    let State { journal, pools, .. } = state;
    for (precall, pool) in run.prepared.calls.iter().zip(pools) {
        for ready in pool {
            let late = layout_of(precall, ready).and_then(|layout| ready.arena.late_write(layout));
            if let Some(piece) = late {
                let record = journal.begin(Tag::Late, 0).word(precall.step);
                record.word(piece as u32);
            }
        }
    }
}

/// Gives the memory of all calls away, at the end of a run.
pub(super) fn memory(state: &mut State) -> impl Iterator<Item = Arena> {
    let pools = std::mem::take(&mut state.pools);
    pools.into_iter().flatten().map(|ready| ready.arena)
}

fn never_bound(run: &Run, state: &mut State, context: &Context, variable: usize) {
    let name = match run.plan.variables.get(variable) {
        Some(variable) => &*variable.name,
        None => "?",
    };
    let text = format!("`{name}` was never given a value: the call was not made");
    state
        .journal
        .begin(Tag::Failed, context.thread)
        .bytes(text.as_bytes());
}

fn lacking(run: &Run, mut state: MutexGuard<State>, precall: &Precall) {
    let end = End::Unsupported {
        step: StepId(precall.step),
        function: precall.function.symbol(precall.form).to_owned(),
    };
    run.stop(&mut state, end);
}

/// The kinds of violation in the journal.
pub(super) const OUTSIDE: u8 = 0;
pub(super) const INPUT: u8 = 1;
pub(super) const LATE: u8 = 2;

fn write_down(
    run: &Run,
    state: &mut State,
    context: &Context,
    precall: &Precall,
    ready: &mut Ready,
    code: i32,
    late: Option<Late>,
) {
    let trespass = layout_of(precall, ready).and_then(|layout| ready.arena.trespass(layout));
    let count = u8::from(trespass.is_some()) + u8::from(late.is_some());
    let mut record = state
        .journal
        .begin(Tag::Return, context.thread)
        .word(code as u32)
        .byte(count);
    if let Some(late) = late {
        record = record.byte(LATE).word(late.step);
        record = record.word(late.piece as u32).long(0);
    }
    if let Some(trespass) = trespass {
        let kind = if trespass.inside { INPUT } else { OUTSIDE };
        record = record.byte(kind).word(precall.step);
        record
            .word(trespass.piece as u32)
            .long(trespass.offset as u64);
        ready.arena.settle_all();
    }
    if let Some(layout) = layout_of(precall, ready) {
        outputs(run, state, precall, &ready.arena, layout, code);
    }
    settle(precall, ready);
}

/// Writes the outputs down and gives the variables their values.
fn outputs(
    run: &Run,
    state: &mut State,
    precall: &Precall,
    arena: &Arena,
    layout: &Layout,
    code: i32,
) {
    for (output, range) in precall.outputs.iter().zip(layout.outputs()) {
        if arena.untouched(range.clone()) {
            write_output(&mut state.journal, None);
            continue;
        }
        let Some(bytes) = shown(output, arena, layout, range.clone()) else {
            write_output(&mut state.journal, None);
            continue;
        };
        if let Show::EngineArray { count } = output.show {
            let at_start = Length {
                memory: count,
                offset: 0,
            };
            let count = read_u32(arena, layout, at_start).unwrap_or(0);
            let array = engine_arrays::read(output.elements, precall.form, bytes, count, code);
            let address = number(bytes);
            write_output(&mut state.journal, Some(&array));
            if let Some(variable) = output.bind.filter(|_| code >= 0) {
                state.set_number(variable, address);
            }
            continue;
        }
        write_output(&mut state.journal, Some(bytes));
        let Some(variable) = output.bind.filter(|_| code >= 0) else {
            continue;
        };
        if super::state::holds_bytes(run.plan.variables[variable].kind) {
            state.set_bytes(variable, bytes);
        } else {
            state.set_number(variable, number(bytes));
        }
    }
}

fn write_output(journal: &mut Journal, bytes: Option<&[u8]>) {
    match bytes {
        Some(bytes) => journal.extend(bytes),
        None => journal.extend_word(UNTOUCHED),
    }
}

/// The part of an output that counts: what the call says it wrote, or all up to what it left alone.
/// `None` where a pointer leads out of the memory that it is part of, or is null.
fn shown<'a>(
    output: &Preoutput,
    arena: &'a Arena,
    layout: &Layout,
    range: std::ops::Range<usize>,
) -> Option<&'a [u8]> {
    let bytes = arena.bytes(range.clone());
    Some(match output.show {
        Show::TextInside(_) | Show::TextsInside(_) => {
            let piece = layout.around(range);
            let at = number(bytes).checked_sub(arena.address(piece.start))?;
            let start = piece.start.checked_add(usize::try_from(at).ok()?)?;
            if start >= piece.end {
                return None;
            }
            written(arena.bytes(start..piece.end))
        }
        Show::Scalar(_) | Show::Pointer | Show::EngineArray { .. } => bytes,
        Show::Bytes {
            length: Some(length),
        } => match read_u32(arena, layout, length) {
            Some(length) => &bytes[..bytes.len().min(length as usize)],
            None => written(bytes),
        },
        Show::Bytes { length: None } | Show::Text(_) | Show::TextList(_) => written(bytes),
        Show::Shared => return None,
    })
}

/// What stands before the untouched end of a buffer.
fn written(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| *byte != PATTERN);
    &bytes[..end.map_or(0, |end| end + 1)]
}

/// The 32-bit number in a piece, `None` where nothing was written.
fn read_u32(arena: &Arena, layout: &Layout, place: Length) -> Option<u32> {
    let piece = layout.piece(place.memory.0 as usize);
    let start = piece.start + place.offset as usize;
    let range = start..start + 4;
    if range.end > piece.end {
        return None;
    }
    if arena.untouched(range.clone()) {
        return None;
    }
    let bytes = <[u8; 4]>::try_from(arena.bytes(range)).ok()?;
    Some(u32::from_le_bytes(bytes))
}

/// Up to 8 bytes as a number.
pub(super) fn number(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    let size = bytes.len().min(8);
    word[..size].copy_from_slice(&bytes[..size]);
    u64::from_le_bytes(word)
}
